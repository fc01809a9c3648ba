"""An HTML page as lines: blocks break a line, cells of a row are parted by a tab, what nobody sees is kept apart."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from policy_match.text.extract.page import Page

_SILENT = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "select",
        "option",
        "button",
        "input",
        "textarea",
        "svg",
        "iframe",
        "object",
    }
)
_INLINE = frozenset(
    ["a", "abbr", "acronym", "b", "bdo", "big", "cite", "code", "dfn", "em", "font", "i", "img", "ins", "kbd", "label",
     "mark", "o:p", "q", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"]
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])|(?:left|top|text-indent)\s*:\s*-\d{3,}|height\s*:\s*0(?:px)?\s*;[^\"]*overflow\s*:\s*hidden",
    re.IGNORECASE,
)
_WHITE = re.compile(r"(?<!-)color\s*:\s*(?:#fff(?:fff)?\b|white\b)", re.IGNORECASE)
_BLANK = re.compile(r"[ \r\n\t\f]+")
_TITLES = ("h1", "h2", "h3", "[class*=title i], [id*=title i], [class*=biaoti i]", "title")
_META_TITLES = ("ArticleTitle", "og:title", "Title")
_DEEPEST = 400


def read_html(text: str) -> Page:
    """Read a page; scripts and styles are no text, hidden elements are `hidden`."""
    tree = LexborHTMLParser(text)
    walk = _Walk()
    root = tree.body or tree.root
    if root is not None:
        walk.visit(root)
    return Page(
        lines=tuple(walk.lines()),
        titles=tuple(dict.fromkeys(_titles(tree))),
        keywords=tuple(_keywords(tree)),
        hidden=tuple(part for part in walk.hidden if part),
    )


class _Walk:
    """The text of a tree in reading order. Not recursive: a page may nest deeper than Python calls."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.hidden: list[str] = []

    def visit(self, root: LexborNode) -> None:
        """Walk all nodes below `root`."""
        waiting: list[LexborNode | str] = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str):
                self._parts.append(node)
                continue
            opening, closing, children = self._read(node)
            self._parts.append(opening)
            waiting.append(closing)
            waiting.extend(reversed(children))

    def _read(self, node: LexborNode) -> tuple[str, str, list[LexborNode | str]]:
        tag = node.tag or ""
        if tag == "-text":
            return _BLANK.sub(" ", node.text_content or ""), "", []
        if tag in _SILENT or tag.startswith(("-", "!", "_")):
            return "", "", []
        if tag == "br":
            return "\n", "", []
        if tag == "pre":  # its line ends are the page's own
            return "\n", "\n", [node.text(deep=True)]
        if _is_hidden(node):
            self.hidden.append(_BLANK.sub(" ", node.text(deep=True)).strip())
            return "", "", []
        children: list[LexborNode | str] = list(node.iter(include_text=True))
        if tag in _CELLS:
            return "", "\t", children
        return ("", "", children) if tag in _INLINE else ("\n", "\n", children)

    def lines(self) -> list[str]:
        """Lines without those that are blank; tabs only between cells."""
        found = []
        for line in "".join(self._parts).split("\n"):
            cells = [cell.strip(" ") for cell in line.split("\t")]
            joined = "\t".join(cell for cell in cells if cell.strip())
            if joined:
                found.append(joined)
        return found


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    style = attributes.get("style") or ""
    return (
        "hidden" in attributes
        or _HIDDEN.search(style) is not None
        or (_WHITE.search(style) is not None and "background" not in style)
        or (attributes.get("aria-hidden") or "").lower() == "true"
    )


def _titles(tree: LexborHTMLParser) -> list[str]:
    metas = {
        meta.attributes.get("name") or meta.attributes.get("property"): meta.attributes.get("content")
        for meta in tree.css("meta")
    }
    found = [metas[name] for name in _META_TITLES if metas.get(name)]
    for selector in _TITLES:
        found += [_BLANK.sub(" ", node.text(deep=True)).strip() for node in tree.css(selector)]
    return [text for text in found if text and 2 < len(text) < 200]


def _keywords(tree: LexborHTMLParser) -> list[str]:
    metas = [meta.attributes for meta in tree.css("meta")]
    written = [meta.get("content") or "" for meta in metas if (meta.get("name") or "").lower() == "keywords"]
    return [word for text in written for word in re.split(r"[,，;；、|\s]+", text) if word]
