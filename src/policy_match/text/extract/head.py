"""What a document is: number, issuers, title, days. Each as the page says it, None where it says nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy_match.facts.taxonomies import Taxonomies
from policy_match.text.extract.layout import Layout, Signature, day_of, headings_from, names_in, signatures
from policy_match.text.extract.page import Page, plain, squeezed
from policy_match.text.extract.term import Term, term_of

_NUMBER = re.compile(r"([一-鿿]{1,14})[\[(](\d{4})[\])]第?(\d{1,4})号")
_ANNOUNCED = re.compile(r"([一-鿿 ]{0,60}公告) ?(\d{4}) ?年第 ?(\d{1,4}) ?号")
_KIND = re.compile(
    r"(?:通知|办法|意见|措施|规定|细则|方案|政策|公告|通告|决定|条例|要点|计划|指南|规划|函|批复|标准|目录|指引|指导意见|规程|制度|清单|条|说明|解读|公示)(?:\([^()]{1,12}\))?$"
)
_SITE = re.compile(r"\s*[-_|–—]+\s*[^-_|–—]*(?:政府|局|委|网|厅|门户|政务|中心|办公室)[^-_|–—]*$")
_SALUTATION = re.compile(r"^各.{2,80}[:：]$|^.{2,60}(?:人民政府|各有关单位|委员会|企业|单位).{0,30}[:：]$")
_TITLE_LINES, _LONGEST_LINE = 8, 300
# Blanks between the last letters of a title that are set apart: 通　　知.
_SPREAD = re.compile(r"(?<=[一-鿿])\s+(?=(?:[一-鿿]\s+){0,3}[一-鿿]$)")


@dataclass(frozen=True, slots=True)
class Head:
    """`issuers`: by their one name where the list has them, else as written; `named`: every body found in an issuer's place.

    `issued_on`, `published_on`: ISO days. `state`: what the header says of validity, as written. `signed`: the signature of the
    document itself; `numbers`: every number found in a number's place.
    """

    number: str | None
    issuers: tuple[str, ...]
    title: str | None
    issued_on: str | None
    published_on: str | None
    term: Term
    named: tuple[str, ...]
    numbers: tuple[str, ...]
    state: str | None
    repealed_on: str | None
    source: str | None
    signed: Signature | None


def head_of(page: Page, layout: Layout, lists: Taxonomies) -> Head:
    """Read the head; `lists`: the closed list of issuers with their number series."""
    fields, body = layout.fields, layout.body
    signs = signatures(body)
    signed = next((one for one in signs if one.names), signs[0] if signs else None)
    title = title_of(page, layout)
    numbers = _numbers(layout, signed)
    named = _named(fields, signed, title, lists)
    issued = day_of(None if signed is None else signed.day) or day_of(fields.get("issued"))
    return Head(
        number=numbers[0] if numbers else None,
        issuers=_issuers(named, numbers, lists),
        title=title,
        issued_on=issued,
        published_on=day_of(fields.get("published")),
        term=term_of(body, issued),
        named=tuple(dict.fromkeys(name for group in named for name in group)),
        numbers=numbers,
        state=fields.get("state") or fields.get("repealed"),
        repealed_on=day_of(fields.get("repealed")),
        source=fields.get("source"),
        signed=signed,
    )


def number_in(text: str) -> str | None:
    """The first document number of a text as it is cited: 常政办发〔2024〕37号, 财政部公告2023年第7号."""
    text = text[:_LONGEST_LINE]
    flat = squeezed(text)
    if found := _NUMBER.search(flat):
        return f"{found[1]}〔{found[2]}〕{int(found[3])}号"
    if announced := _ANNOUNCED.search(plain(text)):
        return f"{announced[1].strip()}{announced[2]}年第{int(announced[3])}号"
    return None


def series_of(number: str) -> str:
    """The words before the year of a number: 常政办发."""
    return re.split(r"[〔\d]", number, maxsplit=1)[0]


def _numbers(layout: Layout, signed: Signature | None) -> tuple[str, ...]:
    """Numbers in a number's place: the header, a line of its own above the first signature; never one that is cited."""
    field = number_in(layout.fields.get("number", ""))
    found = [] if field is None else [field]
    last = len(layout.body) if signed is None else signed.lines[-1] + 1
    for line in layout.body[:last]:
        flat = squeezed(line)
        if len(flat) <= 30 and (number := number_in(line)) and squeezed(number) == flat.strip("()"):
            found.append(number)
    return tuple(dict.fromkeys(found))


