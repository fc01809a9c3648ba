"""The commands that read text: `policy-match search`, `lexicon`, `extract`. Each is a thin door to one workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.command_options import AsOf, day_of, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

lexicon_app = ChineseTyper(cls=ChineseGroup, help="词库：没有答好的问句。", no_args_is_help=True, rich_markup_mode=None)

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
