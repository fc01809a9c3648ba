"""Print the answer to a search for people, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson

from policy_match.exchange.screen import write_lines
from policy_match.text.answer import Answer
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.note_miss import misses, note_miss
from policy_match.workflows.open_index import open_index
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.search_policies import answer_data, hints_data, is_in_force, search_policies
from policy_match.workflows.show_measure import TOPIC_NAMES

FORMS = ("json", "table")
_FORCE = {True: "施行中", False: "不在施行期", None: "是否施行待核实"}
_KINDS = {"measure": "措施", "document": "文件"}


def print_search(
    query: str, *, rules: Path, corpus: Path, cache: Path, as_of: date, limit: int, form: str, keep_misses: bool
) -> None:
    """Search and print; a question without a sure answer is kept where `keep_misses`."""
    form = chosen_form(form, None, FORMS)
    rulebook = open_rulebook(rules, corpus)
    answer = search_policies(open_index(rulebook, corpus, cache), query, limit, rulebook, as_of)
    if keep_misses:
        note_miss(answer, cache, as_of)
    if form == "json":
        write_lines([orjson.dumps(answer_data(answer, rulebook, as_of)) + b"\n"], None)
        return
    write_lines(
        (
            f"{line}\n".encode()
            for line in _lines(
                answer, {hit.entry.id: _FORCE[is_in_force(hit.entry, rulebook, as_of)] for hit in answer.hits}
            )
        ),
        None,
    )


def print_misses(cache: Path, limit: int, form: str) -> None:
    """Print the questions that had no sure answer, the most frequent first."""
    form = chosen_form(form, None, FORMS)
    found = misses(cache, limit)
    if form == "json":
        lines = [orjson.dumps({"query": miss.query, "times": miss.times, "last": miss.last}) + b"\n" for miss in found]
    else:
        lines = [f"{miss.times:>4} 次  {miss.last}  {miss.query}\n".encode() for miss in found]
        lines = lines or ["没有记下的问句。设 POLICY_MATCH_KEEP_MISSES=true 后，没有把握的问句才会记下。\n".encode()]
    write_lines(lines, None)


def _lines(answer: Answer, force: dict[str, str]) -> Iterator[str]:
    if said := "，".join(f"{name}：{value}" for name, value in hints_data(answer.hints).items()):
        yield f"理解为  {said}"
    topics = "、".join(TOPIC_NAMES[topic] for topic in answer.topics)
    if not answer.confident:
        yield f"没有把握。想问的是不是：{topics or '换一种说法试试'}？以下是最接近的："
    elif topics:
        yield f"主题  {topics}"
    for place, hit in enumerate(answer.hits, start=1):
        entry = hit.entry
        number = "" if not entry.numbers else f"（{entry.numbers[0]}）"
        yield f"{place:>3}. {entry.title}{number}"
        yield f"     {_KINDS[entry.kind]} {entry.id}  {force[entry.id]}  {'、'.join(TOPIC_NAMES[topic] for topic in hit.topics[:3])}  {hit.score:.2f}"
