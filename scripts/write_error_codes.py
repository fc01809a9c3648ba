"""Write docs/error-codes.zh.md: every code the program answers, its status, what it says and what to do.

Read from the code itself: each `Issue("CODE", …)` in src/ and api/, also where a small function passes the code on,
and the table of api/policy_match_api/error_codes.py.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policy_match.errors import Conflict, FactError, Forbidden, NotFound, PolicyMatchError, RuleError, UsageError
from policy_match_api.error_codes import CODES, ROWS, ErrorCode, status_of

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "error-codes.zh.md"
CODE = re.compile(r"[A-Z][A-Z0-9_]*")
WRITTEN = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
CLASSES = (NotFound, Forbidden, Conflict, UsageError, FactError, RuleError, PolicyMatchError)
STATUSES = {kind.__name__: status_of("", kind()) for kind in CLASSES}
TEXTS, HINTS = ("what", "why"), ("hint",)
SHOWN = 3
HEAD = """# 错误代码

接口出错时回 problem+json：`code` 是下表的代码，`message_zh` 说哪里不对，`hint_zh` 说怎么办，`field` 是哪个参数或字段，
`allowed` 是允许的值，`trace_id` 供管理员查日志。命令行和逐行退回的文件用同样的代码。逐行退回的行不影响整个请求的状态码。

