"""Print how good the order of matches is, for people or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import orjson

from policy_match.errors import Issue, UsageError
from policy_match.exchange.screen import write_lines
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.ranking.compare import ORDERS, Learning
from policy_match.ranking.metrics import Quality
from policy_match.ranking.push import Fate
from policy_match.ranking.scoring import Ordering
from policy_match.workflows.evaluate_ranking import Evaluation, Pushes, evaluate_ranking
from policy_match.workflows.library_names import DEMO, shown_library
from policy_match.workflows.match import Matching
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_index import open_index
from policy_match.workflows.open_libraries import open_libraries
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.order_by_text import order_by_text
from policy_match.workflows.show_match import Plain

FORMS = ("table", "json")
LOG_NAME = "ranking-decisions.jsonl"
BIAS = (
    "标注只来自显示给审核人的匹配：排在后面的很少有人看到，没有标注不等于不合适。"
    "因此各项指标只在有标注的匹配之间比较，不能说明没显示过的；由此训练的排序会偏向当时显示的顺序"
)
PUSH_NOTE = (
    "现在不推送，只统计按 rules/ranking.yaml 会怎样：已证明符合的匹配中，直接推送、免申即享办理、交审核、只列出各多少项"
)
_FATES = {Fate.PUSHED: "推送", Fate.CASE: "免申即享", Fate.REVIEWED: "审核", Fate.LISTED: "只列出"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where rules, corpus and the kept index are, and how the library is opened."""

    rules: Path
    corpus: Path
    cache: Path
    open_library: Callable[[], Archive]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to evaluate on: a file of subjects, or a library; `labels` None: there are none."""

    subjects: Path | None
    library: str
    labels: Path | None


def print_ranking(wanted: Wanted, places: Places, *, as_of: date, now: datetime, form: str) -> Loaded | None:
    """Evaluate and print; what was read and refused of a file, None for a library. UsageError without subjects or weights."""
    form = chosen_form(form, None, FORMS)
    rulebook = open_rulebook(places.rules, places.corpus)
    ordering = order_by_text(open_ordering(places.rules), open_index(rulebook, places.corpus, places.cache))
    if ordering is None:
        raise UsageError(
            Issue("FOLDER", "没有 ranking.yaml", str(places.rules), "ranking.yaml", "检查规则目录是否完整")
        )
    loaded = None
    if wanted.subjects is not None:
        loaded = read_subjects(wanted.subjects, rulebook.vocabulary)
        matching, title = Matching(rulebook, loaded.subjects, as_of, ordering), str(wanted.subjects)
    else:
        matching, title = _of_library(wanted.library, places, as_of, now, ordering), shown_library(wanted.library)
    if not matching.subjects:
        raise UsageError(
            Issue("LIBRARY_EMPTY", f"{title}没有项目", "", "", "先运行 policy-match init，或用 --subjects 指定文件")
        )
    done = evaluate_ranking(matching, ordering.ranking, wanted.labels)
    if wanted.labels is not None:
        _log_decision(done, wanted.labels, places.cache, as_of)
    lines = [orjson.dumps(evaluation_data(done, title)).decode()] if form == "json" else _lines(done, title)
    write_lines((f"{line}\n".encode() for line in lines), None)
    return loaded


def _log_decision(done: Evaluation, labels: Path, folder: Path, as_of: date) -> None:
    """Append whether the re-ranker may be used, with its figures and the hash of the labels, to the log of the folder."""
    kept = {"on": as_of.isoformat(), "labels_sha256": sha256(labels.read_bytes()).hexdigest()}
    figures = {"labels": _label_counts(done), "reranker": _learning_data(done.comparison.learning)}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG_NAME).open("ab") as lines:
        lines.write(orjson.dumps({**kept, **figures, "exposure_bias": BIAS}) + b"\n")


def _of_library(name: str, places: Places, as_of: date, now: datetime, ordering: Ordering) -> Matching:
    archive = places.open_library()
    rulebook = open_rulebook(places.rules, places.corpus)
    libraries = open_libraries(archive, rulebook, as_of, now, demo=name == DEMO, ordering=ordering)
    held = libraries.demo if name == DEMO else libraries.real
    return Matching(rulebook, (), as_of) if held is None else held.matching


def evaluation_data(done: Evaluation, title: str) -> dict[str, Plain]:
    """The evaluation as it is written to JSON; a figure is null where the labels do not allow it."""
    learning = done.comparison.learning
    return {
        "subjects": {"of": title, "count": done.subjects},
        "ranking": {"version": done.ranking.version, "approved_by": done.ranking.approved_by},
        "labels": _label_counts(done),
        "orders": {name: _quality_data(found) for name, found in done.comparison.orders.items()},
        "reranker": _learning_data(learning),
        "exposure_bias": BIAS,
        "push": {
            "by_district": [_push_data(group) for group in done.by_district],
            "by_size": [_push_data(group) for group in done.by_size],
        },
    }


def _label_counts(done: Evaluation) -> dict[str, Plain]:
    held_out = [one for one in done.judged if one.held_out]
    return {
        "read": len(done.labels),
        "about_fit": len(done.judged),
        "needed": done.ranking.training.fewest_labels,
        "held_out": len(held_out),
        "held_out_confirmed": sum(one.confirmed for one in held_out),
        "held_out_measures": len({one.measure for one in held_out}),
        "held_out_subjects": len({one.subject for one in held_out}),
    }


def _quality_data(found: Quality) -> dict[str, Plain]:
    figures = {"precision_5": found.precision_5, "recall_10": found.recall_10, "ndcg_10": found.ndcg_10}
    return {name: None if figure is None else round(figure, 4) for name, figure in figures.items()}


def _learning_data(learning: Learning) -> dict[str, Plain]:
    parts: Plain = None
    if learning.fitted is not None:
        means = learning.fitted.means
        parts = {name: {"mean": means[name], "weight": weight} for name, weight in learning.fitted.weights.items()}
    figures: dict[str, Plain] = {"ndcg_10_before": learning.before, "ndcg_10_after": learning.after}
    return {
        "trained": learning.fitted is not None,
        "use": learning.is_better,
        "why": learning.why,
        **figures,
        "parts": parts,
    }


def _push_data(group: Pushes) -> dict[str, Plain]:
    counts: dict[str, Plain] = {fate.value: count for fate, count in group.fates.items()}
    figures: dict[str, Plain] = {"subjects": group.subjects, "reached": group.reached, "rate": round(group.rate, 4)}
    return {"group": group.group, **figures, **counts}


def _lines(done: Evaluation, title: str) -> Iterator[str]:
    approved = f"{done.ranking.approved_by}批准" if done.ranking.approved_by else "本系统默认值，未经批准"
    yield f"{title}：{done.subjects} 个主体；权重第 {done.ranking.version} 版（{approved}）"
    yield from _order_lines(done)
    yield from _learning_lines(done)
    yield BIAS + "。"
    yield PUSH_NOTE + "。"
    yield from _push_lines("辖市区", done.by_district)
    yield from _push_lines("企业规模", done.by_size)


def _order_lines(done: Evaluation) -> Iterator[str]:
    counts = _label_counts(done)
    yield (
        f"标注 {counts['read']} 条，其中谈合适与否的 {counts['about_fit']} 条；"
        f"留出 {counts['held_out_measures']} 项措施、{counts['held_out']} 条（确认 {counts['held_out_confirmed']} 条）"
    )
    if not counts["held_out"]:
        yield "没有可比较的标注，各种顺序的高低不知道。"
        return
    yield "先后都在同一结论之内比较    precision@5  recall@10  nDCG@10"
    for name, found in done.comparison.orders.items():
        figures = (found.precision_5, found.recall_10, found.ndcg_10)
        yield f"  {ORDERS[name]}  " + "  ".join("—" if figure is None else f"{figure:.4f}" for figure in figures)


def _learning_lines(done: Evaluation) -> Iterator[str]:
    learning = done.comparison.learning
    yield learning.why + "。"
    if learning.fitted is None or not learning.is_better or learning.before is None or learning.after is None:
        return
    yield "要采用，请把下面写进 rules/ranking.yaml，换 version，由批准人填 approved_by："
    yield "reranker:"
    yield f"  labels: {len(done.judged)}"
    yield f"  before: {learning.before:.4f}"
    yield f"  after: {learning.after:.4f}"
    yield "  parts:"
    for name, weight in learning.fitted.weights.items():
        yield f"    {name}: {{mean: {learning.fitted.means[name]:.4f}, weight: {weight:.4f}}}"


def _push_lines(heading: str, groups: Sequence[Pushes]) -> Iterator[str]:
    yield f"{heading}    主体  有推送的主体  比例  {'  '.join(_FATES.values())}"
    for group in groups:
        counts = "  ".join(str(group.fates[fate]) for fate in _FATES)
        yield f"  {group.group}  {group.subjects}  {group.reached}  {group.rate:.1%}  {counts}"
