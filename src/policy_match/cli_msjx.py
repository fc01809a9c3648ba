"""The commands of 免申即享: `policy-match msjx …`. Each is a thin door to one workflow.

`--by` says who acts: an officer of the measure's own unit, a firm's own people, the treasury. Payments are in cli_msjx_pay.py.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.cli_care import by_of
from policy_match.cli_library import LEAD, By, Form, Library, On, Seen, archive_of
from policy_match.command_options import AsOf, Out, day_of, listed, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

msjx_app = ChineseTyper(
    cls=ChineseGroup,
    help="免申即享：候选、核验、公示、异议、确认、拨付、证明。",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Number = Annotated[str, typer.Argument(metavar="编号", help="办件编号，如 MX-2025-000001")]
Why = Annotated[str, typer.Option("--reason", help="原因说明")]
Person = Annotated[str, typer.Option("--person", help="确认人姓名")]


def _where(out: Out) -> Path | None:
    return None if out in (None, "-") else Path(str(out))


def _on(written: str | None) -> date:
    given = settings()
    return given.today() if written is None else day_of(written, given)


@msjx_app.command("run")
def run(
    measures: Annotated[
        Optional[list[str]], typer.Argument(metavar="[措施]…", help="措施编号，默认全部免申即享")
    ] = None,
    as_of: AsOf = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """找出谁不用申报就该得：按数据符合的列为候选，没列的说明原因。"""
    from policy_match.workflows.find_candidates import Hunt, find_candidates, told

    given = settings()
    hunt = Hunt(day_of(as_of, given), tuple(measures) if measures else None)
    for line in told(find_candidates(archive_of(given), hunt, by_of(given, library, by))):
        print(line)


@msjx_app.command("list")
def list_(
    state: Annotated[Optional[str], typer.Option("--state", help="状态代码或名称，逗号分隔")] = None,
    library: Library = "real",
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="table、json、csv、xlsx")] = None,
) -> None:
    """列出办件：状态、金额、到期日。"""
    from policy_match.workflows.list_cases import print_cases

    print_cases(archive_of(settings()), library, states=listed(state) or (), form=format, out=_where(out))


@msjx_app.command("show")
def show(number: Number, library: Library = "real", format: Form = "table") -> None:
    """一件的全过程：每一步谁办、依据什么，还能办什么。"""
    from policy_match.workflows.show_case import print_case

    print_case(archive_of(settings()), library, number, form=format)


@msjx_app.command("verify")
def verify(number: Number, library: Library = "real", by: By = LEAD, seen: Seen = None) -> None:
    """核验：两名经办人先后各核一次，第二次的数据固定为证明。"""
    from policy_match.workflows.verify_case import verify_case

    given = settings()
    _tell(verify_case(archive_of(given), number, by_of(given, library, by), seen=seen))


@msjx_app.command("notice")
def notice(
    number: Number,
    url: Annotated[str, typer.Option("--url", help="公示网址，*.gov.cn")],
    file: Annotated[Path, typer.Option("--file", help="公示的文件，记下它的哈希")],
    on: On = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """公示：次一工作日起算，期满转企业确认。"""
    from policy_match.workflows.file_hash import file_hash
    from policy_match.workflows.publish_notice import Notice, publish_notice

    given = settings()
    asked = Notice(url, _on(on), file_hash(file))
    case = publish_notice(archive_of(given), number, asked, by_of(given, library, by))
    print(f"{number} 公示 {case.notice_first} 至 {case.notice_last}")


@msjx_app.command("ask")
def ask(number: Number, library: Library = "real", by: By = LEAD) -> None:
    """请企业确认（不需要公示的，或先确认后公示的）。"""
    from policy_match.workflows.publish_notice import ask_firm

    given = settings()
    _tell(ask_firm(archive_of(given), number, by_of(given, library, by)))


@msjx_app.command("object")
def object_(
    number: Number,
    name: Annotated[str, typer.Option("--name", help="提出人姓名或单位")],
    contact: Annotated[str, typer.Option("--contact", help="联系方式，只有经办人可见")],
    says: Annotated[str, typer.Option("--says", help="异议内容")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记公示期内的异议：办件挂起，等答复。"""
    from policy_match.workflows.object_case import NewObjection, object_case

    given = settings()
    row = object_case(archive_of(given), number, NewObjection(name, contact, says), by_of(given, library, by))
    print(f"异议 {row.id}，{row.due_on} 前答复")


