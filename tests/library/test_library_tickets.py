"""Tickets and needs in the library: who answers for them, their clock, what each step asks, who may do it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction

import pytest
from care import by, filled
from rows import LIBRARY, at, audited, day, read, told

from policy_match.errors import Conflict, FactError, Forbidden, NotFound, UsageError
from policy_match.lifecycle.tickets import TicketMove, TicketState
from policy_match.workflows.add_need import NewNeed, add_need, amount_text
from policy_match.workflows.list_tickets import list_tickets
from policy_match.workflows.move_ticket import Agreed, Move, Moved, move_ticket, read_move
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_ticket import NewTicket, Opened, open_at, open_ticket
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, at_desk, find_unit

T = "T-2025-00001"
POWER = Agreed("国网常州供电公司", "确定接入方案", date(2025, 5, 20))


def opened(archive: Archive, code: str, on: str = "2025-04-25", **more: object) -> Opened:
    asked = {"cause": "审批", "text": "施工许可办理慢", "kind": "现场办"} | more
    return open_ticket(archive, NewTicket(code, **asked), by("district-320412", on))  # type: ignore[arg-type]


def move(archive: Archive, word: str, who: By | None = None, number: str = T, **more: object) -> Moved:
    asked = Move(number, TicketMove(word), **more)  # type: ignore[arg-type]
    return move_ticket(archive, asked, who or by("development", "2025-05-07"))


def test_s12_the_term_runs_over_the_holiday_and_a_consultation_ends_with_minutes(archive: Archive) -> None:
    codes = filled(archive, "P01")
    opened(archive, codes["P01"])

    (due,) = list_tickets(archive, LIBRARY, View(day("2025-05-06")))
    (late,) = list_tickets(archive, LIBRARY, View(day("2025-05-07")))
    assert (due.ticket.due_on, due.ticket.is_overdue, due.ticket.level) == (day("2025-05-06"), False, 0)
    assert (late.ticket.is_overdue, late.ticket.level) == (True, 1)

    turned = move(archive, "TRIAGE", kind="会商办")
    assert (turned.ticket.kind, turned.ticket.age_days, turned.ticket.opened_on) == ("CONSULT", 12, day("2025-04-25"))
    with pytest.raises(UsageError) as none:
        move(archive, "RESOLVE")
    with pytest.raises(UsageError) as undated:
        move(
            archive,
            "RESOLVE",
            minutes="纪要1",
            units=("国网常州供电公司", "市资规局"),
            actions=(Agreed("市资规局", "供地", None),),
        )
    with pytest.raises(UsageError) as one_unit:
        move(archive, "RESOLVE", minutes="纪要1", units=("国网常州供电公司", "常州供电公司"), actions=(POWER,))
    solved = move(archive, "RESOLVE", minutes="纪要1", units=("国网常州供电公司", "市资规局"), actions=(POWER,))

    assert [told(one.value) for one in (none, undated, one_unit)] == [{"TICKET_MINUTES"}] * 3
    assert (solved.ticket.state, solved.state) == (TicketState.RESOLVED, "已解决")
    assert [line.action for line in audited(archive, "ticket.triage") + audited(archive, "ticket.resolve")] == [
        "ticket.triage", "ticket.resolve",
    ]  # fmt: skip
    assert read(archive, codes["P01"], "2025-05-07", known_at=at("2025-06-01")).tickets[T].state is TicketState.RESOLVED


def test_the_unit_that_answers_is_the_one_named_else_of_the_cause_else_the_lead(archive: Archive) -> None:
    codes = filled(archive, "P01", "P02")

    leads = [
        opened(archive, codes["P01"]).lead,
        opened(archive, codes["P01"], cause="其他").lead,
        open_ticket(archive, NewTicket(codes["P02"], "市场", "订单不足"), by("commerce")).lead,
        opened(archive, codes["P01"], lead="市财政局").lead,
        opened(archive, codes["P01"], lead="市资规局").lead,
    ]

    assert leads == ["市政务服务办", "市发改委", "市商务局", "市财政局", "市自然资源和规划局"]
    numbers = [one.number for one in list_tickets(archive, LIBRARY, View(day("2025-04-26")))]
    assert sorted(numbers) == [f"T-2025-0000{place}" for place in range(1, 6)]


def test_numbers_begin_anew_each_year(archive: Archive) -> None:
    codes = filled(archive, "P01")

    numbers = [opened(archive, codes["P01"], on).number for on in ("2025-12-30", "2025-12-31", "2026-01-04")]

    assert numbers == [T, "T-2025-00002", "T-2026-00001"]


def test_tickets_opened_at_the_same_time_get_numbers_of_their_own(archive: Archive) -> None:
    code = filled(archive, "P01")["P01"]

    with ThreadPoolExecutor(1) as other, at_desk(archive, code, by()) as desk:
        waiting = other.submit(opened, archive, code)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        first = open_at(desk, NewTicket(code, "审批", "先到"))

    assert (first.number, waiting.result().number) == (T, "T-2025-00002")


@pytest.mark.parametrize(
    ("more", "code", "allowed"),
    [
        ({"cause": "水"}, "TICKET_CAUSE", "土地"),
        ({"kind": "电话办"}, "TICKET_KIND", "ON_SITE 现场办"),
        ({"severity": "很急"}, "TICKET_SEVERITY", "紧急"),
        ({"text": " "}, "TEXT_MISSING", "文字"),
        ({"lead": "市旅游局"}, "UNIT_UNKNOWN", "市财政局"),
        ({"units": ("市旅游局",)}, "UNIT_UNKNOWN", "市发改委"),
    ],
)
def test_words_that_the_table_does_not_know_are_refused_with_those_it_knows(
    archive: Archive, more: dict[str, object], code: str, allowed: str
) -> None:
    codes = filled(archive, "P01")

    with pytest.raises((UsageError, NotFound)) as refused:
        opened(archive, codes["P01"], **more)

    assert told(refused.value) == {code} and allowed in refused.value.issues[0].allowed
    assert list_tickets(archive, LIBRARY, View(day("2025-04-26")), every=True) == []


def test_who_handles_who_confirms_and_who_does_not(archive: Archive) -> None:
    codes = filled(archive, "P01")
    opened(archive, codes["P01"], units=("市财政局",))

    with pytest.raises(Forbidden):
        move(archive, "START", by("commerce", "2025-04-28"))
    with pytest.raises(Forbidden):
        move(archive, "START", by("enterprise-320412", "2025-04-28"))
    with pytest.raises(Forbidden):
        move(archive, "START", by("district-320481", "2025-04-28"))
    move(archive, "START", by("services", "2025-04-28"))
    move(archive, "RESOLVE", by("services", "2025-04-28"), evidence=("回执 1",))
    with pytest.raises(Forbidden):
        move(archive, "CONFIRM", by("services", "2025-04-28"))
    confirmed = move(archive, "CONFIRM", by("enterprise-320412", "2025-04-28"))
    closed = move(archive, "CLOSE", by("services", "2025-04-29"))

    assert (confirmed.ticket.state, closed.ticket.state) == (TicketState.CONFIRMED, TicketState.CLOSED)
    assert closed.ticket.closed_unconfirmed is False
    assert len(audited(archive, "care.refused")) == 4


def test_closing_without_a_confirmation_waits_10_working_days_and_is_counted_apart(archive: Archive) -> None:
    codes = filled(archive, "P01")
    opened(archive, codes["P01"])
    move(archive, "RESOLVE", by("services", "2025-04-28"), evidence=("回执 1",))

    with pytest.raises(Conflict) as early:
        move(archive, "CLOSE", by("services", "2025-05-14"), note="企业未回复")
    with pytest.raises(UsageError) as silent:
        move(archive, "CLOSE", by("services", "2025-05-16"))
    closed = move(archive, "CLOSE", by("services", "2025-05-16"), note="企业未回复")

    assert (told(early.value), told(silent.value)) == ({"TICKET_UNCONFIRMED"}, {"TICKET_REASON"})
    assert closed.ticket.closed_unconfirmed is True


def test_a_step_that_does_not_follow_and_a_ticket_that_is_not_there_are_told_so(archive: Archive) -> None:
    codes = filled(archive, "P01")
    opened(archive, codes["P01"], kind=None)

    with pytest.raises(Conflict) as state:
        move(archive, "START", by("services", "2025-04-28"))
    with pytest.raises(UsageError) as reason:
        move(archive, "REJECT", by("services", "2025-04-28"))
    with pytest.raises(NotFound) as unknown:
        move(archive, "START", number="T-2025-00009")
    with pytest.raises(UsageError) as word:
        read_move("open")

    assert [told(one.value) for one in (state, reason, unknown, word)] == [
        {"TICKET_STATE"}, {"TICKET_REASON"}, {"TICKET_UNKNOWN"}, {"TICKET_MOVE"},
    ]  # fmt: skip
    assert [read_move(text) for text in ("go_on", "go-on", "继续办理")] == [TicketMove.GO_ON] * 3


def test_triage_changes_who_solves_it_only_where_somebody_is_named(archive: Archive) -> None:
    codes = filled(archive, "P01")
    opened(archive, codes["P01"], lead="市财政局", units=("市税务局",))

    kept = move(archive, "TRIAGE", kind="会商办").ticket
    named = move(archive, "TRIAGE", kind="会商办", lead="市资规局", units=("市统计局",)).ticket

    assert [(one.lead, one.units) for one in (kept, named)] == [
        ("treasury", ("市税务局",)), ("resources", ("statistics",)),
    ]  # fmt: skip


def test_waiting_for_the_firm_stops_the_clock(archive: Archive) -> None:
    codes = filled(archive, "P01")
    opened(archive, codes["P01"], "2025-04-14")
    move(archive, "WAIT", by("services", "2025-04-15"))
    move(archive, "GO_ON", by("services", "2025-04-17"))

    (one,) = list_tickets(archive, LIBRARY, View(day("2025-04-18")))

    assert one.ticket.due_on == day("2025-04-23")


@pytest.mark.parametrize(
    ("element", "written", "amount", "shown", "unit"),
    [
        ("土地", "60亩", Fraction(40_000), "40000㎡", "市自然资源和规划局"),
        ("用林", "3亩", Fraction(2_000), "2000㎡", "市自然资源和规划局"),
        ("资金", "2000万元", Fraction(2_000_000_000), "2000万元", "市金融监管局"),
        ("人才", "5人", Fraction(5), "5人", "市委人才办"),
        ("用工", "300人", Fraction(300), "300人", "市人社局"),
        ("电力", "8000千伏安", Fraction(8_000), "8000千伏安", "国网常州供电公司"),
        ("排污", "12.5", Fraction(25, 2), "12.5吨/年", "市生态环境局"),
        ("能耗", "900吨标准煤", Fraction(900), "900吨标准煤", "市发改委"),
    ],
)
def test_a_need_of_each_element_becomes_a_ticket_of_the_unit_that_answers_for_it(
    archive: Archive, element: str, written: str, amount: Fraction, shown: str, unit: str
) -> None:
    codes = filled(archive, "P01")

    need = add_need(archive, NewNeed(codes["P01"], element, "二期要", written, day("2025-09-01")), by("agent-320412"))

    (one,) = list_tickets(archive, LIBRARY, View(day("2025-04-01")), project=codes["P01"])
    about = one.ticket.about
    assert (need.number, need.lead, one.ticket.state) == (T, unit, TicketState.NEW)
    assert about is not None and about.need is not None
    assert (about.cause, about.need.amount, about.need.by) == (element, amount, day("2025-09-01"))
    assert amount_text(amount, archive.table.tickets.causes[element]) == shown


def test_a_need_whose_amount_is_not_known_yet_is_taken_and_stays_unknown(archive: Archive) -> None:
    codes = filled(archive, "P01")

    add_need(archive, NewNeed(codes["P01"], "电力", "容量待测算"), by())

    (one,) = list_tickets(archive, LIBRARY, View(day("2025-04-01")))
    assert one.ticket.about is not None and one.ticket.about.need is not None
    assert one.ticket.about.need.amount is None


@pytest.mark.parametrize(
    ("element", "written", "code"),
    [
        ("审批", "1", "NEED_ELEMENT"), ("用水", "1", "NEED_ELEMENT"), ("土地", "60", "UNIT_MISSING"),
        ("土地", "0亩", "NEED_AMOUNT"), ("电力", "8000人", "UNIT_UNKNOWN"), ("资金", "2000", "UNIT_MISSING"),
    ],
)  # fmt: skip
def test_what_is_no_element_or_no_amount_of_it_is_refused(
    archive: Archive, element: str, written: str, code: str
) -> None:
    codes = filled(archive, "P01")

    with pytest.raises((UsageError, FactError)) as refused:
        add_need(archive, NewNeed(codes["P01"], element, "要", written), by())

    assert told(refused.value) == {code}


def test_a_unit_is_found_by_each_of_its_names(archive: Archive) -> None:
    names = ("resources", "市自然资源和规划局", "市资规局", "常州供电公司", "市财政局", "常州市财政局", "武进区")

    assert [find_unit(name, archive) for name in names] == [
        "resources", "resources", "resources", "power", "treasury", "treasury", "武进区人民政府",
    ]  # fmt: skip


def test_a_list_of_an_earlier_knowledge_holds_no_ticket_recorded_later(archive: Archive) -> None:
    codes = filled(archive, "P01")
    opened(archive, codes["P01"])
    known = by(on="2025-03-01").now
    (now,) = list_tickets(archive, LIBRARY, View(day("2025-12-01")), every=True)

    assert list_tickets(archive, LIBRARY, View(day("2025-12-01"), known), every=True) == []
    assert now.project == codes["P01"]
