"""回头看: S-34 of the domain specification, what a finding opens and leaves alone, who may, the report and the command."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from f import write_xlsx
from rows import at, day
from sqlalchemy import func, select

from policy_match.cli import main
from policy_match.dispatch.look_back import Conclusion, Proposal, draw
from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.exchange.reports import report_data
from policy_match.lifecycle.events import Evidence
from policy_match.store.look_back_tables import LookBack, LookBackFinding
from policy_match.store.tables import Audit, Log
from policy_match.workflows.choose_district import Area
from policy_match.workflows.close_month import close_month
from policy_match.workflows.confirm_finding import Confirmation, confirm_finding
from policy_match.workflows.correct_event import Correction, correct_event
from policy_match.workflows.draw_look_back import draw_look_back, look_back_rules
from policy_match.workflows.import_register import import_register
from policy_match.workflows.list_look_backs import LookBackLine, list_look_backs
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.preview_corrections import preview_corrections
from policy_match.workflows.read_look_back import Drawn, one_of, read_look_back
from policy_match.workflows.read_records import View, read_record
from policy_match.workflows.record_finding import NewFinding, record_finding
from policy_match.workflows.report_look_back import look_back_report, proposal_text
from policy_match.workflows.report_month import read_month
from policy_match.workflows.write_entry import By

SEED, DAY = 20250630, date(2025, 6, 30)
DRAWN_AT = at("2025-06-30")
APRIL = datetime(2025, 4, 2, 2, tzinfo=UTC)
MONTHS = ("2024-12", "2025-01", "2025-02", "2025-03")
NOTE = "施工日志所载为1月8日"


def lead(when: str = "2025-06-30", actor: str = "development") -> By:
    return By("real", actor, at(when))


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    """Fixture F, four months of it closed."""
    path = write_xlsx(tmp_path / "f.xlsx")
    now = datetime(2025, 3, 31, 2, tzinfo=UTC)
    import_register(archive, "real", "DISTRICT", path, by="importer", now=now, strict=True, may_shrink=False)
    for month in MONTHS:
        close_month(archive, "real", month, by="development", now=APRIL)
    return archive


def code_of(archive: Archive, project: str) -> str:
    with archive.database.reading() as session:
        rows = list_standings(session, archive, "real", View(DAY))
    return next(row.code for row in rows if row.name.endswith(project))


def wrong_start(archive: Archive, **over: object) -> NewFinding:
    """P01 started later than recorded: on 8 January instead of 10 February."""
    given = NewFinding(code_of(archive, "P01"), "开工", "日期不符", DAY, day("2025-01-08"), NOTE)
    return replace(given, **over)  # type: ignore[arg-type]


def drawn(archive: Archive, project: str, point: str = "开工") -> Drawn:
    shown = read_look_back(archive, "real", None, at("2025-07-31"))
    return one_of(shown, code_of(archive, project), point)


def count(archive: Archive, table: type[LookBack | LookBackFinding | Log | Audit]) -> int:
    with archive.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_s34_a_look_back_is_drawn_twice_alike_and_a_false_start_opens_a_proposal_a_ticket_and_a_preview(
    filled: Archive,
) -> None:
    number = draw_look_back(filled, SEED, DAY, lead())
    first = read_look_back(filled, "real", number, DRAWN_AT)

    again = draw_look_back(filled, SEED, DAY, lead("2025-07-01", "development-2"))

    with filled.database.reading() as session:
        rows = list_standings(session, filled, "real", View(DAY))
    every = [Conclusion(row.district, row.code, point) for row in reversed(rows) for point in row.reached]
    sample = draw(every, SEED, look_back_rules(filled))
    assert again == number and count(filled, LookBack) == 1
    assert [(one.district, one.project, one.point) for one in first.drawn] == [
        (one.district, one.project, one.point) for one in sample
    ]
    assert read_look_back(filled, "real", again, DRAWN_AT) == first

    hashes = {month: read_month(filled, "real", month, DRAWN_AT).content_hash for month in MONTHS}
    events = count(filled, Log)
    noted = record_finding(filled, wrong_start(filled), lead())

    found = drawn(filled, "P01")
    assert (noted.proposal, found.waits, found.now_on) == (Proposal.CORRECT, True, day("2025-02-10"))
    with filled.database.reading() as session:
        record = read_record(session, filled, "real", found.project, View(DAY))
    ticket = record.tickets[noted.ticket or ""]
    assert ticket.about is not None and NOTE in ticket.about.text and "查实为 2025-01-08" in ticket.about.text
    # The ticket and the visit, nothing else: the record stands as it did.
    assert count(filled, Log) == events + 2
    shown = read_look_back(filled, "real", number, at("2025-07-01"))
    effects = preview_corrections(filled, "real", shown.drawn, at("2025-07-01"))
    assert {one.month: (one.difference, one.projects) for one in effects if one.figure == "本月新开工项目"} == {
        "2025-01": ("+1", (found.project,)),
        "2025-02": ("-1", (found.project,)),
    }
    assert {month: read_month(filled, "real", month, DRAWN_AT).content_hash for month in MONTHS} == hashes

    recorded = confirm_finding(filled, Confirmation(number, found.project, "开工"), lead("2025-07-02", "development-2"))

    corrected = drawn(filled, "P01")
    assert [note.code for note in recorded.notes] == ["LC_CLOSED_MONTH"]
    assert (corrected.now_on, corrected.waits) == (day("2025-01-08"), False)
    assert proposal_text(corrected) == "改为 2025-01-08（已更正）"
    july = read_look_back(filled, "real", number, at("2025-07-03"))
    assert preview_corrections(filled, "real", july.drawn, at("2025-07-03")) == ()
    restated = read_month(filled, "real", "2025-06", at("2025-07-03")).snapshot.restatements
    assert {(one.month, one.figure, one.difference) for one in effects} == {
        (one.month, one.figure, one.difference) for one in restated
    }


def test_the_evidence_recorded_is_put_beside_what_the_table_asks(filled: Archive) -> None:
    draw_look_back(filled, SEED, DAY, lead())

    found = drawn(filled, "P01")

    assert found.evidence == () and found.lacking == ("施工许可", "实体开工佐证")
    assert found.found is None and proposal_text(found) == ""


def test_what_holds_opens_nothing_and_the_visit_is_one_of_the_project(filled: Archive) -> None:
    draw_look_back(filled, SEED, DAY, lead())
    seen = (Evidence("施工日志", "日志-1"),)
    right = wrong_start(filled, result="属实", true_on=None, note="", evidence=seen)

    noted = record_finding(filled, right, lead())
    record_finding(filled, replace(right, point="立项"), lead())

    found = drawn(filled, "P01")
    assert (noted.ticket, noted.proposal, found.differs) == (None, None, False)
    assert found.found is not None and found.found.evidence == ("施工日志 日志-1",)
    with filled.database.reading() as session:
        record = read_record(session, filled, "real", found.project, View(DAY))
    assert [visit.on for visit in record.visits] == [DAY]


def test_a_finding_taken_back_keeps_its_ticket_and_the_last_one_holds(filled: Archive) -> None:
    number = draw_look_back(filled, SEED, DAY, lead())
    first = record_finding(filled, wrong_start(filled), lead())

    second = record_finding(filled, wrong_start(filled, result="佐证不足", true_on=None), lead("2025-07-01"))
    record_finding(filled, wrong_start(filled, result="属实", true_on=None), lead("2025-07-02"))

    assert second.ticket == first.ticket and second.proposal is None
    assert count(filled, LookBackFinding) == 3 and not drawn(filled, "P01").differs
    with pytest.raises(Conflict, match="没有待确认的更正"):
        confirm_finding(filled, Confirmation(number, code_of(filled, "P01"), "开工"), lead(actor="development-2"))


def test_a_point_that_is_not_true_is_proposed_to_be_withdrawn_and_the_months_say_what_that_changes(
    filled: Archive,
) -> None:
    number = draw_look_back(filled, SEED, DAY, lead())
    record_finding(filled, wrong_start(filled, result="不属实", true_on=None), lead())

    found = drawn(filled, "P01")
    shown = read_look_back(filled, "real", number, at("2025-07-01"))
    effects = preview_corrections(filled, "real", shown.drawn, at("2025-07-01"))

    assert proposal_text(found) == "撤销这条记录（待另一人确认）"
    started = {one.month: one.difference for one in effects if one.figure == "本月新开工项目"}
    assert started == {"2025-02": "-1"}
    confirm_finding(filled, Confirmation(number, found.project, "STARTED"), lead("2025-07-02", "development-2"))
    assert drawn(filled, "P01").now_on is None
    with pytest.raises(Conflict, match="已被撤销"):
        record_finding(filled, wrong_start(filled), lead("2025-07-03"))


def test_a_correction_made_by_hand_ends_the_waiting_too(filled: Archive) -> None:
    draw_look_back(filled, SEED, DAY, lead())
    record_finding(filled, wrong_start(filled), lead())
    by_hand = Correction(code_of(filled, "P01"), "开工", day("2025-01-08"), NOTE)

    correct_event(filled, "real", by_hand, by="development", second="development-2", now=at("2025-07-01"))

    assert not drawn(filled, "P01").waits


@pytest.mark.parametrize(
    ("over", "error", "told"),
    [
        ({"result": "大概"}, UsageError, "没有核查结果"),
        ({"true_on": None}, UsageError, "要写查实的日期"),
        ({"result": "属实"}, UsageError, "不写查实的日期"),
        ({"true_on": date(2025, 2, 10)}, UsageError, "与记录的相同"),
        ({"true_on": date(2025, 7, 2)}, UsageError, "晚于今天"),
        ({"visited_on": date(2025, 6, 29)}, UsageError, "早于抽样那天"),
        ({"visited_on": date(2025, 7, 2)}, UsageError, "晚于今天"),
        ({"note": " "}, UsageError, "没有写查到的情况"),
        ({"point": "竣工"}, NotFound, "没有抽到“竣工”"),
        ({"look_back": 9}, NotFound, "没有第 9 号回头看"),
        ({"look_back": 10**20}, NotFound, "没有第"),
        ({"project": "CZ-0000-00000"}, NotFound, "库里没有项目"),
    ],
)
def test_what_is_wrong_with_a_finding_is_said_and_nothing_is_recorded(
    filled: Archive, over: dict[str, object], error: type[Exception], told: str
) -> None:
    draw_look_back(filled, SEED, DAY, lead())
    before = count(filled, Log)

    with pytest.raises(error, match=told):
        record_finding(filled, wrong_start(filled, **over), lead("2025-07-01"))

    assert (count(filled, LookBackFinding), count(filled, Log)) == (0, before)


def test_the_lead_draws_a_district_finds_in_its_own_area_and_the_one_who_found_does_not_confirm(
    filled: Archive,
) -> None:
    with pytest.raises(Forbidden, match="不办这一项"):
        draw_look_back(filled, SEED, DAY, lead(actor="commerce"))
    number = draw_look_back(filled, SEED, DAY, lead())
    for other in ("district-320402", "park-320412", "auditor", "data"):
        with pytest.raises(Forbidden, match="不办这一项"):
            record_finding(filled, wrong_start(filled), lead(actor=other))
    record_finding(filled, wrong_start(filled), lead(actor="district-320412"))
    this = Confirmation(number, code_of(filled, "P01"), "开工")

    # A district only proposes: neither its own finding nor one person alone corrects the record.
    with pytest.raises(Forbidden):
        confirm_finding(filled, this, lead("2025-07-01"))
    record_finding(filled, wrong_start(filled), lead("2025-07-01"))
    with pytest.raises(Forbidden, match="不能自己确认"):
        confirm_finding(filled, this, lead("2025-07-02"))
    with pytest.raises(Forbidden):
        confirm_finding(filled, this, lead("2025-07-02", "district-320412"))

    assert drawn(filled, "P01").now_on == day("2025-02-10")


def test_every_draw_and_finding_stands_in_the_audit_chain(filled: Archive) -> None:
    draw_look_back(filled, SEED, DAY, lead())
    record_finding(filled, wrong_start(filled), lead())

    with filled.database.reading() as session:
        rows = session.scalars(select(Audit).where(Audit.action.startswith("look_back.")).order_by(Audit.seq))
        told = [(row.action, row.object_kind, row.actor, json.loads(row.detail)) for row in rows]

    assert [one[:3] for one in told] == [
        ("look_back.draw", "library", "development"),
        ("look_back.find", "project", "development"),
    ]
    assert told[0][3]["seed"] == str(SEED) and told[1][3]["true_on"] == "2025-01-08"


def test_an_empty_library_and_a_wrong_seed_or_day_draw_nothing(archive: Archive) -> None:
    with pytest.raises(Conflict, match="没有可抽的"):
        draw_look_back(archive, SEED, DAY, lead())
    with pytest.raises(UsageError, match="随机种子"):
        draw_look_back(archive, -1, DAY, lead())
    with pytest.raises(UsageError, match="晚于今天"):
        draw_look_back(archive, SEED, date(2025, 7, 1), lead())
    with pytest.raises(NotFound, match="还没有做过回头看"):
        read_look_back(archive, "real", None, DRAWN_AT)


def test_the_report_holds_the_sample_the_differences_the_districts_and_the_effect(filled: Archive) -> None:
    number = draw_look_back(filled, SEED, DAY, lead())
    record_finding(filled, wrong_start(filled), lead())
    now = at("2025-07-01")

    whole = report_data(look_back_report(filled, "real", number, now, None))
    own = report_data(look_back_report(filled, "real", number, now, Area("320412")))
    none = report_data(look_back_report(filled, "real", number, now, Area("320402")))

    assert (whole["seed"], whole["share"], whole["at_least"]) == (SEED, 0.1, 5)
    assert own["count"] == 5 and len(own["differences"]) == 1  # type: ignore[arg-type]
    assert none["differences"] == [] and none["effects"] == []
    assert own["effects"] == whole["effects"] != []
    lines = {line.number: line for line in list_look_backs(filled, "real", Area("320412"))}
    assert lines == {number: LookBackLine(number, DAY, SEED, 5, 1, 1)}


def test_the_commands_draw_find_and_write_every_format(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    monkeypatch.setenv("POLICY_MATCH_NOW", DRAWN_AT.isoformat())

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(str(ended.value.code)), said.out + said.err

    assert run("report", "lookback")[0] == 2
    assert run("import", "DISTRICT", str(write_xlsx(tmp_path / "f.xlsx")))[0] == 0
    code, out = run("report", "lookback", "--seed", str(SEED), "--format", "json")
    assert code == 0 and json.loads(out)["report"] == "lookback"
    assert run("report", "lookback", "--seed", str(SEED), "--format", "json") == (0, out)
    found = run(
        "project", "recheck", "2409-320412-89-01-100011", "开工", "--result", "日期不符", "--visited-on", "2025-06-30",
        "--true-on", "2025-01-08", "--note", NOTE,
    )  # fmt: skip
    assert found[0] == 0 and "问题单 T-2025-00001，已提请更正" in found[1]
    for form in ("csv", "xlsx", "json"):
        assert run("report", "lookback", "--out", str(tmp_path / f"found.{form}"))[0] == 0
    assert "【差异清单】" in run("report", "lookback", "--district", "武进区")[1]
    assert "改为 2025-01-08（待另一人确认）" in (tmp_path / "found.csv").read_text("utf-8-sig")
    assert run("report", "lookback", "--number", "7")[0] == 2
    assert run("report", "lookback", "--as-of", "2025-06-01")[0] == 2