@msjx_app.command("omission")
def omission(
    subject: Annotated[str, typer.Argument(metavar="主体", help="项目或企业编号、信用代码")],
    measure: Annotated[str, typer.Argument(metavar="措施", help="措施编号")],
    name: Annotated[str, typer.Option("--name", help="提出人姓名或单位")],
    contact: Annotated[str, typer.Option("--contact", help="联系方式，只有经办人可见")],
    says: Annotated[str, typer.Option("--says", help="为什么应当享受")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记“应享未享”：企业认为被漏掉了，随时可以提。"""
    from policy_match.workflows.object_case import NewObjection, claim_omission

    given = settings()
    asked = NewObjection(name, contact, says)
    row = claim_omission(archive_of(given), subject, measure, asked, by_of(given, library, by))
    print(f"异议 {row.id}，{row.due_on} 前答复")


@msjx_app.command("answer")
def answer(
    objection: Annotated[int, typer.Argument(metavar="异议", help="异议编号")],
    outcome: Annotated[str, typer.Option("--outcome", help="upheld 成立、rejected 不成立、withdrawn 撤回")],
    text: Annotated[str, typer.Option("--answer", help="答复")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """答复异议：成立则终止，不成立则继续。"""
    from policy_match.workflows.object_case import OUTCOMES, answer_objection

    given = settings()
    row = answer_objection(archive_of(given), objection, outcome, text, by_of(given, library, by))
    print(f"异议 {row.id} {OUTCOMES[str(row.outcome)]}")


@msjx_app.command("objections")
def objections(
    every: Annotated[bool, typer.Option("--all", help="已答复的也列出")] = False,
    library: Library = "real",
    format: Form = "table",
) -> None:
    """列出异议：公示期内的和“应享未享”的，默认只列待答复的。"""
    from policy_match.workflows.list_objections import print_objections

    print_objections(archive_of(settings()), library, waiting=not every, form=format)


@msjx_app.command("consent")
def consent(
    number: Number,
    person: Person,
    proved_by: Annotated[str, typer.Option("--proved-by", help="怎样核实是本人，如 政企通实名")],
    holder: Annotated[str, typer.Option("--holder", help="户名，须是受益单位")],
    account: Annotated[str, typer.Option("--account", help="账号")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """企业确认：看过金额和依据，选定账户。不答不算同意。"""
    from policy_match.workflows.confirm_case import Consent, confirm_case

    given = settings()
    asked = Consent(person, proved_by, holder, account)
    _tell(confirm_case(archive_of(given), number, asked, by_of(given, library, by)))


@msjx_app.command("decline")
def decline(number: Number, person: Person, reason: Why = "", library: Library = "real", by: By = LEAD) -> None:
    """企业放弃；确认期内可以改主意。"""
    from policy_match.workflows.confirm_case import decline_case

    given = settings()
    _tell(decline_case(archive_of(given), number, person, reason, by_of(given, library, by)))


@msjx_app.command("reopen")
def reopen(number: Number, reason: Why, library: Library = "real", by: By = LEAD) -> None:
    """重新请企业确认：放弃的在确认期内，逾期的当年一次。"""
    from policy_match.workflows.confirm_case import reopen_case

    given = settings()
    _tell(reopen_case(archive_of(given), number, reason, by_of(given, library, by)))


@msjx_app.command("approve")
def approve(
    number: Number,
    second: Annotated[Optional[str], typer.Option("--second", help="超过会签额度时的第二人")] = None,
    library: Library = "real",
    by: By = LEAD,
    seen: Seen = None,
) -> None:
    """审批拨付：数据、名单、台账、预算再核一遍，核验过的人不能审批。"""
    from policy_match.workflows.approve_case import approve_case

    given = settings()
    _tell(approve_case(archive_of(given), number, by_of(given, library, by), second=second, seen=seen))


@msjx_app.command("hold")
def hold(number: Number, reason: Why, library: Library = "real", by: By = LEAD) -> None:
    """挂起。"""
    from policy_match.workflows.leave_case import hold_case

    given = settings()
    _tell(hold_case(archive_of(given), number, reason, by_of(given, library, by)))


@msjx_app.command("release")
def release(number: Number, reason: Why, library: Library = "real", by: By = LEAD) -> None:
    """解除挂起，从原处继续。"""
    from policy_match.workflows.leave_case import release_case

    given = settings()
    _tell(release_case(archive_of(given), number, reason, by_of(given, library, by)))


@msjx_app.command("cancel")
def cancel(number: Number, reason: Why, library: Library = "real", by: By = LEAD) -> None:
    """撤销还没有拨付的办件。"""
    from policy_match.workflows.leave_case import cancel_case

    given = settings()
    _tell(cancel_case(archive_of(given), number, reason, by_of(given, library, by)))


@msjx_app.command("tick")
def tick(library: Library = "real", by: By = LEAD) -> None:
    """每天运行一次：公示期满、提醒、逾期、停用措施的办件撤销。"""
    from policy_match.workflows.move_cases import move_cases

    given = settings()
    moved = move_cases(archive_of(given), by_of(given, library, by))
    for one in moved:
        print(f"{one.number} {one.what}")
    print(f"共 {len(moved)} 件有变化")


@msjx_app.command("checklist")
def checklist(
    measure: Annotated[str, typer.Argument(metavar="措施", help="措施编号")], as_of: AsOf = None, format: Form = "table"
) -> None:
    """一项措施能不能免申即享：十问。"""
    from policy_match.workflows.show_checklist import print_checklist

    given = settings()
    print_checklist(given.rules_dir, given.corpus_dir, measure, as_of=day_of(as_of, given), form=format)


@msjx_app.command("proof")
def proof(number: Number, library: Library = "real", out: Out = None) -> None:
    """导出证明：一个文件，任何人都能凭它重新判定。"""
    from policy_match.exchange.screen import write_lines
    from policy_match.workflows.prove_case import proof_of

    write_lines([proof_of(archive_of(settings()), library, number).encode()], _where(out))


@msjx_app.command("replay")
def replay(number: Number, library: Library = "real") -> None:
    """凭证明重新判定一件，结论和金额必须一致。"""
    from policy_match.workflows.prove_case import replay as run_again

    print(run_again(archive_of(settings()), library, number))


@msjx_app.command("recheck")
def recheck(
    library: Library = "real",
    by: By = LEAD,
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="table、json、csv、xlsx")] = None,
) -> None:
    """回头看：已兑付和被排除的按当时的法、现在的数据重判，多付少付漏付各多少钱。"""
    from policy_match.workflows.recheck_cases import print_rechecked

    given = settings()
    print_rechecked(archive_of(given), by_of(given, library, by), form=format, out=_where(out))


@msjx_app.command("verify-proof")
def verify_proof(
    file: Annotated[Path, typer.Argument(metavar="文件", help="证明文件")],
    head: Annotated[Optional[str], typer.Option("--head", help="库外留存的、办件最后一步的哈希")] = None,
) -> None:
    """只凭证明文件重新判定，不用数据库。"""
    from policy_match.verify_proof import main

    sys.exit(main([str(file), *(("--head", head) if head else ())]))


def _tell(case: object) -> None:
    from policy_match.entitlement.states import STATE_NAMES, State
    from policy_match.store.case_tables import Case

    if isinstance(case, Case):
        print(f"{case.number} {STATE_NAMES[State(case.state)]}")
