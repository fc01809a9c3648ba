"""The command line: `policy-match`. Each command is a thin door to one workflow.

Exit codes: 0 done, 1 some rows refused (the rest done), 2 refused, 3 conflict, 4 forbidden.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.cli_accounts import account_app, delegate_app, key_app
from policy_match.cli_batch import batch
from policy_match.cli_care import CARE
from policy_match.cli_evaluation import evaluation_app
from policy_match.cli_indicators import indicators_app
from policy_match.cli_library import asof, audit_app, doubts_app, import_file, init, project_app, waiting_app
from policy_match.cli_look_back import project_recheck, report_lookback
from policy_match.cli_matches import library_app
from policy_match.cli_msjx_pay import msjx_app
from policy_match.cli_operations import backup, restore
from policy_match.cli_outlook import bundle, roadmap, simulate
from policy_match.cli_pipelines import pipeline_app
from policy_match.cli_push import push_app, worker
from policy_match.cli_report import report_app
from policy_match.cli_reviews import review_app
from policy_match.cli_roll import roll_app
from policy_match.cli_rules import rules_app
from policy_match.cli_text import classify, extract, lexicon_app, ranking_app, search
from policy_match.command_options import AsOf, Out, day_of, listed, refused, settings, tell_notes
from policy_match.command_words import CallError, ChineseGroup, ChineseTyper, tell_call_error
from policy_match.cycles import look_seldom

app = ChineseTyper(
    cls=ChineseGroup,
    help="亿元项目与惠企政策的匹配：逐条证明，说明缺什么、差多少、有多少。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(rules_app, name="rules")
app.add_typer(report_app, name="report")
app.add_typer(evaluation_app, name="evaluation")
app.add_typer(project_app, name="project")
app.add_typer(library_app, name="library")
app.add_typer(doubts_app, name="doubts")
app.add_typer(waiting_app, name="waiting")
app.add_typer(audit_app, name="audit")
app.add_typer(msjx_app, name="msjx")
app.add_typer(review_app, name="review")
app.add_typer(push_app, name="push")
app.add_typer(account_app, name="account")
app.add_typer(key_app, name="key")
app.add_typer(delegate_app, name="delegate")
app.add_typer(lexicon_app, name="lexicon")
app.add_typer(ranking_app, name="ranking")
app.add_typer(indicators_app, name="indicators")
app.add_typer(pipeline_app, name="pipeline")
app.add_typer(roll_app, name="roll")
for _name, _app in CARE.items():
    app.add_typer(_app, name=_name)
report_app.command("lookback")(report_lookback)
project_app.command("recheck")(project_recheck)
app.command("init")(init)
app.command("import")(import_file)
app.command("asof")(asof)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("worker")(worker)
app.command("batch")(batch)
app.command("search")(search)
app.command("extract")(extract)
app.command("classify")(classify)
app.command("bundle")(bundle)
app.command("simulate")(simulate)
app.command("roadmap")(roadmap)


def main() -> None:
    """Run the command line; errors are one Chinese line each and decide the exit code."""
    from policy_match.errors import Conflict, Forbidden, PolicyMatchError

    look_seldom()
    try:
        _check_arguments(sys.argv[1:])
        code = app(standalone_mode=False)
    except PolicyMatchError as error:
        for issue in error.issues:
            print(f"错误 {issue}", file=sys.stderr)
        sys.exit({Conflict: 3, Forbidden: 4}.get(type(error), 2))
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


def _check_arguments(arguments: list[str]) -> None:
    """UsageError for text in another encoding than the terminal's; the name of a file may be in any."""
    from policy_match.errors import Issue, UsageError

    for place, text in enumerate(arguments, start=1):
        if any("\udc80" <= letter <= "\udcff" for letter in text) and not os.path.exists(text):
            shown = text.encode("utf-8", "replace").decode()[:40]
            raise UsageError(
                Issue(
                    "ENCODING", f"第{place}个参数不是 UTF-8 文字：{shown}", "", "UTF-8", "把终端改为 UTF-8 后重新输入"
                )
            )


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

    given = settings()
    result = match_file(
        subjects,
        rules=given.rules_dir,
        corpus=given.corpus_dir,
        as_of=day_of(as_of, given),
        measures=listed(measures),
        verdicts=listed(verdicts),
        all_reasons=all_reasons,
        out=None if out in (None, "-") else Path(str(out)),
        form=format,
    )
    tell_notes(result, out)
    sys.exit(refused(result.refusals, subjects, out))


@app.command()
def facts(
    subjects: Annotated[Path, typer.Argument(metavar="文件", help="项目或企业：.jsonl .csv .xlsx .parquet")],
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="jsonl、csv、xlsx")] = None,
    as_of: AsOf = None,
) -> None:
    """读入的事实和由其推导的事实（如划型）。"""
    from policy_match.workflows.list_facts import list_facts

    given = settings()
    target = None if out in (None, "-") else Path(str(out))
    result = list_facts(
        subjects,
        rules=given.rules_dir,
        corpus=given.corpus_dir,
        as_of=day_of(as_of, given),
        out=target,
        form=format,
    )
    tell_notes(result, out)
    sys.exit(refused(result.refusals, subjects, out))


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

    given = settings()
    result = ask_file(
        subjects,
        rules=given.rules_dir,
        corpus=given.corpus_dir,
        as_of=day_of(as_of, given),
        limit=limit,
        out=None if out in (None, "-") else Path(str(out)),
        form=format,
    )
    tell_notes(result, out)
    sys.exit(refused(result.refusals, subjects, out))


@app.command()
def reconcile(
    library: Annotated[Path, typer.Argument(metavar="库", help="项目库：.csv .xlsx .parquet，第一列是编号")],
    others: Annotated[Path, typer.Argument(metavar="文件", help="其他部门的记录：.csv .xlsx .parquet，第一列是编号")],
    decisions: Annotated[
        Optional[Path], typer.Option("--decisions", help="人工答复：.csv，列 other_id、library_id、decision")
    ] = None,
    out: Out = None,
) -> None:
    """其他部门的每条记录是库里的哪个项目：link、review（请人看）或 apart，得分是各项之和。"""
    from policy_match.workflows.reconcile import reconcile as run

    result = run(library, others, decisions=decisions, out=None if out in (None, "-") else Path(str(out)))
    for note in result.notes:
        print(note, file=sys.stderr)
    sides = ((result.library, library), (result.others, others))
    sys.exit(max([refused(side.refusals, path, out) for side, path in sides]))


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="端口，0 为任选")] = 8000,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="不打开示范库")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="几个进程同时回答")] = 1,
    push: Annotated[bool, typer.Option("--push", help="同一个进程里也推送，不必另开 worker（只有一个进程时）")] = False,
) -> None:
    """启动服务：项目库、措施库的页面和 JSON 接口。"""
    from policy_match_api.serve import serve as run

    run(settings(), host, port, demo=not no_demo, workers=workers, pushes=push)
