"""The commands on the library of projects. Each is a thin door to one workflow.

`--library` chooses the real or the demonstration library; `--by` says who acts: an id of the actors, by default
the office of the overall lead.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policy_match.command_options import AsOf, day_of, refused, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

if TYPE_CHECKING:
    from datetime import datetime

    from policy_match.lifecycle.events import Evidence
    from policy_match.settings import Settings
    from policy_match.workflows.open_archive import Archive
    from policy_match.workflows.read_records import View
    from policy_match.workflows.record_event import Recorded

project_app = ChineseTyper(
    cls=ChineseGroup, help="项目：登记、查看、办理。", no_args_is_help=True, rich_markup_mode=None
)
doubts_app = ChineseTyper(cls=ChineseGroup, help="待核实：列出、答复。", no_args_is_help=True, rich_markup_mode=None)
waiting_app = ChineseTyper(cls=ChineseGroup, help="待关联的外部记录。", no_args_is_help=True, rich_markup_mode=None)
audit_app = ChineseTyper(cls=ChineseGroup, help="审计链：核对、导出链头。", no_args_is_help=True, rich_markup_mode=None)


def _library(written: str) -> str:
    from policy_match.workflows.library_names import check_library

    return check_library(written)


Library = Annotated[str, typer.Option("--library", help="real 真实项目库、demo 示范库", callback=_library)]
KnownAt = Annotated[Optional[str], typer.Option("--known-at", help="以当时所知为准")]
By = Annotated[str, typer.Option("--by", help="经办人编号，如 development、district-320412")]
Code = Annotated[str, typer.Argument(metavar="项目", help="库内编号或项目代码")]
On = Annotated[Optional[str], typer.Option("--on", help="发生日期（YYYY-MM-DD），默认今天")]
Shown = Annotated[Optional[list[str]], typer.Option("--evidence", help="佐证，种类=文号或文件，可多次")]
Reason = Annotated[str, typer.Option("--reason", help="原因说明")]
Cause = Annotated[str, typer.Option("--cause", help="原因类别")]
Second = Annotated[Optional[str], typer.Option("--second", help="第二经办人编号")]
Source = Annotated[str, typer.Option("--source", help="来源：GG TZXM DEPT DISTRICT …")]
Seen = Annotated[Optional[int], typer.Option("--seen", help="您看到的记录版本，防止覆盖他人修改")]
Key = Annotated[Optional[str], typer.Option("--key", help="请求编号：同一请求重复提交不重复办理")]
Form = Annotated[str, typer.Option("--format", help="table、json")]
LEAD = "development"


def archive_of(given: Settings) -> Archive:
    """The archive that the settings name; tells if the secret is not the one that sealed what is in it."""
    from policy_match.secret import open_secret
    from policy_match.workflows.open_archive import open_archive
    from policy_match.workflows.seal_value import told_of_other_key

    secret = open_secret(given)
    archive = open_archive(given.database_url, given.rules_dir, given.corpus_dir, given.cache, secret=secret)
    told = told_of_other_key(archive.database, archive.sealer)
    if told is not None:
        print(told, file=sys.stderr)
    return archive


def view_of(given: Settings, as_of: str | None, known_at: str | None = None) -> View:
    """The day and the instant of knowledge of two options; UsageError for what is no day or instant."""
    from policy_match.workflows.read_records import View

    return View.of(day_of(as_of, given), instant_of(known_at), given.instant())


def instant_of(written: str | None, option: str = "--known-at") -> datetime | None:
    """A day (its end, Asia/Shanghai) or an instant; None where nothing was written."""
    from datetime import datetime as instant
    from datetime import time

    from policy_match.errors import Issue, UsageError
    from policy_match.settings import LOCAL

    if written is None:
        return None
    try:
        found = instant.fromisoformat(written)
    except ValueError:
        hint = "写成 2024-11-01 或 2024-11-01T10:00+08:00"
        raise UsageError(Issue("DATE_FORMAT", f"“{written[:30]}”不是时间", option, hint)) from None
    if len(written) <= 10:
        found = instant.combine(found.date(), time.max)
    return found if found.tzinfo else found.replace(tzinfo=LOCAL)


def evidence_of(written: list[str] | None) -> tuple[Evidence, ...]:
    """`kind=number` pairs; the name of a file stands for its SHA-256. UsageError for anything else."""
    from policy_match.errors import Issue, UsageError
    from policy_match.lifecycle.events import Evidence
    from policy_match.workflows.file_hash import file_hash

    pieces = []
    for one in written or ():
        kind, mark, number = one.partition("=")
        if not (kind.strip() and mark and number.strip()):
            raise UsageError(
                Issue("EVIDENCE", f"“{one[:40]}”不是佐证", "--evidence", "种类=文号或文件", "如 施工许可证=许2025-1")
            )
        path = Path(number.strip())
        pieces.append(Evidence(kind.strip(), file_hash(path) if _is_file(path) else number.strip()))
    return tuple(pieces)


def _is_file(path: Path) -> bool:
    """Whether there is such a file; what cannot be the name of one is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def facts_of(written: list[str] | None) -> dict[str, str]:
    """`fact=value` pairs; UsageError for anything else."""
    from policy_match.errors import Issue, UsageError

    found: dict[str, str] = {}
    for one in written or ():
        name, mark, value = one.partition("=")
        if not (name.strip() and mark):
            raise UsageError(Issue("FACT", f"“{one[:40]}”不是事实", "--fact", "名称=值", "如 总投资=12亿元"))
        found[name.strip()] = value.strip()
    return found


