"""The shape of `rules/ranking.yaml`: what may stand where, and which numbers fit together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from policy_match.eligibility.schema import Say, Strict, refused
from policy_match.ranking.weights import PRIORITY, RELEVANCE

PARTS = (*(name for name in PRIORITY if name != "relevance"), *RELEVANCE)


def _number(written: object) -> float:
    if isinstance(written, bool) or not isinstance(written, int | Decimal):
        raise refused("应是数字", "不带引号的数字", "写成不带引号的数字，如 0.35")
    return float(written)


def _share(written: object) -> float:
    number = _number(written)
    if not 0 <= number <= 1:
        raise refused(f"{written} 不在 0 至 1 之间", "0 至 1", "改成 0 至 1 的数")
    return number


_Number = Annotated[float, BeforeValidator(_number)]
_Share = Annotated[float, BeforeValidator(_share)]


class _Weights(Strict):
    """Weights of a mean."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(Decimal(str(weight)) for weight in self.model_dump().values())
        if total != 1:
            raise refused(f"权重合计是 {total}", "合计为 1", "调整各项，使合计为 1")
        return self


class _RelevanceWeights(_Weights):
    text: _Share
    industry: _Share
    stage: _Share
    size: _Share
    region: _Share


class _PriorityWeights(_Weights):
    value: _Share
    urgency: _Share
    relevance: _Share
    certainty: _Share


class _Likeness(Strict):
    likeness: _Share
    value: _Share


class _Text(Strict):
    fewest_characters: int = Field(ge=1)
    steps: list[_Likeness] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        _check_rising([step.likeness for step in self.steps], "likeness", above=0.0)
        values = [step.value for step in self.steps]
        if values != sorted(values):
            raise refused("value 没有由小到大", "相似度越高，value 不变或更大", "按相似度由小到大排好")
        return self


class _Industry(Strict):
    under: _Share
    group: _Share
    division: _Share
    section: _Share
    track: _Share


class _Stage(Strict):
    exact: _Share
    next: _Share
    previous: _Share


class _Relevance(Strict):
    weights: _RelevanceWeights
    text: _Text
    industry: _Industry
    stage: _Stage


class _Value(Strict):
    full: Say
    none: _Share


class _Within(Strict):
    within_days: int = Field(ge=0)
    value: _Share


class _Urgency(Strict):
    steps: list[_Within] = Field(min_length=1)
    later: _Share

    @model_validator(mode="after")
    def _rising(self) -> Self:
        _check_rising([step.within_days for step in self.steps], "within_days", above=-1)
        return self


class _Priority(Strict):
    weights: _PriorityWeights
    value: _Value
    urgency: _Urgency


class _Push(Strict):
    auto_from: _Share
    review_from: _Share
    certainty_from: _Share

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.review_from > self.auto_from:
            raise refused("review_from 高于 auto_from", "不高于 auto_from", "调低 review_from")
        return self


class _Review(Strict):
    large_from: Say
    most_missing: int = Field(ge=0)
    changed_within_days: int = Field(ge=0)
    due_working_days: int = Field(ge=1)
    claim_minutes: int = Field(ge=1)


class _Training(Strict):
    fewest_labels: int = Field(ge=20)
    held_out: _Share
    least_gain: _Share


class Part(Strict):
    mean: _Number
    weight: _Number


class Reranker(Strict):
    labels: int = Field(ge=1)
    before: _Share
    after: _Share
    parts: dict[str, Part] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if wrong := [name for name in self.parts if name not in PARTS]:
            raise refused(f"没有组成“{'、'.join(wrong)}”", "、".join(PARTS), "改正名称")
        return self


class Written(Strict):
    schema_: Literal["ranking/1"] = Field(alias="schema")
    version: int = Field(ge=1)
    from_: str = Field(alias="from")
    approved_by: Say | None
    relevance: _Relevance
    priority: _Priority
    push: _Push
    review: _Review
    training: _Training
    reranker: Reranker | None


def _check_rising(numbers: Sequence[float], key: str, *, above: float) -> None:
    for before, number in zip((above, *numbers), numbers, strict=False):
        if number <= before:
            raise refused(f"{key} {number:g} 没有比前一档大", "由小到大，各档不同", "按由小到大排好")
