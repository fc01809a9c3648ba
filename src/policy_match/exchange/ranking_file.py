"""Read `rules/ranking.yaml` strictly: weights that add up to 1, values from 0 to 1, steps in order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.dates import parse_date
from policy_match.errors import FactError, Issue, RuleError
from policy_match.exchange.ranking_shape import Reranker, Written
from policy_match.ranking.weights import (
    IndustryScale,
    Learned,
    PushLimits,
    Ranking,
    ReviewLimits,
    StageScale,
    TextScale,
    Training,
    UrgencyScale,
    ValueScale,
)
from policy_match.strict_yaml import read_file
from policy_match.units import parse_money


def load_ranking(path: Path) -> Ranking:
    """Read the file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(Written, findings)
    ranking = None if written is None else _ranking(written, findings)
    issues = (*findings.document.issues, *findings.issues)
    if ranking is None or issues:
        raise RuleError(*issues)
    return ranking


def _ranking(written: Written, findings: Findings) -> Ranking | None:
    """What the file says; None, and the fault added, for what only its meaning shows."""
    first = findings.read(("from",), lambda: _day(written.from_))
    full = findings.read(("priority", "value", "full"), lambda: _amount(written.priority.value.full))
    learned = written.reranker
    if learned is not None:
        _check_learned(learned, written, findings)
    large = findings.read(("review", "large_from"), lambda: _amount(written.review.large_from))
    if first is None or full is None or large is None:
        return None
    text, urgency = written.relevance.text, written.priority.urgency
    return Ranking(
        version=written.version,
        valid_from=first,
        approved_by=written.approved_by,
        relevance=written.relevance.weights.model_dump(),
        priority=written.priority.weights.model_dump(),
        text=TextScale(text.fewest_characters, tuple((step.likeness, step.value) for step in text.steps)),
        industry=IndustryScale(**written.relevance.industry.model_dump()),
        stage=StageScale(**written.relevance.stage.model_dump()),
        value=ValueScale(full, written.priority.value.none),
        urgency=UrgencyScale(tuple((step.within_days, step.value) for step in urgency.steps), urgency.later),
        push=PushLimits(**written.push.model_dump()),
        review=_review(written, large),
        training=Training(**written.training.model_dump()),
        reranker=None if learned is None else _learned(learned),
    )


def _review(written: Written, large_fen: int) -> ReviewLimits:
    review = written.review
    return ReviewLimits(
        large_fen=large_fen,
        most_missing=review.most_missing,
        changed_days=review.changed_within_days,
        due_days=review.due_working_days,
        claim_minutes=review.claim_minutes,
    )


def _check_learned(learned: Reranker, written: Written, findings: Findings) -> None:
    """A re-ranker orders only where it showed a gain and somebody approved it."""
    if learned.labels < written.training.fewest_labels:
        what = f"只用了 {learned.labels} 条标注"
        allowed = f"不少于 {written.training.fewest_labels} 条"
        findings.refuse("RANKING_LABELS", what, ("reranker", "labels"), allowed, "写 reranker: null")
    if learned.after < learned.before + written.training.least_gain:
        what = f"留出部分没有提高到位：{learned.before} → {learned.after}"
        allowed = f"提高不少于 {written.training.least_gain}"
        findings.refuse("RANKING_GAIN", what, ("reranker", "after"), allowed, "写 reranker: null")
    if written.approved_by is None:
        what = "采用训练出的排序，还没有写批准人"
        findings.refuse("RANKING_APPROVAL", what, ("approved_by",), "姓名", "批准后填写，或写 reranker: null")


def _learned(written: Reranker) -> Learned:
    means = {name: part.mean for name, part in written.parts.items()}
    weights = {name: part.weight for name, part in written.parts.items()}
    return Learned(means, weights, written.labels, written.before, written.after)


def _day(written: str) -> date:
    band = parse_date(written)
    if not band.is_exact or band.low is None:
        raise FactError(Issue("DATE_FORMAT", f"“{written}”应写到日", "", "YYYY-MM-DD", "写成确切的一天"))
    return date.fromordinal(int(band.low))


def _amount(written: str) -> int:
    fen = parse_money(written)
    if fen <= 0:
        raise FactError(Issue("NUM_RANGE", f"“{written}”不是正数", "", "大于 0 的金额", "写成如 9999万元"))
    return fen
