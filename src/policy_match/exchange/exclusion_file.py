"""An exclusion list of one source, from CSV or XLSX: who is listed, by whom, by what law, from when to when.

An entry without the law that it rests on is refused: a restriction may follow from a lawful list alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rapidfuzz import process

from policy_match.entitlement.terms import ExclusionKind
from policy_match.errors import FactError, Issue
from policy_match.exchange.named_columns import (
    Cells,
    Columns,
    ReadRows,
    day_until,
    one_of,
    read_day,
    read_named,
    text_up_to,
)
from policy_match.identifiers import check_uscc

COLUMNS = Columns(
    {
        "code": ("信用代码", "统一社会信用代码", "code"),
        "kind": ("种类", "名单种类", "kind"),
        "record": ("记录号", "record"),
        "issuer": ("列入机关", "issuer"),
        "basis": ("依据", "列入依据", "basis"),
        "since": ("起", "列入日期", "since"),
        "through": ("止", "截止日期", "through"),
        "ended_on": ("修复日", "移出日期", "ended_on"),
        "measures": ("适用措施", "measures"),
    },
    needed=("code", "kind", "record", "issuer", "basis", "since"),
)
_BETWEEN = re.compile(r"[;；、,，\s]+")
_RECORD, _LONG = 120, 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `through`: last day, None: without end; `ended_on`: the day from which it excludes no more; `measures`: () for all."""

    code: str
    kind: str
    record: str
    issuer: str
    basis: str
    since: date
    through: date | None
    ended_on: date | None
    measures: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What an entry is known by."""
        return self.kind, self.code, self.record


def read_exclusions(
    path: Path, kinds: Mapping[str, ExclusionKind], measures: Collection[str], today: date
) -> ReadRows[Entry]:
    """Read a list; `measures`: the ids that exist. A row that is there twice is refused the second time.

    Rows are refused with EXCL_NO_BASIS, EXCL_KIND, USCC_…, MEASURE_UNKNOWN, ROW_TWICE, and for days that do not fit.
    """
    seen: set[tuple[str, str, str]] = set()
    named = {kind.id: kind.name for kind in kinds.values()}

    def make(cells: Cells) -> Entry | None:
        entry = _entry(cells, named, measures, today)
        if entry is not None and entry.key in seen:
            cells.refuse("record", Issue("ROW_TWICE", "同一主体同一种类的记录号重复", "", "每条记录一行", "删去一行"))
        elif entry is not None:
            seen.add(entry.key)
        return entry

    return read_named(path, COLUMNS, make)


def _entry(cells: Cells, kinds: Mapping[str, str], measures: Collection[str], today: date) -> Entry | None:
    if not cells.texts["basis"]:
        what, hint = "没有写列入依据", "写明法律法规或文件的名称、文号；没有依据的不得列入"
        cells.refuse("basis", Issue("EXCL_NO_BASIS", what, "", "法律法规或文件", hint))
    code = cells.read("code", check_uscc)
    kind = cells.read("kind", one_of(kinds, "排除名单的种类", "EXCL_KIND"))
    record = cells.read("record", text_up_to(_RECORD))
    issuer = cells.read("issuer", text_up_to(_LONG))
    basis = cells.read_if_said("basis", text_up_to(_LONG))
    since = cells.read("since", read_day)
    through = cells.read_if_said("through", read_day)
    ended_on = cells.read_if_said("ended_on", day_until(today))
    concerned = cells.read_if_said("measures", _ids(measures)) or ()
    if code is None or kind is None or record is None or issuer is None or basis is None or since is None:
        return None
    for name, later in (("through", through), ("ended_on", ended_on)):
        if later is not None and later < since:
            cells.refuse(name, Issue("DATE_ORDER", f"早于列入的 {since}", "", f"{since} 以后", "核对日期"))
    return Entry(code, kind, record, issuer, basis, since, through, ended_on, concerned)


def _ids(known: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        ids = tuple(sorted({one for one in _BETWEEN.split(text) if one}))
        for one in ids:
            if one not in known:
                near = "、".join(match for match, _, _ in process.extract(one, sorted(known), limit=3))
                raise FactError(Issue("MEASURE_UNKNOWN", f"没有编号为“{one[:60]}”的措施", "", near, "检查编号"))
        return ids

    return read
