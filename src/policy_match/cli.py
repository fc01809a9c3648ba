"""The command line: `policy-match`. Each command is a thin door to one workflow.

Exit codes: 0 done, 1 some rows refused (the rest done), 2 refused, 3 conflict, 4 forbidden.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policy_match.exchange.subjects import Loaded, Refusal
    from policy_match.settings import Settings

app = typer.Typer(
    help="亿元项目与惠企政策的匹配：逐条证明，说明缺什么、差多少、有多少。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
rules_app = typer.Typer(help="规则：检查、测试、格式说明。", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(rules_app, name="rules")

AsOf = Annotated[Optional[str], typer.Option("--as-of", help="以哪一天为准（YYYY-MM-DD），默认今天")]
Out = Annotated[Optional[str], typer.Option("--out", help="输出文件，- 为屏幕")]


def main() -> None:
    """Run the command line; errors are one Chinese line each and decide the exit code."""
    from policy_match.errors import PolicyMatchError

    try:
        app()
    except PolicyMatchError as error:
        for issue in error.issues:
            print(f"错误 {issue}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _settings() -> Settings:
    from policy_match.settings import Settings

    return Settings()


def _day(written: str | None, settings: Settings) -> date:
    from policy_match.dates import parse_date
    from policy_match.errors import FactError, Issue, UsageError

    if written is None:
        return settings.today()
    try:
        band = parse_date(written)
    except FactError as error:
        raise UsageError(*error.issues) from None
    if not band.is_exact or band.low is None:
        raise UsageError(Issue("DATE_FORMAT", f"--as-of “{written}”应写到日", "", "YYYY-MM-DD"))
    return date.fromordinal(int(band.low))


def _refused(refusals: Sequence[Refusal], path: Path) -> int:
    """Tell about refused rows, write them to an error file beside the input's name, and give the exit code."""
    if not refusals:
        return 0
    from policy_match.exchange.subjects import write_refusals

    target = Path(f"{path.stem}.errors.csv")
    write_refusals(target, refusals)
    for refusal in refusals[:10]:
        place = f"第{refusal.row}行" + (f" {refusal.column}" if refusal.column else "")
        print(
            f"未读入 {place}“{refusal.value}”[{refusal.code}] {refusal.what}；允许：{refusal.allowed}；怎么办：{refusal.hint}",
            file=sys.stderr,
        )
    print(f"共 {len(refusals)} 行未读入，详见 {target}", file=sys.stderr)
    return 1


def _notes(loaded: Loaded) -> None:
    for note in loaded.notes:
        print(note, file=sys.stderr)


@app.command()
def match(
    subjects: Annotated[Path, typer.Argument(help="项目或企业文件：.jsonl .csv .xlsx .parquet")],
    measures: Annotated[Optional[str], typer.Option("--measures", help="措施编号，逗号分隔")] = None,
    verdicts: Annotated[Optional[str], typer.Option("--verdicts", help="只要这些结论，逗号分隔")] = None,
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
    _notes(result)
    sys.exit(_refused(result.refusals, subjects))


@app.command()
def facts(
    subjects: Annotated[Path, typer.Argument(help="项目或企业文件")],
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
    _notes(result)
    sys.exit(_refused(result.refusals, subjects))


def _list(written: str | None) -> tuple[str, ...] | None:
    return None if written is None else tuple(part.strip() for part in written.split(",") if part.strip())


@rules_app.command("check")
def rules_check(folder: Annotated[Optional[Path], typer.Argument(help="规则目录，默认随程序的规则")] = None) -> None:
    """检查规则文件，错误逐条列出文件和行号。"""
    from policy_match.workflows.open_rules import open_rulebook

    settings = _settings()
    rulebook = open_rulebook(folder or settings.rules_dir, settings.corpus_dir)
    print(f"规则无误：{len(rulebook.ids)} 项措施，{len(rulebook.rules)} 个版本，{len(rulebook.definitions)} 个共用定义")
