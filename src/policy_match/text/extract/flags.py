"""Warnings: what on a page a person has to look at before anything on it is believed.

Each says what was found and where; it changes nothing that was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policy_match.facts.taxonomies import Taxonomies
from policy_match.text.extract.clauses import Parted
from policy_match.text.extract.head import Head
from policy_match.text.extract.layout import Layout, day_of
from policy_match.text.extract.page import Page, squeezed
from policy_match.text.extract.suspicions import Flag, foreign, is_ours, poisoned

_ENDS = re.compile(r"[。！？!?；;：:.)）”\"』」》>\]】]$")
_ELLIPSIS = re.compile(r"(?:……|\.{3,}|…)\s*$|未完待续|点击(?:查看|阅读)(?:全文|更多)|阅读全文|此处省略|[（(]略[)）]$")


def warnings_of(page: Page, layout: Layout, head: Head, parted: Parted, *, lists: Taxonomies) -> tuple[Flag, ...]:
    """Every warning, the gravest first."""
    return (
        *foreign(layout, head, lists),
        *poisoned(page, layout),
        *_truncated(layout, head, parted),
        *_head_faults(layout, head, lists),
    )


def _truncated(layout: Layout, head: Head, parted: Parted) -> Iterator[Flag]:
    tail = _last_line(layout.body, head)
    whys = []
    if tail is None:
        whys.append("没有正文")
    elif _ELLIPSIS.search(tail) or any(_ELLIPSIS.search(line) for line in layout.body[-3:]):
        whys.append(f"结尾是“{tail.strip()[-12:]}”")
    elif not _ENDS.search(tail.strip()) and (len(tail.strip()) > 25 or re.search("[，、：,]", tail)):
        whys.append(f"最后一句没有完：“{tail.strip()[-12:]}”")
    elif parted.clauses and head.signed is None and head.term.begins is None and head.term.ends is None:
        whys.append("没有落款，也没有施行日期")
    if tail is not None and not parted.clauses and head.signed is None and not whys:
        whys.append("没有条款，也没有落款")
    if parted.gaps:
        whys.append(f"“{'、'.join(parted.gaps[:3])}”之前缺号")
    if whys:
        yield Flag("truncated", f"文件可能不全：{'；'.join(whys)}；对照原件补齐")


def _last_line(body: Sequence[str], head: Head) -> str | None:
    """The last line of text: signatures, notes in brackets and names of annexes come after it."""
    last_signed = set(() if head.signed is None else head.signed.lines)
    annexes = _annex_names(body)
    for at in range(len(body) - 1, -1, -1):
        flat = squeezed(body[at])
        is_note = re.match(r"\(.*\)$|附件|附:|抄送|\(?联系", flat) is not None or "\t" in body[at] or at in annexes
        if at not in last_signed and not is_note and flat:
            return body[at]
    return None


def _annex_names(body: Sequence[str]) -> set[int]:
    """Lines that name annexes below a line 附件：…."""
    found: set[int] = set()
    for at, line in enumerate(body):
        flat = squeezed(line)
        is_below = at - 1 in found and re.match(r"\d{1,2}[.、]\S{2,40}$", flat) is not None
        if is_below or flat.startswith(("附件:", "附:")):
            found.add(at)
    return found


def _head_faults(layout: Layout, head: Head, lists: Taxonomies) -> Iterator[Flag]:
    if head.number is None:
        yield Flag("number_unseen", "没有见到文号；核对原件，没有文号的登记为文号未见")
    if len(head.numbers) > 1:
        yield Flag("number_conflict", f"页头和正文的文号不同：{'、'.join(head.numbers)}；取了页头的，核对原件")
    if not head.issuers:
        yield Flag("issuer_unseen", "没有见到发文单位；核对原件")
    elif lists.issuers and (
        unlisted := [name for name in head.issuers if name not in lists.issuers and is_ours(name, lists)]
    ):
        yield Flag(
            "issuer_unlisted",
            f"“{'、'.join(unlisted)}”不在发文单位名录；确是发文单位的，先写进 corpus/taxonomies/issuers.yaml",
        )
    if head.title is None:
        yield Flag("title_unseen", "没有认出标题；核对原件")
    yield from _day_faults(layout, head)
    if head.title is not None and "转发" in head.title:
        yield Flag(
            "forwards",
            "这是转发的文件，条款分别属于转发通知和被转发的文件；被转发文件的发文单位和文号以它自己的原件为准",
        )


def _day_faults(layout: Layout, head: Head) -> Iterator[Flag]:
    header = day_of(layout.fields.get("issued"))
    if header is not None and head.issued_on is not None and header != head.issued_on:
        yield Flag("date_conflict", f"页头的成文日期是 {header}，落款是 {head.issued_on}；取了落款的，核对原件")
    if head.issued_on is None:
        yield Flag("date_unseen", "没有见到印发日期；核对原件")
    if head.term.begins is not None and head.term.ends is not None and head.term.ends < head.term.begins:
        yield Flag("date_conflict", f"施行期截止（{head.term.ends}）早于开始（{head.term.begins}）；核对原件")
    if head.repealed_on is not None and head.repealed_on != head.term.ends:
        yield Flag("repealed", f"页头写明 {head.repealed_on} 废止；施行到哪一天以废止的文件为准")
    elif (
        head.repealed_on is None
        and head.state is not None
        and re.search(r"废止|失效", head.state)
        and "有效" not in head.state.replace("失效", "")
    ):
        yield Flag("repealed", f"页头写明“{head.state[:20]}”，没有写日期；不要按有效的文件录入")