def _named(
    fields: Mapping[str, str], signed: Signature | None, title: str | None, lists: Taxonomies
) -> tuple[tuple[str, ...], ...]:
    """Bodies by where they stand: signature, header, title; a source (来源) counts only where it is an issuer."""
    field = fields.get("issuer", "").strip()
    written = names_in(field) or ((field,) if field else ())
    before = re.match(r"(.{2,30}?)(?:关于|印发|转发)", title or "")
    return (
        () if signed is None else signed.names,
        written,
        names_in(before[1]) if before is not None else (),
        tuple(name for name in names_in(fields.get("source", "")) if name in lists.issuer_names),
    )


def _issuers(named: Sequence[Sequence[str]], numbers: Sequence[str], lists: Taxonomies) -> tuple[str, ...]:
    """The bodies of the first place that names one on the list; else the first named at all; else whose series the number is."""
    groups = [group for group in named if group]
    chosen = next((group for group in groups if any(name in lists.issuer_names for name in group)), None)
    owner = lists.issuer_series.get(series_of(numbers[0])) if numbers else None
    if chosen is None:
        chosen = groups[0] if groups else [owner] if owner is not None else []
    return tuple(dict.fromkeys(lists.issuer_names.get(name, name) for name in chosen))


def title_of(page: Page, layout: Layout) -> str | None:
    """The title by the header, by the headings of the page, or by the first lines of the document; None if none looks like one."""
    said = [layout.fields.get("title", ""), *(_without_site(title) for title in page.titles)]
    likely = [text.strip() for text in said if text.strip() and looks_like_title(text.strip())]
    printed = {heading for at in range(len(page.lines)) for heading in headings_from(page.lines, at)}
    shown = [text for text in likely if squeezed(text) in printed]
    return next(
        iter([*shown[:1], *filter(None, [_printed_title(layout.body)]), *likely, *_titles_above(page, layout)]), None
    )


def _titles_above(page: Page, layout: Layout) -> list[str]:
    """Lines above the document that look like its title, the nearest first: some pages print it above their header."""
    start = page.lines.index(layout.body[0]) if layout.body else len(page.lines)
    return [line for line in reversed(page.lines[:start]) if looks_like_title(line)]


def looks_like_title(text: str) -> bool:
    """Whether a text ends as titles of documents do."""
    return 5 <= len(text) <= 150 and _KIND.search(plain(text).rstrip(" 。")) is not None and "。" not in text[:-1]


def _without_site(title: str) -> str:
    return _SITE.sub("", title).strip()


def _printed_title(body: Sequence[str]) -> str | None:
    """The first lines, joined until they end like a title; a number or a letterhead above it is passed over.

    Names of bodies straight above the subject (关于…) are its first line.
    """
    held = ""
    for line, after in zip(body[:_TITLE_LINES], [*body[1:], ""], strict=False):
        text = line.strip()
        if len(text) > _LONGEST_LINE:
            return None
        if _SALUTATION.match(plain(text)) or (held and number_in(text) is not None):
            break
        if (
            number_in(text) is not None
            or (names_in(text) and not held and not after.startswith("关于"))
            or text.endswith("文件")
            or "\t" in text
        ):
            continue
        held = _SPREAD.sub("", held + text)
        if looks_like_title(held):
            return held
        if "，" in text or "。" in text:
            return None
    return None
