"""Read YAML without guessing, keeping the line of every entry.

YAML itself reads `no` as false, `010` as 8, takes duplicate keys and lets one
block hide behind an alias. A rule file that decides about money may do none of
these: each is refused with its line. What is left is text, whole numbers,
decimals (exact), true, false and null. Lines may end in LF or CRLF.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import yaml

from policy_match.errors import Issue

Scalar: TypeAlias = str | int | bool | Decimal | None
Data: TypeAlias = "Scalar | list[Data] | dict[str, Data]"
Step: TypeAlias = str | int

MAX_BYTES = 256 * 1024
MAX_DEPTH = 60
MAX_DIGITS = 30
_INT = re.compile(r"-?(0|[1-9][0-9]*)$")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+$")
_MARKS = re.compile(r"[&*!]")
# What a line that cannot be read usually holds: the code, what, allowed and hint of its error.
_SLIPS = {
    re.compile(r"^ *\t"): ("YAML_TAB", "用了制表符缩进", "空格", "把制表符换成两个空格"),
    re.compile(r"^\s*(- )?[\w\"']+："): ("YAML_COLON", "用了全角冒号", "半角冒号加一个空格", "写成“键: 值”"),
    re.compile(r"[{[].*，\s*[A-Za-z_]\w*\s*[:：]"): ("YAML_COMMA", "用了全角逗号", "半角逗号加一个空格", "写成 {键: 值, 键: 值}"),
    re.compile(r"^\s*(- )?[A-Za-z_]\w*:[^\s]"): ("YAML_COLON", "冒号后面没有空格", "半角冒号加一个空格", "写成“键: 值”"),
    re.compile(r"^\s*(- )?[A-Za-z_]\w*: [^\"'{\[#].*: "): ("YAML_COLON", "文字里又有冒号加空格", "带引号的文字", "给整段文字加上引号"),
}  # fmt: skip
_INDENT = (
    "第 {line} 行或上一行缩进不齐",
    "同一组的各行，开头空格一样多",
    "对齐两行开头的空格；也看看上面的引号是否成对",
)
_UNEVEN = ("did not find expected key", "did not find expected '-' indicator", "mapping values are not allowed in this context")  # fmt: skip
_BRACKET = ("括号没有写完，或两项之间少了逗号", "成对的 { } 和 [ ]，各项用半角逗号隔开", "从这一行往上找没有写完的括号")
_PROBLEMS = {
    **dict.fromkeys(_UNEVEN, _INDENT),
    "did not find expected ',' or '}'": _BRACKET,
    "did not find expected ',' or ']'": _BRACKET,
    "found unexpected end of stream": ("引号没有写完", "成对的引号", "从上往下找只写了一边的引号"),
    "found character that cannot start any token": ("文字不能以 @、%、` 开头", "带引号的文字", "给整段文字加上引号"),
}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_AMBIGUOUS = re.compile(
    r"(yes|no|on|off|y|n|~|true|false|null|[-+]?\.(inf|nan))$|[-+]?[0-9][0-9_]*$|[-+.0-9][0-9_.]*(e[-+]?[0-9]+)?$"
    r"|0[xo][0-9a-f]+$|[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2})?([ t].*)?$|[0-9]+(:[0-9]+)+$",
    re.IGNORECASE,
)


class _Loader(yaml.CSafeLoader):
    """Without YAML's own guesses about plain words, which `_Reader.scalar` replaces."""

    def resolve(self, *_: object) -> str:
        """No guess: tags are refused, kinds of node are told by their class."""
        return ""


