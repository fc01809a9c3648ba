"""What persons decided about pairs of records, from a CSV with the columns other_id, library_id and decision.

`link` confirms a pair, `apart` refuses it, `apart` without a library_id says that the library holds no partner, and
`review` is no answer yet. Other columns are not read, so the lines may be cut out of a result as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policy_match.errors import Issue, UsageError
from policy_match.exchange.grids import Row, opened, read_csv
from policy_match.exchange.refusals import RowError
from policy_match.linkage.link import Remembered
from policy_match.linkage.records import Decision

_COLUMNS = ("other_id", "library_id", "decision")


def read_decisions(path: Path) -> Remembered:
    """The answers of a file; UsageError with every fault if it holds one: half of the answers would be none."""
    grid = opened(path, {".csv": read_csv})
    header = [str(cell).strip() for cell in grid.header]
    if missing := [name for name in _COLUMNS if name not in header]:
        what = f"缺少列：{'、'.join(missing)}"
        raise UsageError(Issue("COLUMN_MISSING", what, f"{path}:1", "、".join(_COLUMNS), "补上列名"))
    places = [header.index(name) for name in _COLUMNS]
    confirmed: dict[str, str] = {}
    refused: dict[tuple[str, str], int] = {}
    issues: list[Issue] = []
    for number, row in grid.rows:
        other, ours, word = _cells(row, places)
        if not (other or ours or word) and not isinstance(row, RowError):
            continue
        if not other or word not in set(Decision) or (word == Decision.LINK and not ours):
            what = f"“{word[:20]}”不是答复，或缺少编号"
            issues.append(Issue("DECISION", what, f"{path}:{number}", "、".join(Decision), "改正这一行"))
        elif word == Decision.LINK and confirmed.setdefault(other, ours) != ours:
            what = f"{other} 已确认为 {confirmed[other]}"
            issues.append(Issue("DECISION", what, f"{path}:{number}", "一条记录一个项目", "删去一行"))
        elif word == Decision.APART:
            refused[other, ours] = number
    issues += [
        Issue("DECISION", f"{other} 既确认又否定", f"{path}:{number}", "一种答复", "删去一行")
        for (other, ours), number in refused.items()
        if other in confirmed and ours in ("", confirmed[other])
    ]
    if issues:
        raise UsageError(*issues)
    pairs = frozenset(pair for pair in refused if pair[1])
    return Remembered(confirmed, pairs, frozenset(other for other, ours in refused if not ours))


def _cells(row: Row, places: Sequence[int]) -> tuple[str, str, str]:
    texts = [] if isinstance(row, RowError) else [str(cell).strip() for cell in row]
    other, ours, word = (texts[place] if place < len(texts) else "" for place in places)
    return other, ours, word
