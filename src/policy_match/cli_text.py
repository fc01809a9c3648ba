"""The commands that read text: `policy-match search`, `lexicon`, `extract`. Each is a thin door to one workflow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.command_options import AsOf, day_of, refused, settings, tell_notes
from policy_match.command_words import ChineseGroup, ChineseTyper

lexicon_app = ChineseTyper(cls=ChineseGroup, help="词库：没有答好的问句。", no_args_is_help=True, rich_markup_mode=None)

ranking_app = ChineseTyper(cls=ChineseGroup, help="匹配结果的排序。", no_args_is_help=True, rich_markup_mode=None)

Form = Annotated[str, typer.Option("--format", help="json、table")]


def search(
    query: Annotated[str, typer.Argument(metavar="查询", help="一句话、文号、政策名称或简称")],
    limit: Annotated[int, typer.Option("--limit", help="最多几条，1 至 100")] = 10,
    as_of: AsOf = None,
    format: Form = "json",
) -> None:
    """查政策：用自己的话问，按相关程度列出措施和文件。"""
    from policy_match.workflows.print_search import print_search

    given = settings()
    print_search(
        query,
        rules=given.rules_dir,
        corpus=given.corpus_dir,
        cache=given.cache,
        as_of=day_of(as_of, given),
        limit=limit,
        form=format,
        keep_misses=given.keep_misses,
    )


@lexicon_app.command("misses")
def lexicon_misses(
    limit: Annotated[int, typer.Option("--limit", help="最多几条")] = 50, format: Form = "table"
) -> None:
    """没有把握回答的问句，问得最多的在前。"""
    from policy_match.workflows.print_search import print_misses

    print_misses(settings().cache, limit, format)


def extract(
    document: Annotated[Path, typer.Argument(metavar="文件", help="官方页面：.html .txt .docx .pdf")],
    out: Annotated[Optional[Path], typer.Option("--out", help="新的文件夹，写入 document.yaml 和措施草稿")] = None,
) -> None:
    """读一份官方页面：文号、单位、日期、条款和可能的条件，写成措施草稿，由人核对。"""
    from policy_match.workflows.extract_document import extract_document, summary

    given = settings()
    done = extract_document(document, out, rules=given.rules_dir, corpus=given.corpus_dir, today=given.today())
    for line in summary(done):
        print(line)


@ranking_app.command("evaluate")
def ranking_evaluate(
    labels: Annotated[Optional[Path], typer.Option("--labels", help="审核意见，.jsonl")] = None,
    subjects: Annotated[Optional[Path], typer.Option("--subjects", help="用文件里的项目或企业，不用项目库")] = None,
    library: Annotated[str, typer.Option("--library", help="real 真实项目库、demo 示范库")] = "real",
    as_of: AsOf = None,
    format: Form = "table",
) -> None:
    """比较各种先后顺序，统计各辖市区、各规模的推送比例。"""
    from policy_match.cli_library import archive_of
    from policy_match.workflows.library_names import check_library
    from policy_match.workflows.print_ranking import Places, Wanted, print_ranking

    given = settings()
    places = Places(given.rules_dir, given.corpus_dir, given.cache, lambda: archive_of(given))
    wanted = Wanted(subjects, check_library(library), labels)
    loaded = print_ranking(wanted, places, as_of=day_of(as_of, given), now=given.instant(), form=format)
    if loaded is not None and subjects is not None:
        tell_notes(loaded, None)
        sys.exit(refused(loaded.refusals, subjects))


def classify(
    text: Annotated[
        str,
        typer.Argument(metavar="文字或文件", help="建设内容、产品、行业词；或写有这些的文件（txt、html、docx、pdf）"),
    ],
    format: Form = "json",
) -> None:
    """从文字推测行业小类和赛道：只是建议，由人确认。"""
    from policy_match.workflows.classify_text import print_classified

    given = settings()
    print_classified(text, rules=given.rules_dir, corpus=given.corpus_dir, cache=given.cache, form=format)
