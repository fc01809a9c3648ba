"""The commands on matches under review: `policy-match review …`. Each is a thin door to one workflow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policy_match.cli_library import LEAD, By, Library, Second, archive_of
from policy_match.command_options import Out, day_of, listed, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

if TYPE_CHECKING:
    from policy_match.ranking.scoring import Ordering
    from policy_match.settings import Settings
    from policy_match.workflows.open_archive import Archive
    from policy_match.workflows.write_entry import By as Request

review_app = ChineseTyper(
    cls=ChineseGroup,
    help="匹配审核：列出待审的、认领、决定。决定只改变建议，不改事实和结论。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Number = Annotated[str, typer.Argument(metavar="编号", help="review list 列出的编号，或 项目/措施")]


def _by(given: Settings, library: str, actor: str) -> Request:
    from policy_match.workflows.write_entry import By as Request

    return Request(library, actor, given.instant())


def _ordering(archive: Archive, request: Request) -> Ordering | None:
    """With texts: what is pushed and what is reviewed must not depend on the door."""
    from policy_match.workflows.open_reviews import review_ordering

    return review_ordering(archive, request)


@review_app.command("list")
def review_list(
    measure: Annotated[Optional[str], typer.Option("--measure", help="措施编号，逗号分隔")] = None,
    district: Annotated[Optional[str], typer.Option("--district", help="辖市区代码或名称，如 320412、武进")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="只看我认领的")] = False,
    library: Library = "real",
    by: By = LEAD,
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="table、json、csv、xlsx")] = None,
) -> None:
    """列出待审匹配：为什么要审、何时登记、限期、谁认领着、前次决定；属地看本地区的，部门看主管的措施。"""
    from policy_match.workflows.list_reviews import print_reviews
    from policy_match.workflows.open_reviews import wanted_reviews

    given = settings()
    archive, request = archive_of(given), _by(given, library, by)
    wanted = wanted_reviews(archive, request, listed(measure), district, mine=mine)
    target = None if out in (None, "-") else Path(str(out))
    print_reviews(archive, wanted, request, _ordering(archive, request), form=format, out=target)


@review_app.command("note")
def review_note(library: Library = "real", by: By = LEAD) -> None:
    """每天运行一次：登记新出现的待审匹配，限期从登记之日起算。"""
    from policy_match.workflows.note_reviews import note_reviews

    given = settings()
    archive, request = archive_of(given), _by(given, library, by)
    noted = note_reviews(archive, request, _ordering(archive, request))
    print(f"待审 {noted.waiting} 项，新登记 {noted.new} 项")


@review_app.command("claim")
def review_claim(number: Number, library: Library = "real", by: By = LEAD) -> None:
    """认领一项，一段时间内别人不能决定；再认领一次就延长。"""
    from policy_match.eligibility.decide import VERDICT_NAMES
    from policy_match.workflows.at_review import local_minute
    from policy_match.workflows.claim_review import claim_review

    given = settings()
    held = claim_review(archive_of(given), number, _by(given, library, by))
    subject, measure = held.match.pair
    verdict = "差一点" if held.match.near else VERDICT_NAMES[held.match.verdict]
    amount = "" if held.match.amount is None else f"，{held.match.amount.text}"
    print(f"{held.id} {subject} {measure}：{verdict}{amount}")
    print(f"已认领，到 {local_minute(held.until)}；版本 {held.row_version}")


@review_app.command("decide")
def review_decide(
    number: Number,
    decision: Annotated[
        str,
        typer.Option(
            "--decision",
            help="confirm 确认、reject 驳回、correct_fact 数据有误、defer 暂缓、escalate 上报、"
            "override_eligible 改判为符合、override_ineligible 改判为不符合",
        ),
    ],
    reason: Annotated[Optional[str], typer.Option("--reason", help="驳回的原因，七类之一")] = None,
    note: Annotated[str, typer.Option("--note", help="说明")] = "",
    fact: Annotated[Optional[str], typer.Option("--fact", help="哪项数据有误")] = None,
    until: Annotated[Optional[str], typer.Option("--until", help="暂缓到哪天再看（YYYY-MM-DD）")] = None,
    library: Library = "real",
    by: By = LEAD,
    second: Second = None,
    seen: Annotated[Optional[int], typer.Option("--seen", help="您看到的版本，防止覆盖别人的决定")] = None,
) -> None:
    """决定认领的一项；改判须另一人签字才算数：由他再提一次同样的决定，或写 --second。"""
    from policy_match.ranking.decisions import CHOICE_NAMES
    from policy_match.workflows.decide_review import NewDecision, decide_review

    given = settings()
    day = None if until is None else day_of(until, given, "--until")
    asked = NewDecision(number, decision, reason, note, fact, day, second, seen)
    done = decide_review(archive_of(given), asked, _by(given, library, by))
    if done.doubt is not None:
        print(f"已列为待核实第 {done.doubt} 条，答复之前不再列出", file=sys.stderr)
    if not done.counts:
        print(f"{done.id} “{CHOICE_NAMES[done.step.choice]}”已记下，还不算数：要另一个人签字", file=sys.stderr)
        sys.exit(3)
    print(f"{done.id} {CHOICE_NAMES[done.step.choice]}，版本 {done.row_version}")