本表由 `scripts/write_error_codes.py` 从程序写出，不手改；“…”处是当时的值。同一代码在几处出现的，列其中不同的说法。
"""


# What reads the rule folder when the service starts, and the command line: no request meets their faults.
NOT_ASKED = re.compile(
    r"src/policy_match/(authoring/|proving/|strict_yaml|cli|command_|facts/vocabulary_file"
    r"|exchange/(lexicon|organisation|ranking_file|register_file|letterhead|entitlement_file|permissions_file"
    r"|industry_lessons|ranking_labels|taxonomies|calendars|fact_folder)"
    r"|workflows/(check_rules|prove_rules|start_rule|cover_entries|show_sheet|extract_document|open_channels|match_batch"
    r"|spread_parts))"
)


@dataclass(frozen=True, slots=True)
class Raised:
    """One place that gives a code. `status`: by the class of the error made around it, None where there is none."""

    code: str
    path: str
    what: str
    hint: str
    status: int | None


@dataclass(frozen=True, slots=True)
class Giver:
    """What is called with a code: its parameters in order, the status of the error it makes, and what it says by itself."""

    parameters: tuple[str, ...]
    status: int | None = None
    module: str = "policy_match.errors"
    is_method: bool = False
    what: str = ""
    hint: str = ""


ISSUE = Giver(("code", "what", "where", "allowed", "hint"))


class Module:
    """One source file: its tree, the parent of every node, and the values given to names."""

    def __init__(self, path: Path) -> None:
        self.path = path.relative_to(ROOT).as_posix()
        self.name = self.path.partition("/")[2].removesuffix(".py").replace("/", ".")
        self.tree = ast.parse(path.read_text("utf-8"))
        nodes = [*ast.walk(self.tree)]
        self.parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        self.calls = [node for node in nodes if isinstance(node, ast.Call)]
        froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        self.imported = {(node.module, one.asname or one.name) for node in froms for one in node.names}
        self.values: dict[str, list[ast.expr]] = defaultdict(list)
        for node in nodes:
            if isinstance(node, ast.Assign):
                for name, value in _pairs(node.targets[0], node.value):
                    self.values[name].append(value)

    def codes(self, node: ast.expr | None) -> set[str]:
        """The codes that an expression may be; where it does not show, every word of this file that looks like a code."""
        if isinstance(node, ast.Constant):
            return {str(node.value)}
        if isinstance(node, ast.IfExp):
            return self.codes(node.body) | self.codes(node.orelse)
        values = self.values.get(node.id, []) if isinstance(node, ast.Name) else []
        if values and all(isinstance(value, (ast.Constant, ast.IfExp)) for value in values):
            return {code for value in values for code in self.codes(value)}
        texts = (n.value for n in ast.walk(self.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
        return set() if isinstance(node, ast.Attribute) else {text for text in texts if WRITTEN.fullmatch(text)}

    def text(self, node: ast.expr | None) -> str:
        """What is written of a text; “…” for what is put in when it is said."""
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.JoinedStr):
            return "".join("…" if isinstance(part, ast.FormattedValue) else self.text(part) for part in node.values)
        if isinstance(node, ast.BinOp):
            return self.text(node.left) + self.text(node.right)
        if isinstance(node, ast.IfExp):
            return f"{self.text(node.body)} / {self.text(node.orelse)}"
        before = [v for v in self.values.get(getattr(node, "id", ""), []) if v.lineno <= getattr(node, "lineno", 0)]
        near = [v for v in before if self.around(v) is self.around(node or self.tree)]
        return "" if node is None else self.text(near[-1]) if near else "…"

    def status(self, node: ast.AST) -> int | None:
        """The status of the nearest error that is made around a node."""
        while (node := self.parents.get(node, self.tree)) is not self.tree and not isinstance(node, ast.FunctionDef):
            if isinstance(node, ast.Call) and _name(node) in STATUSES:
                return STATUSES[_name(node)]
        return None

    def around(self, node: ast.AST) -> ast.FunctionDef | None:
        """The function around a node."""
        while node is not self.tree and not isinstance(node, ast.FunctionDef):
            node = self.parents[node]
        return node if isinstance(node, ast.FunctionDef) else None


def lacking() -> dict[str, str]:
    """Codes that a request may meet and that have no row in error_codes.py, each with a file that gives it."""
    return {one.code: one.path for one in every() if not NOT_ASKED.match(one.path) and one.code not in ROWS}


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, its)


@cache
def every() -> tuple[Raised, ...]:
    """Every place that gives a code, by code and place."""
    modules = [Module(path) for folder in ("src", "api") for path in sorted((ROOT / folder).rglob("*.py"))]
    own = {module.name: _givers(module) for module in modules}
    shared = [(name, giver) for givers in own.values() for name, giver in givers.items() if not name.startswith("_")]
    found: list[Raised] = []
    for module in modules:
        seen = {n: g for n, g in shared if g.is_method or (g.module, n) in module.imported}
        found += _raised(module, {"Issue": ISSUE, **seen, **own[module.name]})
    told = (one for one in found if CODE.fullmatch(one.code))
    return tuple(sorted(told, key=lambda one: (one.code, one.path, one.what)))


def _givers(module: Module) -> dict[str, Giver]:
    """Functions of a file that pass a parameter `code` on to `Issue`, or to one another."""
    found: dict[str, Giver] = {}
    for _ in range(2):
        for call in module.calls:
            giver, function = {"Issue": ISSUE, **found}.get(_name(call)), _passing(module, call)
            if giver is not None and function is not None and _is_code(_argument(call, giver, ("code",))):
                is_method = isinstance(module.parents[function], ast.ClassDef)
                status = module.status(call) or giver.status
                said = (module.text(_argument(call, giver, names)) for names in (TEXTS, HINTS))
                found[function.name] = Giver(_parameters(function), status, module.name, is_method, *said)
    return found


def _passing(module: Module, call: ast.Call) -> ast.FunctionDef | None:
    """The function around a call that has a parameter `code`."""
    function = module.around(call)
    while function is not None and "code" not in _parameters(function):
        function = module.around(module.parents[function])
    return function


def _is_code(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "code"


def _raised(module: Module, givers: Mapping[str, Giver]) -> Iterator[Raised]:
    for call in module.calls:
        giver = givers.get(_name(call))
        if giver is None:
            continue
        code = _argument(call, giver, ("code",))
        if _is_code(code) and _passing(module, call) is not None:
            continue
        what, hint = (module.text(_argument(call, giver, names)) for names in (TEXTS, HINTS))
        for found in module.codes(code):
            status = module.status(call) or giver.status
            yield Raised(found, module.path, what or giver.what, hint or giver.hint, status)


def _parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    names = (one.arg for one in (*function.args.posonlyargs, *function.args.args))
    return tuple(name for name in names if name != "self")


def _argument(call: ast.Call, giver: Giver, names: Sequence[str]) -> ast.expr | None:
    named = {one.arg: one.value for one in call.keywords if one.arg}
    given = {**dict(zip(giver.parameters, call.args, strict=False)), **named}
    return next((given[name] for name in names if name in given), None)


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def document() -> str:
    """The whole file."""
    places: dict[str, list[Raised]] = defaultdict(list)
    for one in every():
        places[one.code].append(one)
    parts = [HEAD]
    for subject, codes in CODES.items():
        parts.append(f"\n## {subject}\n\n| 代码 | 状态 | 说什么 | 怎么办 | 英文 |\n|---|---|---|---|---|\n")
        parts.extend(_row(code, places[code.code]) for code in codes)
    parts.append("\n## 规则文件与命令行\n\n接口不会回这些代码。\n\n| 代码 | 说什么 | 怎么办 |\n|---|---|---|\n")
    for code in sorted(places.keys() - ROWS.keys()):
        parts.append(_line(f"`{code}`", *_texts(places[code])))
    return "".join(parts)


def _row(code: ErrorCode, raised: Sequence[Raised]) -> str:
    statuses = {code.status} if code.status else {one.status or 400 for one in raised}
    shown = "、".join(str(status) for status in sorted(filter(None, statuses)))
    return _line(f"`{code.code}`", shown, *_texts(raised), code.english)


def _texts(raised: Sequence[Raised]) -> tuple[str, str]:
    """What a code says and what to do, each wording once."""
    return _once([one.what for one in raised]), _once([one.hint for one in raised])


def _once(texts: Sequence[str]) -> str:
    told = [text for text in dict.fromkeys(texts) if text.strip("… /")]
    return "<br>".join(told[:SHOWN]) + ("<br>…" if len(told) > SHOWN else "")


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


if __name__ == "__main__":
    TARGET.write_text(document(), "utf-8")
