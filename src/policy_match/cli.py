"""The command line: `policy-match`. Each command is a thin door to one workflow.

Exit codes: 0 done, 1 some rows refused (the rest done), 2 refused, 3 conflict, 4 forbidden.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policy_match.command_words import CallError, ChineseGroup, ChineseTyper, tell_call_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policy_match.exchange.subjects import Loaded, Refusal
    from policy_match.settings import Settings

app = ChineseTyper(
    cls=ChineseGroup,
    help="亿元项目与惠企政策的匹配：逐条证明，说明缺什么、差多少、有多少。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
rules_app = ChineseTyper(
    cls=ChineseGroup, help="规则：检查、测试、格式说明。", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(rules_app, name="rules")

AsOf = Annotated[Optional[str], typer.Option("--as-of", help="以哪一天为准（YYYY-MM-DD），默认今天")]
Out = Annotated[Optional[str], typer.Option("--out", help="输出文件，- 为屏幕")]


def main() -> None:
    """Run the command line; errors are one Chinese line each and decide the exit code."""
    from policy_match.errors import PolicyMatchError

    try:
        code = app(standalone_mode=False)
    except PolicyMatchError as error:
        for issue in error.issues:
            print(f"错误 {issue}", file=sys.stderr)
        sys.exit(2)
    except CallError as error:
        tell_call_error(error)
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        from policy_match.exchange.screen import ReaderGone

        if not isinstance(error, ReaderGone):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _settings() -> Settings:
    from pydantic import ValidationError

    from policy_match.errors import Issue, UsageError
    from policy_match.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        raise UsageError(
            *(
                Issue("SETTING", f"环境变量的值不对：{fault['input']}", f"POLICY_MATCH_{str(fault['loc'][0]).upper()}")
                for fault in error.errors()
            )
        ) from None


def _day(written: str | None, settings: Settings) -> date:
    from policy_match.dates import parse_date
    from policy_match.errors import FactError, Issue, UsageError

    if written is None:
        return settings.today()
    try:
        band = parse_date(written)
    except FactError as error:
        raise UsageError(*(replace(issue, where="--as-of") for issue in error.issues)) from None
    if not band.is_exact or band.low is None:
        raise UsageError(Issue("DATE_FORMAT", f"“{written}”应写到日", "--as-of", "YYYY-MM-DD", "写成确切的一天"))
    return date.fromordinal(int(band.low))


def _refused(refusals: Sequence[Refusal], path: Path, out: str | None = None) -> int:
    """Tell about refused rows and give the exit code.

    All of them go to `<name of the input>.errors.csv`, in the folder of the output file, else in the current one.
    """
    if not refusals:
        return 0
    from policy_match.errors import UsageError
    from policy_match.exchange.subjects import write_refusals

    folder = Path() if out in (None, "-") else Path(str(out)).parent
    target = folder / f"{path.stem}.errors.csv"
    rows = len({refusal.row for refusal in refusals})
    for refusal in refusals[:10]:
        print(f"未读入 {refusal}", file=sys.stderr)
    try:
        write_refusals(target, refusals)
        print(f"共 {rows} 行未读入，详见 {target}", file=sys.stderr)
    except UsageError as error:
        for refusal in refusals[10:]:
            print(f"未读入 {refusal}", file=sys.stderr)
        print(f"共 {rows} 行未读入；错误文件没有写成：{error}", file=sys.stderr)
    return 1


def _notes(loaded: Loaded, out: str | None) -> None:
    """Tell what was noticed while reading, and where the result went if not to the screen."""
    for note in loaded.notes:
        print(note, file=sys.stderr)
    if out not in (None, "-"):
        print(f"已写入 {out}：{len(loaded.subjects)} 个主体", file=sys.stderr)


@app.command()
def match(
    subjects: Annotated[Path, typer.Argument(metavar="文件", help="项目或企业：.jsonl .csv .xlsx .parquet")],
    measures: Annotated[Optional[str], typer.Option("--measures", help="措施编号，逗号分隔")] = None,
    verdicts: Annotated[
        Optional[str],
        typer.Option("--verdicts", help="只要这些结论，逗号分隔：eligible unknown needs_human ineligible not_in_force"),
    ] = None,
    all_reasons: Annotated[bool, typer.Option("--all-reasons", help="不符合的也列出全部条件")] = False,
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="jsonl、csv、xlsx、parquet、table")] = None,
    as_of: AsOf = None,
) -> None:
    """把每个项目与每项措施匹配，逐条给出理由。"""
    from policy_match.workflows.match_file import match_file

    settings = _settings()
    result = match_file(
        subjects,
        rules=settings.rules_dir,
        corpus=settings.corpus_dir,
        as_of=_day(as_of, settings),
        measures=_list(measures),
        verdicts=_list(verdicts),
        all_reasons=all_reasons,
        out=None if out in (None, "-") else Path(str(out)),
        form=format,
    )
    _notes(result, out)
    sys.exit(_refused(result.refusals, subjects, out))


@app.command()
def facts(
    subjects: Annotated[Path, typer.Argument(metavar="文件", help="项目或企业：.jsonl .csv .xlsx .parquet")],
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="jsonl、csv、xlsx")] = None,
    as_of: AsOf = None,
) -> None:
    """读入的事实和由其推导的事实（如划型）。"""
    from policy_match.workflows.list_facts import list_facts

    settings = _settings()
    target = None if out in (None, "-") else Path(str(out))
    result = list_facts(
        subjects,
        rules=settings.rules_dir,
        corpus=settings.corpus_dir,
        as_of=_day(as_of, settings),
        out=target,
        form=format,
    )
    _notes(result, out)
    sys.exit(_refused(result.refusals, subjects, out))


@app.command()
def ask(
    subjects: Annotated[Path, typer.Argument(metavar="文件", help="项目或企业：.jsonl .csv .xlsx .parquet")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="每个主体最多几问")] = 5,
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="jsonl、table")] = None,
    as_of: AsOf = None,
) -> None:
    """先了解什么：未知的事实，按能定下几项措施、多少资金排列。"""
    from policy_match.workflows.ask import ask_file

    settings = _settings()
    result = ask_file(
        subjects,
        rules=settings.rules_dir,
        corpus=settings.corpus_dir,
        as_of=_day(as_of, settings),
        limit=limit,
        out=None if out in (None, "-") else Path(str(out)),
        form=format,
    )
    _notes(result, out)
    sys.exit(_refused(result.refusals, subjects, out))


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="端口，0 为任选")] = 8000,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="不打开示范库")] = False,
) -> None:
    """启动服务：项目库、措施库的页面和 JSON 接口。"""
    from policy_match_api.serve import serve as run

    run(_settings(), host, port, demo=not no_demo)


def _list(written: str | None) -> tuple[str, ...] | None:
    return None if written is None else tuple(part.strip() for part in written.split(",") if part.strip())


@rules_app.command("check")
def rules_check(
    folder: Annotated[Optional[Path], typer.Argument(metavar="目录", help="规则目录，默认随程序的规则")] = None,
) -> None:
    """检查规则文件，错误逐条列出文件和行号。"""
    from policy_match.workflows.check_rules import check_rules

    settings = _settings()
    rulebook = check_rules(folder or settings.rules_dir, settings.corpus_dir)
    print(f"规则无误：{len(rulebook.ids)} 项措施，{len(rulebook.rules)} 个版本，{len(rulebook.definitions)} 个共用定义")


@rules_app.command("test")
def rules_test(
    folder: Annotated[Optional[Path], typer.Argument(metavar="目录", help="规则目录，默认随程序的规则")] = None,
    measures: Annotated[Optional[str], typer.Option("--measures", help="措施编号，逗号分隔")] = None,
    no_mutants: Annotated[bool, typer.Option("--no-mutants", help="只运行用例和边界，不做变异")] = False,
    format: Annotated[str, typer.Option("--format", help="table、json")] = "table",
) -> None:
    """运行每条规则的用例、边界和变异。"""
    from policy_match.workflows.prove_rules import prove_rules

    settings = _settings()
    proved = prove_rules(
        folder or settings.rules_dir, settings.corpus_dir, ids=_list(measures), mutants=not no_mutants, form=format
    )
    sys.exit(0 if proved else 2)


@rules_app.command("coverage")
def rules_coverage(
    folder: Annotated[Optional[Path], typer.Argument(metavar="目录", help="规则目录，默认随程序的规则")] = None,
    format: Annotated[str, typer.Option("--format", help="table、json、markdown")] = "table",
) -> None:
    """每条条目写成了哪项措施，或为什么没有写；每项措施见过多少（A、B、C）。"""
    from policy_match.workflows.cover_entries import cover_entries

    settings = _settings()
    cover_entries(folder or settings.rules_dir, settings.corpus_dir, form=format)


@rules_app.command("due")
def rules_due(
    folder: Annotated[Optional[Path], typer.Argument(metavar="目录", help="规则目录，默认随程序的规则")] = None,
    within: Annotated[int, typer.Option("--within", min=0, max=36500, help="多少天以内")] = 60,
    as_of: AsOf = None,
    format: Annotated[str, typer.Option("--format", help="table、json")] = "table",
) -> None:
    """该复核、快到期或很久没有见到施行的规则，按主管单位列出。"""
    from policy_match.workflows.list_due_rules import list_due

    settings = _settings()
    rules = folder or settings.rules_dir
    list_due(rules, settings.corpus_dir, as_of=_day(as_of, settings), within=within, form=format)


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

    settings = _settings()
    wish = Wish(level=level, package=package, title=title, document=document)
    place = start_rule(measure_id, wish, rules=settings.rules_dir, corpus=settings.corpus_dir, today=settings.today())
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

    settings = _settings()
    result = diff_rules(old, new, subjects, corpus=settings.corpus_dir, as_of=_day(as_of, settings), form=format)
    _notes(result, None)
    sys.exit(_refused(result.refusals, subjects))


@rules_app.command("suggest-cases")
def rules_suggest_cases(file: Annotated[Path, typer.Argument(metavar="文件", help="规则目录中的一个措施文件")]) -> None:
    """为一条规则建议还缺的用例：只给事实，预期结论由阅读条款的人填写。"""
    from policy_match.workflows.prove_rules import suggest_cases

    print(suggest_cases(file, _settings().corpus_dir), end="")


@rules_app.command("sheet")
def rules_sheet(
    measure: Annotated[str, typer.Argument(metavar="编号", help="措施编号")],
    version: Annotated[Optional[int], typer.Option("--version", min=1, help="版本，默认当天施行的一版")] = None,
    out: Annotated[Optional[str], typer.Option("--out", help="输出文件 .html 或 .xlsx，- 为屏幕")] = None,
    as_of: AsOf = None,
) -> None:
    """一版规则的核对单：条款与实现对照、用例、证明、文件摘要和签名处。"""
    from policy_match.workflows.show_sheet import write_sheet

    settings = _settings()
    write_sheet(
        measure,
        version=version,
        rules=settings.rules_dir,
        corpus=settings.corpus_dir,
        as_of=_day(as_of, settings),
        out=None if out in (None, "-") else Path(str(out)),
    )


@rules_app.command("schema")
def rules_schema(out: Out = None) -> None:
    """规则文件格式的 JSON Schema，供编辑器提示。"""
    from policy_match.workflows.show_schema import rule_schema

    text = rule_schema()
    if out in (None, "-"):
        print(text)
    else:
        Path(str(out)).write_text(text + "\n", encoding="utf-8")