def init(
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="装入示范库")] = True,
) -> None:
    """建库：建表，装入公开项目和示范库；已有内容的库不动。"""
    from policy_match.workflows.seed_libraries import seed_libraries

    given = settings()
    done = seed_libraries(archive_of(given), given.corpus_dir, given.instant(), demo=demo)
    for note in done or ("库已建好，内容未动",):
        print(note)


def import_file(
    source: Annotated[str, typer.Argument(metavar="来源", help="DISTRICT GG TZXM FAI ENT ZQT")],
    file: Annotated[Path, typer.Argument(metavar="文件", help=".xlsx .csv .parquet")],
    library: Library = "real",
    by: By = "importer",
    strict: Annotated[bool, typer.Option("--strict", help="有一行不对就整份不导入")] = False,
    may_shrink: Annotated[bool, typer.Option("--may-shrink", help="确认文件比上一份短是正常的")] = False,
) -> None:
    """导入一份报表或系统导出：能收的收下，不对的行写进错误文件。"""
    from policy_match.workflows.import_register import import_register

    given = settings()
    taken = import_register(
        archive_of(given), library, source, file, by=by, strict=strict, may_shrink=may_shrink, now=given.instant()
    )
    for note in taken.notes:
        print(note, file=sys.stderr)
    for what in taken.asked:
        print(f"待核实 {what}", file=sys.stderr)
    waiting = f"，待关联 {taken.waiting}" if taken.waiting else ""
    print(f"新增 {taken.new}，变更 {taken.changed}，未变 {taken.same}{waiting}")
    sys.exit(refused(taken.refusals, file))


