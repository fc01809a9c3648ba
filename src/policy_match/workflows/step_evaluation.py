"""What is done with a frozen evaluation: sent to the firms, appealed, decided, made final, proposed for awards, approved.

Firms check for ten working days (by the scheme). A result is final once that is over and every appeal is decided; where
an appeal was upheld another run is made, and this one is never final. An award proposal is approved by another person.
A low grade triggers nothing: a service ticket is opened only where somebody does so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from policy_match.errors import Conflict, Forbidden, Issue, NotFound, UsageError
from policy_match.store import audit, evaluations, subjects
from policy_match.store.evaluation_tables import EvaluationRun, EvaluationStep
from policy_match.store.tables import Actor
from policy_match.workflows.evaluate_year import held_run, read_held
from policy_match.workflows.evaluation_progress import OUTCOMES, Do, Progress, Stage, award_rows, progress_of, row_of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_ticket import NewTicket, Opened, open_at
from policy_match.workflows.write_entry import By, at_desk, at_library_desk, said
from policy_match.working_days import parse_term

EVALUATE, APPEAL, AWARD = "evaluate", "evaluate_appeal", "award"
_LONGEST = 500
_SERVICE = "其他"


def read_progress(archive: Archive, library: str, number: int) -> Progress:
    """Where a run stands; NotFound EVAL_RUN."""
    with archive.database.reading() as session:
        held_run(session, library, number)
        return progress_of(evaluations.steps(session, number))


# the steps


def send_check(archive: Archive, number: int, by: By) -> date:
    """Send a run to the firms; the last day of their check. Conflict EVAL_STAGE where it was sent."""
    with at_library_desk(archive, EVALUATE, by, about=f"evaluation {number}") as (session, who):
        run = held_run(session, by.library, number)
        _require(session, run, Stage.DRAFT)
        term = parse_term(read_held(archive, run).scheme.year_terms.check_within)
        due_on = term.after(by.today, archive.calendar)
        _write(session, who, run, Do.CHECK, by, due_on=due_on, told={"due_on": due_on.isoformat()})
        return due_on


def appeal(archive: Archive, number: int, code: str, text: str, by: By) -> int:
    """Say against a result what a firm has to say; the number of the appeal.

    NotFound for a project that is not in the run, Conflict EVAL_STAGE while nothing was sent or after the check, Forbidden
    CARE_ROLE for another firm's people.
    """
    words = said(text, "申诉内容", "--text", longest=_LONGEST)
    with at_desk(archive, code, by) as desk:
        desk.require(APPEAL)
        firm = desk.record.firm
        if desk.who.firm is not None and (firm is None or desk.who.firm not in (firm.code, firm.uscc)):
            raise Forbidden(Issue("CARE_ROLE", f"“{desk.who.name}”不是这个项目的企业", code, "", "由项目企业申诉"))
        run = held_run(desk.session, by.library, number)
        row_of(read_held(archive, run).results.rows, desk.project.code)
        found = _require(desk.session, run, Stage.CHECK)
        if found.due_on is not None and by.today > found.due_on:
            what = f"核对期到 {found.due_on} 为止，已经过了"
            raise Conflict(Issue("EVAL_STAGE", what, str(number), "核对期内", "请向评价单位说明情况"))
        step = _write(desk.session, desk.who, run, Do.APPEAL, by, subject=desk.project.id, told={"text": words})
        return step.id


def decide_appeal(archive: Archive, number: int, asked: tuple[int, str, str], by: By) -> None:
    """Decide an appeal: its number, 维持 or 改正, and why. NotFound EVAL_APPEAL, UsageError EVAL_OUTCOME, Conflict if decided."""
    appeal_id, outcome, why = asked
    reason = said(why, "理由", "--reason", longest=_LONGEST)
    if outcome not in OUTCOMES:
        allowed = "、".join(OUTCOMES)
        raise UsageError(Issue("EVAL_OUTCOME", f"“{outcome[:20]}”不是申诉的结论", "--outcome", allowed, "改用其中一个"))
    with at_library_desk(archive, EVALUATE, by, about=f"evaluation {number}") as (session, who):
        run = held_run(session, by.library, number)
        progress = _require(session, run, Stage.CHECK)
        found = next((one for one in progress.appeals if one.number == appeal_id), None)
        if found is None or found.outcome is not None:
            open_ones = "、".join(str(one.number) for one in progress.open_appeals)
            raise NotFound(Issue("EVAL_APPEAL", f"没有待处理的申诉 {appeal_id}", str(number), open_ones, "核对编号"))
        told = {"appeal": str(appeal_id), "outcome": outcome, "why": reason}
        _write(session, who, run, Do.DECIDE, by, subject=found.subject_id, told=told)


def finish(archive: Archive, number: int, by: By) -> None:
    """Make a run final. Conflict EVAL_STAGE before the check is over, EVAL_APPEAL_OPEN, EVAL_UPHELD, EVAL_FINAL_THERE."""
    with at_library_desk(archive, EVALUATE, by, about=f"evaluation {number}") as (session, who):
        run = held_run(session, by.library, number)
        progress = _require(session, run, Stage.CHECK)
        _refuse_early(progress, by.today, number)
        for other in evaluations.runs(session, by.library):
            is_same = (other.scheme, other.version, other.period) == (run.scheme, run.version, run.period)
            if other.id != run.id and is_same and _is_final(session, other):
                what = f"{run.period} 年这个方案已有定稿的评价 {other.id}"
                raise Conflict(Issue("EVAL_FINAL_THERE", what, str(number), "", "以定稿的为准"))
        _write(session, who, run, Do.FINAL, by)


def _refuse_early(progress: Progress, today: date, number: int) -> None:
    if progress.due_on is not None and today <= progress.due_on:
        what = f"企业核对到 {progress.due_on} 为止，还没有过"
        raise Conflict(Issue("EVAL_STAGE", what, str(number), f"{progress.due_on} 以后", "到期后再定稿"))
    if progress.open_appeals:
        numbers = "、".join(str(one.number) for one in progress.open_appeals)
        raise Conflict(Issue("EVAL_APPEAL_OPEN", f"还有申诉没有处理：{numbers}", str(number), "", "先逐条处理"))
    if progress.is_upheld:
        hint = "更正数据或人工改数后另做一次评价，再送企业核对"
        raise Conflict(Issue("EVAL_UPHELD", "有申诉的结论是改正，这次评价不能定稿", str(number), "", hint))


def propose_award(archive: Archive, number: int, by: By) -> tuple[str, ...]:
    """Propose the projects of the best grades for an award; their codes. Conflict EVAL_STAGE before the run is final."""
    with at_library_desk(archive, EVALUATE, by, about=f"evaluation {number}") as (session, who):
        run = held_run(session, by.library, number)
        _require(session, run, Stage.FINAL)
        evaluated = read_held(archive, run)
        codes = tuple(row.code for row in award_rows(evaluated))
        _write(session, who, run, Do.PROPOSE, by, told={"codes": "、".join(codes)})
        return codes


def sign_award(archive: Archive, number: int, by: By) -> None:
    """Approve the proposal. Conflict EVAL_STAGE without one, Forbidden EVAL_SAME_PERSON for who proposed it."""
    with at_library_desk(archive, AWARD, by, about=f"evaluation {number}") as (session, who):
        run = held_run(session, by.library, number)
        progress = _require(session, run, Stage.PROPOSED)
        if who.id == progress.proposed_by:
            what = "提出表彰建议的人不能自己批准"
            raise Forbidden(Issue("EVAL_SAME_PERSON", what, str(number), "", "由另一个人批准"))
        _write(session, who, run, Do.SIGN, by)


def open_service(archive: Archive, number: int, code: str, by: By) -> Opened:
    """Open a service ticket for a project whose grade the scheme proposes for one. UsageError EVAL_NO_SERVICE for any other."""
    with at_desk(archive, code, by) as desk:
        run = held_run(desk.session, by.library, number)
        evaluated = read_held(archive, run)
        row = row_of(evaluated.results.rows, desk.project.code)
        if row.grade not in evaluated.scheme.year_terms.service:
            what = f"{code} 不在走访服务建议里"
            raise UsageError(Issue("EVAL_NO_SERVICE", what, code, "", "普通的问题单在项目页登记"))
        text = f"{evaluated.scheme.name} {evaluated.year} 年：建议走访，了解困难，提供服务"
        opened = open_at(desk, NewTicket(desk.project.code, _SERVICE, text))
        _write(desk.session, desk.who, run, Do.SERVICE, by, subject=desk.project.id, told={"ticket": opened.number})
        return opened


def _is_final(session: Session, run: EvaluationRun) -> bool:
    return progress_of(evaluations.steps(session, run.id)).stage not in (Stage.DRAFT, Stage.CHECK)


def _require(session: Session, run: EvaluationRun, stage: Stage) -> Progress:
    found = progress_of(evaluations.steps(session, run.id))
    if found.stage is not stage:
        what = f"评价 {run.id} 现在是“{found.stage}”"
        raise Conflict(Issue("EVAL_STAGE", what, str(run.id), stage, "按 核对、定稿、建议、批准 的次序办理"))
    return found


def _write(
    session: Session, who: Actor, run: EvaluationRun, kind: Do, by: By, *,
    subject: int | None = None, due_on: date | None = None, told: Mapping[str, str] | None = None,
) -> EvaluationStep:  # fmt: skip
    step = EvaluationStep(
        run_id=run.id, kind=kind.value, subject_id=subject, at=by.now, actor_id=who.id, due_on=due_on,
        said=dict(told or {}),
    )  # fmt: skip
    evaluations.add_step(session, step)
    code = None if subject is None else subjects.by_ids(session, [subject])[subject].code
    audit.record(
        session, who, f"evaluation.{kind.value}", object_kind="evaluation", object_id=str(run.id), at=by.now,
        library=by.library, detail={**(told or {}), **({} if code is None else {"project": code})},
    )  # fmt: skip
    return step
