"""The matches that somebody judged otherwise than the rules do: by whom, why, and who signed as the second person."""

from __future__ import annotations

from policy_match.ranking.decisions import CHOICE_NAMES, OVERRIDES, History, Step
from policy_match.store import actors, reviews
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows

_HEADER = {
    "at": "时间", "subject": "项目或企业", "measure": "措施", "choice": "改判", "note": "理由", "first": "提出", "second": "第二人",
    "signed_at": "签字时间",
}  # fmt: skip


def override_rows(archive: Archive, library: str) -> Rows:
    """A row for each override of a library, newest first; one without a second person does not count yet."""
    with archive.database.reading() as session:
        names = actors.names(session)
        found = [
            (step, _row(pair, step, _signature(history, step), names))
            for pair, history in reviews.histories(session, library).items()
            for step in history.steps
            if step.choice in OVERRIDES and step.signs is None
        ]
    found.sort(key=lambda one: one[0].at, reverse=True)
    return Rows("改判", _HEADER, [row for _, row in found])


def _signature(history: History, step: Step) -> Step | None:
    return next((one for one in history.steps if one.signs == step.number), None)


def _row(pair: tuple[str, str], step: Step, signed: Step | None, names: dict[str, str]) -> Row:
    return {
        "at": local_minute(step.at),
        "subject": pair[0],
        "measure": pair[1],
        "choice": CHOICE_NAMES[step.choice],
        "note": step.note,
        "first": names.get(step.by, step.by),
        "second": "还没有人签，不算数" if signed is None else names.get(signed.by, signed.by),
        "signed_at": None if signed is None else local_minute(signed.at),
    }