@project_app.command("add")
def project_add(
    name: Annotated[str, typer.Option("--name", help="项目名称")],
    uscc: Annotated[Optional[str], typer.Option("--uscc", help="企业统一社会信用代码")] = None,
    firm: Annotated[Optional[str], typer.Option("--firm", help="企业名称")] = None,
    project_code: Annotated[Optional[str], typer.Option("--project-code", help="项目代码")] = None,
    fact: Annotated[Optional[list[str]], typer.Option("--fact", help="事实，名称=值，可多次")] = None,
    source: Source = "DISTRICT",
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记一个项目，给出库内编号。"""
    from policy_match.workflows.enter_by_hand import Told, add_project

    given = settings()
    told = Told(facts_of(fact), name, uscc, firm, project_code, source)
    added = add_project(archive_of(given), library, told, by, given.instant())
    for what in added.asked:
        print(f"待核实 {what}", file=sys.stderr)
    print(added.code)


@project_app.command("tell")
def project_tell(
    code: Code,
    fact: Annotated[Optional[list[str]], typer.Option("--fact", help="事实，名称=值，可多次")] = None,
    uscc: Annotated[Optional[str], typer.Option("--uscc", help="企业统一社会信用代码")] = None,
    firm: Annotated[Optional[str], typer.Option("--firm", help="企业名称")] = None,
    project_code: Annotated[Optional[str], typer.Option("--project-code", help="项目代码")] = None,
    source: Source = "DEPT",
    record: Annotated[Optional[str], typer.Option("--record", help="来源自己的记录编号")] = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """补充一个项目的事实、项目代码或企业；原来的说法保留。"""
    from policy_match.workflows.enter_by_hand import Told, tell_facts

    given = settings()
    told = Told(facts_of(fact), None, uscc, firm, project_code, source, record)
    entered = tell_facts(archive_of(given), library, code, told, by, given.instant())
    for what in entered.asked:
        print(f"待核实 {what}", file=sys.stderr)
    print(f"{entered.code} 已记入")


@project_app.command("list")
def project_list(
    words: Annotated[
        Optional[str], typer.Option("--words", metavar="词", help="名称、建设内容、产品中有这些词")
    ] = None,
    more: Annotated[Optional[list[str]], typer.Argument(metavar="词", help="--words 之后的其他词")] = None,
    library: Library = "real",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format: Form = "table",
) -> None:
    """列出项目：阶段、牵头单位、分档、最急的灯。"""
    from policy_match.errors import Issue, UsageError
    from policy_match.workflows.print_records import print_list

    if more and words is None:
        raise UsageError(
            Issue("WORDS", f"不认识的参数“{more[0][:40]}”", "", "--words 词", "按词查找写 --words 电池 结构件")
        )
    given, sought = settings(), None if words is None else " ".join((words, *(more or ())))
    print_list(archive_of(given), library, view_of(given, as_of, known_at), form=format, words=sought)


@project_app.command("show")
def project_show(
    code: Code,
    library: Library = "real",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    purpose: Annotated[
        str, typer.Option("--purpose", help="用途：service statistics review payout evaluation")
    ] = "service",
    format: Form = "table",
    by: By = LEAD,
) -> None:
    """一个项目的全部：时间线、事实和来源、灯、里程碑、待补、待核实；来源不准用于这一用途的事实不显示，并记入审计。"""
    from policy_match.workflows.open_record import open_record, purpose_of
    from policy_match.workflows.print_records import print_record

    given = settings()
    archive, view = archive_of(given), replace(view_of(given, as_of, known_at), purpose=purpose_of(purpose))
    open_record(archive, library, code, view, by=by, now=given.instant())
    print_record(archive, library, code, view, form=format)


def asof(
    code: Code,
    day: Annotated[str, typer.Argument(metavar="日期", help="YYYY-MM-DD")],
    known_at: KnownAt = None,
    library: Library = "real",
    format: Form = "table",
) -> None:
    """项目在某一天的状态；--known-at 只算当时已知道的。"""
    from policy_match.workflows.print_records import print_record

    given = settings()
    on = f"{day_of(day, given, '日期')}"
    print_record(archive_of(given), library, code, view_of(given, on, known_at), form=format, brief=True)


@project_app.command("advance")
def project_advance(
    code: Code,
    point: Annotated[list[str], typer.Argument(metavar="跟踪点", help="签约 立项 开工 竣工 投产；补录可写两个")],
    on: Annotated[Optional[list[str]], typer.Option("--on", help="发生日期，与跟踪点一一对应，默认今天")] = None,
    evidence: Shown = None,
    fact: Annotated[Optional[list[str]], typer.Option("--fact", help="同时登记的事实，名称=值")] = None,
    cause: Cause = "",
    reason: Reason = "",
    source: Source = "DEPT",
    library: Library = "real",
    by: By = LEAD,
    second: Second = None,
    seen: Seen = None,
    key: Key = None,
) -> None:
    """推进到下一个跟踪点，佐证齐全才办。"""
    from policy_match.workflows.advance_project import Advance, advance_project

    given = settings()
    days = [day_of(one, given, "--on") for one in on or ()] or [given.today()] * len(point)
    asked = Advance(code, tuple(point), tuple(days), evidence_of(evidence), facts_of(fact), cause, reason, source)
    _tell(
        advance_project(
            archive_of(given), library, asked, by=by, second=second, seen=seen, key=key, now=given.instant()
        )
    )


def _tell(recorded: Recorded) -> None:
    for note in recorded.notes:
        print(note.what, file=sys.stderr)
    print(f"已登记，记录版本 {recorded.row_version}" if recorded.is_new else "已登记过")


def _side_command(name: str, kind: str, help_text: str) -> None:
    """One command for a move beside the points: all of them take the same options."""

    def run(
        code: Code,
        on: On = None,
        evidence: Shown = None,
        cause: Cause = "",
        reason: Reason = "",
        expected: Annotated[Optional[str], typer.Option("--expected", help="暂停的，预计恢复日期")] = None,
        library: Library = "real",
        by: By = LEAD,
        second: Second = None,
        seen: Seen = None,
        key: Key = None,
    ) -> None:
        from policy_match.lifecycle.words import EventKind
        from policy_match.workflows.move_aside import Aside, move_aside

        given = settings()
        until = None if expected is None else day_of(expected, given, "--expected")
        asked = Aside(code, EventKind(kind), day_of(on, given, "--on"), evidence_of(evidence), cause, reason, until)
        archive = archive_of(given)
        _tell(move_aside(archive, library, asked, by=by, second=second, seen=seen, key=key, now=given.instant()))

    run.__doc__ = help_text
    project_app.command(name)(run)


for _name, _kind, _help in (
    ("pause", "PAUSE", "暂停：写明原因类别、预计恢复日期，附停工报告或属地说明。"),
    ("resume", "RESUME", "恢复：附复工佐证。"),
    ("terminate", "TERMINATE", "终止：写明原因，由属地和牵头单位两人办理。"),
    ("exit", "EXIT", "出库：写明类别；项目仍可查看。"),
    ("reenter", "REENTER", "重新入库。"),
):
    _side_command(_name, _kind, _help)


@project_app.command("correct")
def project_correct(
    code: Code,
    what: Annotated[str, typer.Argument(metavar="记录", help="跟踪点，或时间线上的记录编号")],
    reason: Annotated[str, typer.Option("--reason", help="更正原因")],
    second: Annotated[str, typer.Option("--second", help="第二经办人编号")],
    on: Annotated[Optional[str], typer.Option("--on", help="更正后的日期；不写就是撤销这条记录")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="撤销这条记录")] = False,
    evidence: Shown = None,
    library: Library = "real",
    by: By = LEAD,
    seen: Seen = None,
) -> None:
    """更正或撤销一条记录：两人办理，原记录保留。"""
    from policy_match.errors import Issue, UsageError
    from policy_match.workflows.correct_event import Correction, correct_event

    given = settings()
    if withdraw == (on is not None):
        raise UsageError(Issue("CORRECTION", "请写更正后的日期，或说明是撤销", "--on", "--on 日期 或 --withdraw"))
    asked = Correction(code, what, None if on is None else day_of(on, given, "--on"), reason, evidence_of(evidence))
    _tell(correct_event(archive_of(given), library, asked, by=by, second=second, seen=seen, now=given.instant()))


@project_app.command("merge")
def project_merge(
    code: Code,
    into: Annotated[str, typer.Option("--into", help="并入哪个项目")],
    reason: Annotated[str, typer.Option("--reason", help="原因")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """并库：两条记录是同一个项目，并入另一条；历史都保留，可以撤销。"""
    from policy_match.workflows.join_projects import merge_projects

    given = settings()
    _tell(merge_projects(archive_of(given), library, code, into, reason=reason, by=by, now=given.instant()))


@project_app.command("unmerge")
def project_unmerge(
    code: Code,
    reason: Annotated[str, typer.Option("--reason", help="原因")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """撤销并库。"""
    from policy_match.workflows.join_projects import unmerge_project

    given = settings()
    _tell(unmerge_project(archive_of(given), library, code, reason=reason, by=by, now=given.instant()))


@project_app.command("phase")
def project_phase(
    code: Code,
    of: Annotated[str, typer.Option("--of", help="是哪个项目的分期")],
    included: Annotated[bool, typer.Option("--included", help="总项目的数字已含这一期，统计时不再另计")] = False,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """这是另一个项目的分期。"""
    from policy_match.workflows.join_projects import make_phase

    given = settings()
    make_phase(archive_of(given), library, code, of, included=included, by=by, now=given.instant())
    print(f"{code} 已记为 {of} 的分期")


@project_app.command("apart")
def project_apart(
    code: Code,
    other: Annotated[str, typer.Option("--from", help="与哪个项目不同")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """两个项目不是一回事：记下，不再询问。"""
    from policy_match.workflows.join_projects import keep_apart

    given = settings()
    keep_apart(archive_of(given), library, code, other, by=by, now=given.instant())
    print(f"{code} 与 {other} 记为两个项目，不再询问")


@project_app.command("agent")
def project_agent(
    code: Code,
    holder: Annotated[str, typer.Option("--name", help="帮办代办人员姓名")],
    unit: Annotated[str, typer.Option("--unit", help="所在单位")],
    since: Annotated[Optional[str], typer.Option("--since", help="自哪天起，默认今天")] = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """指定帮办代办人员；原来的人自同一天起卸任。"""
    from policy_match.workflows.name_agent import Agent, name_agent
    from policy_match.workflows.write_entry import By as Request

    given = settings()
    asked = Agent(code, holder, unit, day_of(since, given, "--since"))
    name_agent(archive_of(given), asked, Request(library, by, given.instant()))
    print(f"{code} 的帮办是 {holder}")


@doubts_app.command("list")
def doubts_list(library: Library = "real", format: Form = "table") -> None:
    """还没有答复的待核实。"""
    from policy_match.workflows.print_doubts import print_doubts

    print_doubts(archive_of(settings()), library, form=format)


@doubts_app.command("settle")
def doubts_settle(
    number: Annotated[int, typer.Argument(metavar="序号", help="待核实的序号")],
    outcome: Annotated[str, typer.Argument(metavar="答复", help="accepted 认可、refused 不认可")],
    note: Annotated[str, typer.Option("--note", help="说明")] = "",
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """答复一条待核实；答复记住，不再询问。"""
    from policy_match.workflows.settle_doubt import settle_doubt

    given = settings()
    settle_doubt(archive_of(given), library, number, outcome, by=by, now=given.instant(), note=note)
    print(f"第 {number} 条已答复")


@waiting_app.command("list")
def waiting_list(library: Library = "real", format: Form = "table") -> None:
    """其他系统的记录中，还没有关联到项目的。"""
    from policy_match.workflows.print_doubts import print_waiting

    print_waiting(archive_of(settings()), library, form=format)


@waiting_app.command("link")
def waiting_link(
    code: Code,
    source: Annotated[str, typer.Option("--source", help="记录的来源")],
    record: Annotated[str, typer.Option("--record", help="记录的编号")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """把一条外部记录关联到项目，内容随即记入。"""
    from policy_match.workflows.link_waiting import link_waiting

    given = settings()
    kept = link_waiting(archive_of(given), library, source, record, code, by=by, now=given.instant())
    print(f"{source} {record} 已关联到 {code}")
    for what in kept.asked:
        print(f"待核实 {what}", file=sys.stderr)


@audit_app.command("verify")
def audit_verify(
    against: Annotated[Optional[Path], typer.Option("--against", help="库外留存的链头文件")] = None,
) -> None:
    """核对审计链；有改写或截去，指出第一处，退出码 2。"""
    from policy_match.workflows.verify_audit import verify_audit

    print(verify_audit(archive_of(settings()), against))


@audit_app.command("heads")
def audit_heads(
    out: Annotated[Path, typer.Option("--out", help="追加写入的文件，应放在库外")],
) -> None:
    """把当前链头写到库外。"""
    from policy_match.workflows.verify_audit import keep_head

    given = settings()
    print(keep_head(archive_of(given), out, given.instant()))
