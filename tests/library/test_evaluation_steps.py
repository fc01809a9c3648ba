"""What is done with a frozen evaluation: the firms' check, appeals, the final result, the award proposal, a service ticket."""

from __future__ import annotations

import pytest
from evaluating import INDUSTRY, LEAD, SECOND, by, monthly, take
from rows import LIBRARY, at, audited

from policy_match.errors import Conflict, Forbidden, NotFound, PolicyMatchError, UsageError
from policy_match.workflows.evaluate_year import Asked, freeze_year
from policy_match.workflows.evaluation_progress import Do, Stage
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.replay_evaluation import list_runs
from policy_match.workflows.step_evaluation import (
    appeal,
    decide_appeal,
    finish,
    open_service,
    propose_award,
    read_progress,
    send_check,
    sign_award,
)

FIRM, OTHER_FIRM = "enterprise-320412", "enterprise-320411"
LAST, AFTER = at("2026-03-16"), at("2026-03-17")


def code_of(error: pytest.ExceptionInfo[PolicyMatchError]) -> str:
    """The code of a refusal."""
    return error.value.issues[0].code


def run(archive: Archive, places: int = 10) -> tuple[int, list[str]]:
    """A frozen run of as many projects as make a group, and their codes, the worst first."""
    codes = [*take(archive, [f"{n:02d}" for n in range(1, places + 1)]).values()]
    monthly(archive, {code: {"tax": 100 * n, "output": 72_000} for n, code in enumerate(codes, start=1)})
    number = freeze_year(archive, Asked(2025), by()).number
    assert number is not None
    return number, codes


def test_from_the_draft_to_the_approved_award(archive: Archive) -> None:
    number, codes = run(archive)
    assert read_progress(archive, LIBRARY, number).stage is Stage.DRAFT

    due_on = send_check(archive, number, by(INDUSTRY))
    assert due_on == LAST.date()
    first = appeal(archive, number, codes[0], "  实缴税收少计了  ", by(FIRM, LAST))
    with pytest.raises(Conflict) as early:
        finish(archive, number, by(now=LAST))
    with pytest.raises(Conflict) as open_one:
        finish(archive, number, by(now=AFTER))
    decide_appeal(archive, number, (first, "维持", "与税务数据一致"), by(INDUSTRY, AFTER))
    finish(archive, number, by(INDUSTRY, AFTER))
    best = propose_award(archive, number, by(LEAD, AFTER))
    with pytest.raises(Forbidden) as same:
        sign_award(archive, number, by(LEAD, AFTER))
    with pytest.raises(Forbidden) as other:
        sign_award(archive, number, by(INDUSTRY, AFTER))
    sign_award(archive, number, by(SECOND, AFTER))

    assert [code_of(one) for one in (early, open_one, same, other)] == [
        "EVAL_STAGE", "EVAL_APPEAL_OPEN", "EVAL_SAME_PERSON", "CARE_ROLE",
    ]  # fmt: skip
    assert best == tuple(sorted(codes[8:]))
    progress = read_progress(archive, LIBRARY, number)
    assert (progress.stage, progress.appeals[0].text) == (Stage.SIGNED, "实缴税收少计了")
    (line,) = list_runs(archive, LIBRARY)
    assert (line.number, line.period, line.progress.stage) == (number, "2025", Stage.SIGNED)
    assert [len(audited(archive, f"evaluation.{kind}")) for kind in ("freeze", *Do)] == [1, 1, 1, 1, 1, 1, 1, 0]


def test_steps_out_of_order_are_refused(archive: Archive) -> None:
    number, codes = run(archive, 1)

    for step in (finish, propose_award, sign_award):
        with pytest.raises(Conflict) as refused:
            step(archive, number, by(now=AFTER))
        assert code_of(refused) == "EVAL_STAGE"
    with pytest.raises(Conflict):
        appeal(archive, number, codes[0], "还没有送", by(FIRM))
    send_check(archive, number, by())
    with pytest.raises(Conflict):
        send_check(archive, number, by())
    with pytest.raises(Conflict, match="已经过了"):
        appeal(archive, number, codes[0], "晚了", by(FIRM, AFTER))


def test_a_firm_of_elsewhere_an_empty_text_and_an_unknown_appeal_are_refused(archive: Archive) -> None:
    number, codes = run(archive, 1)
    send_check(archive, number, by())

    with pytest.raises(Forbidden):
        appeal(archive, number, codes[0], "不是我的", by(OTHER_FIRM))
    with pytest.raises(UsageError):
        appeal(archive, number, codes[0], " ", by(FIRM))
    with pytest.raises(NotFound):
        decide_appeal(archive, number, (77, "维持", "没有这一条"), by())
    with pytest.raises(UsageError):
        decide_appeal(archive, number, (77, "不理", "结论不对"), by())
    with pytest.raises(Forbidden):
        send_check(archive, number, by("district-320412"))


def test_an_upheld_appeal_means_another_run_and_only_one_run_of_a_year_is_final(archive: Archive) -> None:
    number, codes = run(archive, 1)
    send_check(archive, number, by())
    first = appeal(archive, number, codes[0], "少计", by(FIRM))
    decide_appeal(archive, number, (first, "改正", "确实少计"), by())
    with pytest.raises(NotFound):
        decide_appeal(archive, number, (first, "维持", "再改"), by())
    with pytest.raises(Conflict) as refused:
        finish(archive, number, by(now=AFTER))
    second, third = (freeze_year(archive, Asked(2025), by()).number or 0 for _ in range(2))
    for one in (second, third):
        send_check(archive, one, by())
    finish(archive, second, by(now=AFTER))
    with pytest.raises(Conflict) as again:
        finish(archive, third, by(now=AFTER))

    assert [code_of(one) for one in (refused, again)] == ["EVAL_UPHELD", "EVAL_FINAL_THERE"]


def test_a_low_grade_only_proposes_a_visit_that_somebody_opens(archive: Archive) -> None:
    number, codes = run(archive)

    assert audited(archive, "ticket.open") == []
    opened = open_service(archive, number, codes[0], by())
    with pytest.raises(UsageError) as refused:
        open_service(archive, number, codes[9], by())

    assert code_of(refused) == "EVAL_NO_SERVICE"
    assert opened.number
    assert len(audited(archive, "ticket.open")) == 1


def test_a_missing_project_or_run_is_not_found(archive: Archive) -> None:
    number, _ = run(archive, 1)
    later = take(archive, ["后来的"])["后来的"]
    send_check(archive, number, by())

    with pytest.raises(NotFound):
        appeal(archive, number, later, "不在这次评价里", by(FIRM))
    with pytest.raises(NotFound):
        send_check(archive, number + 1, by())
