"""Read YAML without guessing, keeping the line of every entry.

YAML itself reads `no` as false, `010` as 8, takes duplicate keys and lets one
block hide behind an alias. A rule file that decides about money may do none of
these: each is refused with its line. What is left is text, whole numbers,
decimals (exact), true, false and null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_INT = re.compile(r"-?(0|[1-9][0-9]*)$")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+$")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_AMBIGUOUS = re.compile(
    r"(yes|no|on|off|y|n|~|true|false|null)$|[-+]?[0-9][0-9_]*$|[-+.0-9][0-9_.]*(e[-+]?[0-9]+)?$"
    r"|0[xo][0-9a-f]+$|[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2})?([ t].*)?$|[0-9]+(:[0-9]+)+$",
    re.IGNORECASE,
)


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


def read_file(path: Path, *, shown_as: str | None = None) -> Document:
    """Read one file. Nothing is raised for its content: see `issues` of the result."""
    return read_text(path.read_bytes(), shown_as or str(path))


def read_text(raw: bytes | str, shown_as: str) -> Document:
    """Read YAML from memory; errors are collected in the document, never raised."""
    document = Document(shown_as)
    content = raw.encode() if isinstance(raw, str) else raw
    if len(content) > MAX_BYTES:
        document.issues.append(Issue("YAML_SIZE", "文件超过 256 KB", f"{shown_as}:1", "", "请拆分为多个文件"))
        return document
    try:
        text = content.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        document.issues.append(
            Issue("YAML_ENCODING", "不是 UTF-8 编码", f"{shown_as}:{line}", "UTF-8", "请另存为 UTF-8")
        )
        return document
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        document.issues.append(
            Issue("YAML_SYNTAX", f"YAML 语法错误（{problem}）", f"{shown_as}:{line}", "", "检查缩进、冒号、引号和括号")
        )
        return document
    if node is not None:
        document.data = _Reader(document).read(node, ())
    return document


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def refuse(self, code: str, what: str, node: yaml.Node, allowed: str, hint: str) -> None:
        where = f"{self.document.path}:{node.start_mark.line + 1}"
        self.document.issues.append(Issue(code, what, where, allowed, hint))

    def read(self, node: yaml.Node, path: tuple[Step, ...]) -> Data:
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.seen:
            self.refuse("YAML_ALIAS", "使用了锚点或别名", node, "逐条写明", "把引用处的内容完整写出来")
            return None
        self.seen.add(id(node))
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
        if node.value == "<<":
            self.refuse("YAML_ALIAS", "使用了合并键 <<", node, "逐条写明", "把引用处的内容完整写出来")
            return None
        if not node.style and _AMBIGUOUS.match(node.value):
            self.refuse("YAML_KEY", f"键“{node.value}”会被误读", node, "带引号的文字", f'写成 "{node.value}"')
            return None
        return str(node.value)

    def scalar(self, node: yaml.ScalarNode) -> Scalar:
        value = str(node.value)
        if node.tag.startswith("!"):
            self.refuse("YAML_TAG", f"不允许类型标记 {node.tag}", node, "普通文字或数字", "删去标记")
            return None
        if node.style in ("'", '"', "|", ">"):
            return value
        if value == "" or value in _WORDS:
            return _WORDS.get(value)
        if _INT.match(value):
            return int(value)
        if _DECIMAL.match(value):
            return Decimal(value)
        if _AMBIGUOUS.match(value):
            self.refuse("YAML_AMBIGUOUS", f"“{value}”会被误读", node, "日期、编码和词语加引号", f'写成 "{value}"')
            return None
        return value


def walk(data: Data, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Data]]:
    """Every entry of `data` with its path, depth first, in file order."""
    yield path, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from walk(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from walk(value, (*path, index))
