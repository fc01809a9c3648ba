"""The commands on rules: `policy-match rules …`. Each is a thin door to one workflow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.cli_library import LEAD, By, Form, Library, archive_of, view_of
from policy_match.command_options import AsOf, Out, day_of, listed, refused, settings, tell_notes
from policy_match.command_words import ChineseGroup, ChineseTyper

rules_app = ChineseTyper(
    cls=ChineseGroup, help="规则：检查、测试、停用和恢复、格式说明。", no_args_is_help=True, rich_markup_mode=None
)


@rules_app.command("check")
def rules_check(
    folder: Annotated[Optional[Path], typer.Argument(metavar="目录", help="规则目录，默认随程序的规则")] = None,
) -> None:
    """检查规则文件，错误逐条列出文件和行号；免申即享措施还不能兑付的，说明为什么。"""
    from policy_match.workflows.check_rules import check_rules
    from policy_match.workflows.show_checklist import barred_lines

    given = settings()
    rulebook = check_rules(folder or given.rules_dir, given.corpus_dir)
    print(f"规则无误：{len(rulebook.ids)} 项措施，{len(rulebook.rules)} 个版本，{len(rulebook.definitions)} 个共用定义")
    for line in barred_lines(rulebook):
        print(line)


@rules_app.command("test")
def rules_test(
    folder: Annotated[Optional[Path], typer.Argument(metavar="目录", help="规则目录，默认随程序的规则")] = None,
    measures: Annotated[Optional[str], typer.Option("--measures", help="措施编号，逗号分隔")] = None,
    no_mutants: Annotated[bool, typer.Option("--no-mutants", help="只运行用例和边界，不做变异")] = False,
    format: Annotated[str, typer.Option("--format", help="table、json")] = "table",
) -> None:
    """运行每条规则的用例、边界和变异。"""
    from policy_match.workflows.prove_rules import prove_rules

    given = settings()
    proved = prove_rules(
        folder or given.rules_dir, given.corpus_dir, ids=listed(measures), mutants=not no_mutants, form=format
    )
    sys.exit(0 if proved else 2)


@rules_app.command("coverage")
def rules_coverage(
    folder: Annotated[Optional[Path], typer.Argument(metavar="目录", help="规则目录，默认随程序的规则")] = None,
    format: Annotated[str, typer.Option("--format", help="table、json、markdown")] = "table",
) -> None:
    """每条条目写成了哪项措施，或为什么没有写；每项措施见过多少（A、B、C）。"""
    from policy_match.workflows.cover_entries import cover_entries

    given = settings()
    cover_entries(folder or given.rules_dir, given.corpus_dir, form=format)


@rules_app.command("due")
def rules_due(
    folder: Annotated[Optional[Path], typer.Argument(metavar="目录", help="规则目录，默认随程序的规则")] = None,
    within: Annotated[int, typer.Option("--within", min=0, max=36500, help="多少天以内")] = 60,
    as_of: AsOf = None,
    format: Annotated[str, typer.Option("--format", help="table、json")] = "table",
) -> None:
    """该复核、快到期或很久没有见到施行的规则，按主管单位列出。"""
    from policy_match.workflows.list_due_rules import list_due

    given = settings()
    rules = folder or given.rules_dir
    list_due(rules, given.corpus_dir, as_of=day_of(as_of, given), within=within, form=format)


@rules_app.command("new")
def rules_new(
    measure_id: Annotated[str, typer.Argument(metavar="编号", help="小写英文和下划线，一经发布不再改")],
    level: Annotated[Optional[str], typer.Option("--level", help="层级，默认同文件")] = None,
    package: Annotated[Optional[str], typer.Option("--package", help="包，默认同文件")] = None,
    title: Annotated[Optional[str], typer.Option("--title", help="名称")] = None,
    document: Annotated[Optional[str], typer.Option("--document", help="依据的文件编号")] = None,
) -> None:
    """新建一项措施的草稿文件，每一部分都注明写什么。"""
    from policy_match.workflows.start_rule import Wish, start_rule

    given = settings()
    wish = Wish(level=level, package=package, title=title, document=document)
    place = start_rule(measure_id, wish, rules=given.rules_dir, corpus=given.corpus_dir, today=given.today())
    print(f"已新建草稿 {place}")


@rules_app.command("diff")
def rules_diff(
    old: Annotated[Path, typer.Argument(metavar="旧目录", help="原来的规则目录")],
    new: Annotated[Path, typer.Argument(metavar="新目录", help="改过的规则目录")],
    subjects: Annotated[Path, typer.Option("--subjects", help="项目或企业：.jsonl .csv .xlsx .parquet")],
    as_of: AsOf = None,
    format: Annotated[str, typer.Option("--format", help="table、json")] = "table",
) -> None:
    """两套规则对同一批主体：哪些结论和金额变了。"""
    from policy_match.workflows.diff_rules import diff_rules

    given = settings()
    result = diff_rules(old, new, subjects, corpus=given.corpus_dir, as_of=day_of(as_of, given), form=format)
    tell_notes(result, None)
    sys.exit(refused(result.refusals, subjects))


@rules_app.command("suggest-cases")
def rules_suggest_cases(file: Annotated[Path, typer.Argument(metavar="文件", help="规则目录中的一个措施文件")]) -> None:
    """为一条规则建议还缺的用例：只给事实，预期结论由阅读条款的人填写。"""
    from policy_match.workflows.prove_rules import suggest_cases

    print(suggest_cases(file, settings().corpus_dir), end="")


@rules_app.command("sheet")
def rules_sheet(
    measure: Annotated[str, typer.Argument(metavar="编号", help="措施编号")],
    version: Annotated[Optional[int], typer.Option("--version", min=1, help="版本，默认当天施行的一版")] = None,
    out: Annotated[Optional[str], typer.Option("--out", help="输出文件 .html 或 .xlsx，- 为屏幕")] = None,
    as_of: AsOf = None,
) -> None:
    """一版规则的核对单：条款与实现对照、用例、证明、文件摘要和签名处。"""
    from policy_match.workflows.show_sheet import write_sheet

    given = settings()
    write_sheet(
        measure,
        version=version,
        rules=given.rules_dir,
        corpus=given.corpus_dir,
        as_of=day_of(as_of, given),
        out=None if out in (None, "-") else Path(str(out)),
    )


Measure = Annotated[str, typer.Argument(metavar="编号", help="措施编号")]
Version = Annotated[int, typer.Option("--version", min=1, help="版本")]
Acting = Annotated[str, typer.Option("--by", help="经办人编号，如 industry、district-320412")]
Why = Annotated[str, typer.Option("--reason", help="原因，会写在结论旁边")]


@rules_app.command("stop")
def rules_stop(
    measure: Measure,
    version: Version,
    reason: Why,
    since: Annotated[Optional[str], typer.Option("--from", help="从哪一天起停用（YYYY-MM-DD），默认今天")] = None,
    source: Annotated[Optional[str], typer.Option("--source", help="依据：文件编号或 *.gov.cn 的网址")] = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """停用一版规则：当时生效，结论最多是待补数据；--library demo 只停示范库。"""
    from policy_match.workflows.open_release import rulebook_in_force
    from policy_match.workflows.stop_rule import NewStop, stop_rule
    from policy_match.workflows.write_entry import By as Asked

    given = settings()
    archive, day = archive_of(given), day_of(since, given, "--from")
    rulebook = rulebook_in_force(archive, library, view_of(given, None))
    asked = NewStop(measure, version, reason, day, source)
    done = stop_rule(archive, rulebook, asked, Asked(library, by, given.instant()))
    print(f"已停用 {done.measure} 第 {done.version} 版，自 {done.since} 起")


@rules_app.command("lift")
def rules_lift(measure: Measure, version: Version, reason: Why, library: Library = "real", by: By = LEAD) -> None:
    """恢复停用的一版规则，自今天起。"""
    from policy_match.workflows.open_release import rulebook_in_force
    from policy_match.workflows.stop_rule import NewLift, lift_rule
    from policy_match.workflows.write_entry import By as Asked

    given = settings()
    archive = archive_of(given)
    rulebook = rulebook_in_force(archive, library, view_of(given, None))
    asked = NewLift(measure, version, reason)
    done = lift_rule(archive, rulebook, asked, Asked(library, by, given.instant()))
    print(f"已恢复 {done.measure} 第 {done.version} 版，自 {done.since} 起")


@rules_app.command("stops")
def rules_stops(
    as_of: AsOf = None,
    known_at: Annotated[Optional[str], typer.Option("--known-at", help="以当时所知为准")] = None,
    format: Form = "table",
) -> None:
    """停用过的规则：从哪天起、谁、为什么、何时恢复；状态以 --as-of 那天为准。"""
    from policy_match.workflows.list_stops import print_stops

    given = settings()
    print_stops(archive_of(given), view_of(given, as_of, known_at), form=format)


@rules_app.command("activate")
def rules_activate(
    source: Annotated[str, typer.Argument(metavar="版本", help="规则目录，或 rules releases 列出的规则版本")],
    reason: Annotated[str, typer.Option("--reason", help="为什么启用，留作记录")],
    by: Acting,
    since: Annotated[Optional[str], typer.Option("--from", help="从哪一天起施行（YYYY-MM-DD），默认今天")] = None,
    library: Library = "real",
) -> None:
    """提出启用一套规则：先查错，再看对库内项目的结论和金额有什么变化；另外两人批准后施行。"""
    from policy_match.workflows.activate_rules import NewRelease, propose_release
    from policy_match.workflows.diff_rules import difference_lines
    from policy_match.workflows.list_releases import told_step
    from policy_match.workflows.write_entry import By as Asked

    given = settings()
    asked = NewRelease(source, reason, None if since is None else day_of(since, given, "--from"))
    done = propose_release(archive_of(given), given.corpus_dir, asked, Asked(library, by, given.instant()))
    for line in difference_lines(done.change.found, done.change.after):
        print(line)
    print(told_step(done.activation))


@rules_app.command("approve")
def rules_approve(
    number: Annotated[int, typer.Argument(metavar="号", help="提案的号，见 rules releases")],
    by: Acting,
) -> None:
    """批准启用一套规则：列出对今天库内项目的变化，记下批准人；第二人批准后施行。"""
    from policy_match.workflows.activate_rules import approve_release
    from policy_match.workflows.diff_rules import difference_lines
    from policy_match.workflows.list_releases import told_step
    from policy_match.workflows.write_entry import By as Asked

    given = settings()
    done = approve_release(archive_of(given), number, Asked("real", by, given.instant()))
    for line in difference_lines(done.change.found, done.change.after):
        print(line)
    print(told_step(done.activation))


@rules_app.command("releases")
def rules_releases(
    as_of: AsOf = None,
    known_at: Annotated[Optional[str], typer.Option("--known-at", help="以当时所知为准")] = None,
    format: Form = "table",
) -> None:
    """规则版本：施行的、待批准的、被替代的；规则目录与施行的不同也会说明。"""
    from policy_match.workflows.list_releases import folder_note, print_releases

    given = settings()
    archive, view = archive_of(given), view_of(given, as_of, known_at)
    print_releases(archive, view, form=format)
    if note := folder_note(archive, view):
        print(note, file=sys.stderr)


@rules_app.command("schema")
def rules_schema(out: Out = None) -> None:
    """规则文件格式的 JSON Schema，供编辑器提示。"""
    from policy_match.workflows.show_schema import rule_schema

    text = rule_schema()
    if out in (None, "-"):
        print(text)
    else:
        Path(str(out)).write_text(text + "\n", encoding="utf-8")
