"""Play the 免申即享 cases of the demonstration library through the same workflows that officers, firms and treasury use.

A step names its firms by 库内编号 and its measure; the case is the one that the hunt opened for them. The two measures that
are played stand in the demonstration's own release as checked against the page, by an invented person: nobody has seen
that page, and the real library pays nothing on it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from policy_match import __version__
from policy_match.dates import local_day
from policy_match.exchange.demo_history import Step
from policy_match.release import Release
from policy_match.store import cases, instructions, releases, subjects
from policy_match.workflows.activate_rules import NewRelease, approve_release, propose_release
from policy_match.workflows.approve_case import approve_case
from policy_match.workflows.confirm_case import Consent, confirm_case, decline_case
from policy_match.workflows.enter_budget import NewBudget, enter_budget
from policy_match.workflows.export_payments import export_payments
from policy_match.workflows.find_candidates import Hunt, find_candidates
from policy_match.workflows.import_exclusions import ExclusionList, import_exclusions
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.object_case import NewObjection, object_case
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.publish_notice import Notice, publish_notice
from policy_match.workflows.read_receipts import read_receipts
from policy_match.workflows.verify_case import verify_case
from policy_match.workflows.write_entry import By

URL = "https://www.changzhou.gov.cn/"
_COPY = '"verified":{"benefit":"copy","conditions":"copy"}'
_ACCOUNT = "32040000000000000"
_Doing: TypeAlias = Callable[[Archive, Step, By], None]


def verify_texts(archive: Archive, corpus: Path, step: Step, by: By) -> None:
    """Put a release in force, for the demonstration alone, in which the measures named are checked against the page."""
    release = _checked(archive.shelf.release, step, by.today)
    with archive.database.writing() as session:
        releases.keep(session, release, by.now)
    asked = NewRelease(release.hash, step.reason, date.fromisoformat(step.as_of or ""))
    proposed = propose_release(archive, corpus, asked, by)
    for officer in (step.second or "", step.third or ""):
        approve_release(archive, proposed.activation.id, replace(by, actor=officer))


def _checked(release: Release, step: Step, today: date) -> Release:
    """The release with `verified: page` in the files of the measures."""
    pieces = dict(release.pieces)
    for name, text in release.pieces.items():
        if any(name.rsplit("/", 1)[-1].startswith(f"{measure}.v") for measure in step.measures):
            page = f'"verified":{{"benefit":"page","by":"示范核验员","conditions":"page","on":"{today}"}}'
            pieces[name] = text.replace(_COPY, page)
    return Release(__version__, pieces)


def play_case_step(archive: Archive, library: str, step: Step, now: datetime) -> None:
    """Do one step about cases; whatever the workflow refuses stops the play with its error."""
    _DO[step.what or ""](archive, step, By(library, step.by, now))


def _number(archive: Archive, step: Step, by: By) -> str:
    """The number of the newest case of the step's firm and measure."""
    with archive.database.reading() as session:
        firm = subjects.by_code(session, by.library, step.project or "")
        found = None if firm is None else cases.newest(session, by.library, step.measure or "", firm.id)
    if found is None:
        raise LookupError(f"示范库没有 {step.project} 的 {step.measure} 办件")
    return found.number


def _hunt(archive: Archive, step: Step, by: By) -> None:
    find_candidates(archive, Hunt(date.fromisoformat(step.as_of or ""), (step.measure or "",)), by)


def _budget(archive: Archive, step: Step, by: By) -> None:
    """Money for the year of the step and the next: the ninety days may lie across New Year."""
    for year in (by.today.year, by.today.year + 1):
        asked = NewBudget(step.measure or "", year, step.text or "", "示范专项资金", by.today, "示范审查人")
        enter_budget(archive, asked, by)


def _verify(archive: Archive, step: Step, by: By) -> None:
    number = _number(archive, step, by)
    verify_case(archive, number, by)
    if step.second is not None:
        verify_case(archive, number, replace(by, actor=step.second))


def _notice(archive: Archive, step: Step, by: By) -> None:
    publish_notice(archive, _number(archive, step, by), Notice(URL, by.today, "0" * 64), by)


def _tick(archive: Archive, step: Step, by: By) -> None:
    move_cases(archive, by)


def _object(archive: Archive, step: Step, by: By) -> None:
    asked = NewObjection("示范职工", "示范电话", step.text or "")
    object_case(archive, _number(archive, step, by), asked, by)


def _confirm(archive: Archive, step: Step, by: By) -> None:
    number = _number(archive, step, by)
    with archive.database.reading() as session:
        firm = subjects.by_code(session, by.library, step.project or "")
        holder = "" if firm is None else firm.name or ""
    consent = Consent("示范负责人", "示范：政企通实名", holder, f"{_ACCOUNT}{(step.project or '')[1:]}")
    confirm_case(archive, number, consent, by)


def _decline(archive: Archive, step: Step, by: By) -> None:
    decline_case(archive, _number(archive, step, by), "示范负责人", step.reason, by)


def _approve(archive: Archive, step: Step, by: By) -> None:
    approve_case(archive, _number(archive, step, by), by)


def _export(archive: Archive, step: Step, by: By) -> None:
    export_payments(archive, by)


def _lists(archive: Archive, step: Step, by: By) -> None:
    """The whole exclusion list of the day: the firm of the step, if one is named, and nobody else."""
    header = ("信用代码", "种类", "记录号", "列入机关", "依据", "起", "止", "修复日", "适用措施")
    rows = [] if step.project is None else [_listed(archive, step, by)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "示范排除名单.csv"
        _write(path, header, rows)
        import_exclusions(archive, ExclusionList(path, "CREDIT", is_whole=True), by)


def _listed(archive: Archive, step: Step, by: By) -> tuple[str, ...]:
    since = (by.today + timedelta(days=(step.on or 0) - step.day)).isoformat()
    return (_uscc(archive, step, by), "严重失信主体", "示范失信1号", "示范法院", "示范列入依据", since, "", "", "")


def _uscc(archive: Archive, step: Step, by: By) -> str:
    with archive.database.reading() as session:
        firm = subjects.by_code(session, by.library, step.project or "")
        keys = [] if firm is None else subjects.keys_of(session, [firm.id])[firm.id]
        return next((key.value for key in keys if key.kind == subjects.CREDIT_CODE), "")


def _receipt(archive: Archive, step: Step, by: By) -> None:
    """The treasury tells that the order of the case was paid."""
    number = _number(archive, step, by)
    with archive.database.reading() as session:
        case = cases.by_number(session, by.library, number)
        order = instructions.newest(session, case)
    if order is None:
        raise LookupError(f"{number} 没有拨付指令")
    header = ("指令号", "凭证号", "金额（元）", "日期", "结果", "原因")
    told = (order.id, f"示范凭证{number}", f"{order.amount_fen // 100}.{order.amount_fen % 100:02d}",
            local_day(by.now).isoformat(), "成功", "")  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "示范回单.csv"
        _write(path, header, [told])
        read_receipts(archive, path, by)


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


_DO: Mapping[str, _Doing] = {
    "hunt": _hunt,
    "budget": _budget,
    "verify": _verify,
    "notice": _notice,
    "tick": _tick,
    "object": _object,
    "confirm": _confirm,
    "decline": _decline,
    "approve": _approve,
    "export": _export,
    "lists": _lists,
    "receipt": _receipt,
}