@dataclass(slots=True)
class Document:
    """The data of one file, the line of every entry, and what was refused.

    `lines` maps the path of an entry (keys and list positions) to its line, counted from 1.
    """

    path: str
    data: Data = None
    lines: dict[tuple[Step, ...], int] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def line(self, path: tuple[Step, ...]) -> int:
        """Line of the entry at `path`, or of the nearest entry around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1

    def where(self, path: tuple[Step, ...]) -> str:
        """`file:line` of the entry at `path`."""
        return f"{self.path}:{self.line(path)}"

    def refuse(self, code: str, what: str, line: int, allowed: str, hint: str) -> None:
        """Add a fault at a line of the text."""
        self.issues.append(Issue(code, what, f"{self.path}:{line}", allowed, hint))


def read_file(path: Path, *, shown_as: str | None = None) -> Document:
    """Read one file. Nothing is raised for its content: see `issues` of the result."""
    return read_text(path.read_bytes(), shown_as or str(path))


def read_text(raw: bytes | str, shown_as: str) -> Document:
    """Read YAML from memory; errors are collected in the document, never raised."""
    document = Document(shown_as)
    text = _decoded(raw.encode() if isinstance(raw, str) else raw, document)
    if text is None:
        return document
    try:
        node = yaml.compose(text, Loader=_Loader)
        _refuse_marks(text, document)
    except yaml.YAMLError as error:
        document.issues.append(_syntax_issue(error, text, shown_as))
        return document
    if node is None:
        document.refuse("YAML_EMPTY", "文件里没有内容", 1, "“键: 值”的内容", "补上内容，或删去这个文件")
    elif not document.issues:
        document.data = _Reader(document).read(node, ())
    return document


def _decoded(content: bytes, document: Document) -> str | None:
    """The text of the file; None where its size or encoding is refused."""
    if len(content) > MAX_BYTES:
        document.refuse("YAML_SIZE", f"文件超过 {MAX_BYTES // 1024} KB", 1, "", "请拆分为多个文件")
        return None
    if content.startswith(codecs.BOM_UTF8):
        document.refuse("YAML_ENCODING", "文件开头有字节顺序标记（BOM）", 1, "UTF-8", "另存为 UTF-8（无 BOM）")
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        document.refuse("YAML_ENCODING", "不是 UTF-8 编码", line, "UTF-8", "请另存为 UTF-8")
        return None


def _refuse_marks(text: str, document: Document) -> None:
    """Refuse anchors, aliases and tags, which a composed tree no longer shows."""
    if not _MARKS.search(text):
        return
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
            document.refuse(
                "YAML_ALIAS", f"使用了锚点或别名“{token.value}”", line, "逐条写明", "把引用处的内容完整写出来"
            )
        elif isinstance(token, yaml.TagToken):
            document.refuse(
                "YAML_TAG", "不允许类型标记（!）", line, "普通文字或数字", "删去标记；文字以 ! 开头时加引号"
            )


def _syntax_issue(error: yaml.YAMLError, text: str, shown_as: str) -> Issue:
    """The usual slips by name; anything else with the words of the parser."""
    mark, position = getattr(error, "problem_mark", None), getattr(error, "position", None)
    number = mark.line + 1 if mark else text[:position].count("\n") + 1 if isinstance(position, int) else 1
    lines = text.splitlines()
    # A plain text runs on into the next line, so that the parser stumbles one line below the slip.
    for near, line in enumerate(lines[max(number - 2, 0) : number], start=max(number - 1, 1)):
        for pattern, (code, what, allowed, hint) in _SLIPS.items():
            if pattern.search(line):
                return Issue(code, what, f"{shown_as}:{near}", allowed, hint)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "读不下去")
    what, allowed, hint = _PROBLEMS.get(problem, (f"YAML 语法错误（{problem}）", "", "检查缩进、冒号、引号和括号"))
    line = lines[number - 1] if number <= len(lines) else ""
    if problem in _UNEVEN and any(line.count(closing) > line.count(opening) for opening, closing in ("{}", "[]")):
        what, allowed, hint = "括号多了一个", "成对的括号", "删去多的一个"
    return Issue("YAML_SYNTAX", what.format(line=number), f"{shown_as}:{number}", allowed, hint)


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document

    def refuse(self, code: str, what: str, node: yaml.Node, allowed: str, hint: str) -> None:
        self.document.refuse(code, what, node.start_mark.line + 1, allowed, hint)

    def read(self, node: yaml.Node, path: tuple[Step, ...]) -> Data:
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > MAX_DEPTH:
            self.refuse("YAML_DEPTH", "嵌套过深", node, f"不超过 {MAX_DEPTH} 层", "拆开写")
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        return self.scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def mapping(self, node: yaml.MappingNode, path: tuple[Step, ...]) -> dict[str, Data]:
        result: dict[str, Data] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            if key is None:
                continue
            if key in result:
                self.refuse("YAML_DUPLICATE", f"键“{key}”重复", key_node, "每个键只写一次", "删去或改名其中一个")
                continue
            self.document.lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = self.read(value_node, (*path, key))
        return result

    def key(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.refuse("YAML_KEY", "键必须是文字", node, "单个词", "不要用列表或对象作键")
            return None
        # A word (on, n) is a key like any other: keys are never read as truth values.
        if node.value.isidentifier():
            return str(node.value)
        if node.value == "<<":
            self.refuse("YAML_ALIAS", "使用了合并键 <<", node, "逐条写明", "把引用处的内容完整写出来")
            return None
        for colon, what in () if node.style else (("：", "用了全角冒号"), (":", "冒号后面没有空格")):
            if colon in node.value:
                self.refuse("YAML_COLON", f"“{node.value[:20]}”{what}", node, "半角冒号加一个空格", "写成“键: 值”")
                return None
        if not node.style and _AMBIGUOUS.match(node.value):
            self.refuse("YAML_KEY", f"键“{node.value}”会被误读", node, "带引号的文字", f'写成 "{node.value}"')
            return None
        return str(node.value)

    def scalar(self, node: yaml.ScalarNode) -> Scalar:
        value = str(node.value)
        if node.style in ("'", '"', "|", ">"):
            return value
        if value == "" or value in _WORDS:
            return _WORDS.get(value)
        if len(value) <= MAX_DIGITS and _INT.match(value):
            return int(value)
        if len(value) <= MAX_DIGITS and _DECIMAL.match(value):
            return Decimal(value)
        if _AMBIGUOUS.match(value):
            self.refuse(
                "YAML_AMBIGUOUS", f"“{value[:40]}”会被误读", node, "日期、编码和词语加引号", f'写成 "{value[:40]}"'
            )
            return None
        return value
