"""The parts of a draft measure as fields of a form, each with its name, what it shows, and what may be chosen.

A field is called by its path in the rule file: `clauses/0/says`. Parts that no field shows are written as YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from policy_match.authoring.findings import Place
from policy_match.authoring.rule_text import flow_text, rule_text
from policy_match.authoring.shape import OPERATORS
from policy_match.eligibility.decide import VERDICT_NAMES
from policy_match.eligibility.schema import Family, FinanceGroup, Operator, Topic
from policy_match.facts.show import UNIT_NAMES
from policy_match.facts.vocabulary import AMOUNTS, FactSpec, FactType, Vocabulary
from policy_match.strict_yaml import Data
from policy_match.workflows.show_benefit import KIND_NAMES
from policy_match.workflows.show_measure import CHANGE_NAMES, MODE_NAMES, SEEN_NAMES, TARGET_NAMES, TOPIC_NAMES

Options = tuple[tuple[str, str], ...]
Object = dict[str, Data]
LISTS = frozenset({"one_of", "has_any", "within_tree", "between"})
VERDICTS: Options = tuple((verdict.value, name) for verdict, name in VERDICT_NAMES.items())
YES_NO: Mapping[str, bool] = {"是": True, "否": False, "true": True, "false": False}
SIDES = {"at": "恰好", "under": "少一步", "over": "多一步", "missing": "没有这个事实"}
_BOUNDED = frozenset({"at_least", "at_most", "more_than", "less_than"})
_FIGURE = re.compile(r"(-?[0-9][0-9,.]*)\s*(\D*)")
_MONEY, _PERCENT = ("万元", "元", "亿元"), ("%",)
_AMOUNT_OPS: tuple[Operator, ...] = ("at_least", "at_most", "more_than", "less_than", "between")
_OPS: Mapping[FactType, tuple[Operator, ...]] = {
    **dict.fromkeys(AMOUNTS, _AMOUNT_OPS),
    FactType.DATE: ("before", "on_or_after", "within", "age_at_least", "between"),
    FactType.MONTH: ("before", "on_or_after", "between"),
    FactType.FLAG: ("is",),
    FactType.CHOICE: ("is", "one_of", "stage_at_least"),
    FactType.INDUSTRY: ("within_tree",),
    FactType.REGION: ("within_region",),
    FactType.SET: ("has_any", "on_list"),
    FactType.SERIES: ("growth_at_least",),
}
CONDITION_KEYS = ("fact", "op", "value", "can_change", "place")
BENEFIT_KEYS = ("kind", "promise", "says", "fixed", "rate", "of", "cap", "rounding")
REST = (
    "use", "how_to", "fair_competition", "data_ids", "stacking", "no_application", "paid_history", "changes",
)  # fmt: skip


class Kind(StrEnum):
    """How a field is filled in. NAMES: several, separated by 、; FIGURE: a number and its unit; PART: YAML."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    NAMES = "names"
    FACT = "fact"
    FIGURE = "figure"
    PART = "part"


class Empty(StrEnum):
    """What an empty field means: the key is left out, is null, or stays an empty text."""

    OUT = "out"
    NULL = "null"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it stands. `units`: what a figure may be written in; `choices`: value and name."""

    path: Place
    label: str
    kind: Kind
    value: str = ""
    unit: str = ""
    choices: Options = ()
    units: tuple[str, ...] = ()
    empty: Empty = Empty.OUT

    @property
    def name(self) -> str:
        """The path as one word."""
        return name_of(self.path)


def name_of(path: Place) -> str:
    """A path as the name of a field."""
    return "/".join(map(str, path))


def at(data: Data, path: Place) -> Data:
    """What stands at a path; None where nothing does."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def part(data: Data, *path: str | int) -> Object:
    """The mapping at a path; an empty one where there is none."""
    found = at(data, path)
    return found if isinstance(found, dict) else {}


def parts(data: Data, *path: str | int) -> list[Data]:
    """The list at a path; an empty one where there is none."""
    found = at(data, path)
    return found if isinstance(found, list) else []


def names_at(data: Data, *path: str | int) -> tuple[str, ...]:
    """The texts of the list at a path."""
    return tuple(one for one in parts(data, *path) if isinstance(one, str))


def fields_of(measure: Data, vocabulary: Vocabulary) -> dict[str, Field]:
    """Every field of a measure by name, in the order of the form."""
    found = (
        *_head(measure),
        *_clauses(measure),
        *_conditions(measure, vocabulary),
        Field(("eligible_when",), "条件怎样组合", Kind.PART, _flow(at(measure, ("eligible_when",)))),
        *_benefit(measure, vocabulary),
        *_boundaries(measure),
        *_cases(measure),
        Field(("rest",), "其余部分", Kind.PART, _block({key: measure[key] for key in REST if key in measure}))
        if isinstance(measure, dict)
        else Field(("rest",), "其余部分", Kind.PART),
    )
    return {field.name: field for field in found}


def document_fields(document: Data) -> dict[str, Field]:
    """Every field of the registration of a document by name."""
    choices: Mapping[str, Options] = {
        "level": (("national", "国家"), ("province", "省"), ("city", "市"), ("district", "辖市区"), ("zone", "园区")),
        "seen": (("page", "官方页面"), ("copy", "转载"), ("recalled", "凭记忆")),
    }
    lines = (
        ("title", "文件名称"), ("number", "文号"), ("level", "层级"), ("region", "区划代码"), ("package", "文件包"), ("issued_on", "印发日期"),
        ("official_url", "官方网址"), ("seen", "怎么见到的"),
    )  # fmt: skip
    made = [
        _field(document, ("document", key), label, Kind.CHOICE if key in choices else Kind.LINE, choices.get(key, ()), at_path=(key,),
               empty=Empty.NULL if key == "number" else Empty.OUT)
        for key, label in lines
    ]  # fmt: skip
    made.append(
        _field(document, ("document", "issuers"), "发文单位", Kind.NAMES, at_path=("issuers",), empty=Empty.NULL)
    )
    for key, label in (("from", "施行自"), ("through", "有效至")):
        made.append(_field(document, ("document", "effective", key), label, Kind.LINE, at_path=("effective", key)))
    return {field.name: field for field in made}


def units_of(spec: FactSpec | None) -> tuple[str, ...]:
    """The units in which a figure of a fact may be written, the usual one first; none for a fact without figures."""
    if spec is None:
        return (*_MONEY, *_PERCENT)
    kind = spec.of or spec.type
    if kind is FactType.MONEY:
        return _MONEY
    if kind is FactType.RATIO or spec.type is FactType.SERIES:
        return _PERCENT
    if kind is FactType.AREA:
        return ("㎡", "亩")
    return (UNIT_NAMES.get(spec.unit, spec.unit),) if kind is FactType.COUNT and spec.unit else ()


def operators_of(spec: FactSpec | None, written: str) -> Options:
    """The operators that fit a fact, in words; every one where the fact is not known; what is written stays."""
    fitting = get_args(Operator) if spec is None else _OPS.get(spec.type, get_args(Operator))
    every = fitting if written in fitting or written not in OPERATORS else (*fitting, written)
    return tuple((name, OPERATORS[name]) for name in every)


def spec_of(written: Data, vocabulary: Vocabulary) -> FactSpec | None:
    """The fact of a name; None where there is none."""
    return vocabulary.facts.get(written) if isinstance(written, str) else None


def shown(value: Data) -> str:
    """A value as a line shows it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(shown(one) for one in value)
    return _block(value) if isinstance(value, dict) else "" if value is None else str(value)


def split_figure(value: Data, units: Sequence[str]) -> tuple[str, str]:
    """Number and unit of a figure; what is none stays whole, with no unit."""
    text = shown(value)
    found = _FIGURE.fullmatch(text)
    return (found[1], found[2]) if found is not None and found[2] in units else (text, "")


def _field(
    data: Data, path: Place, label: str, kind: Kind, choices: Options = (), *, at_path: Place | None = None,
    units: tuple[str, ...] = (), empty: Empty = Empty.OUT,
) -> Field:  # fmt: skip
    value = at(data, path if at_path is None else at_path)
    number, unit = split_figure(value, units) if kind is Kind.FIGURE else (shown(value), "")
    if kind is Kind.CHOICE and number and number not in dict(choices):
        choices = (*choices, (number, number))
    return Field(path, label, kind, number, unit or (units[0] if units and not number else ""), choices, units, empty)


def _head(data: Data) -> Iterator[Field]:
    seen = tuple((key, SEEN_NAMES[key]) for key in ("page", "copy", "recalled"))
    yield _field(data, ("title",), "名称", Kind.LINE, empty=Empty.TEXT)
    yield _field(data, ("family",), "门类", Kind.CHOICE, tuple((one, one) for one in get_args(Family)))
    yield _field(
        data,
        ("finance_group",),
        "融资组别（只有金融类）",
        Kind.CHOICE,
        tuple((one, one) for one in get_args(FinanceGroup)),
    )
    yield _field(
        data, ("topics",), "主题，一至三个", Kind.NAMES, tuple((one, TOPIC_NAMES[one]) for one in get_args(Topic))
    )
    yield _field(data, ("mode",), "办理方式", Kind.CHOICE, tuple(MODE_NAMES.items()))
    yield _field(data, ("target",), "给谁", Kind.CHOICE, tuple(TARGET_NAMES.items()))
    yield _field(data, ("owner_unit",), "主管单位", Kind.LINE, empty=Empty.NULL)
    yield _field(data, ("document", "article"), "位置（条）", Kind.LINE)
    yield _field(data, ("effective", "from"), "施行自", Kind.LINE, empty=Empty.TEXT)
    yield _field(data, ("effective", "through"), "有效至", Kind.LINE, empty=Empty.TEXT)
    yield _field(data, ("verified", "conditions"), "条件怎么见到的", Kind.CHOICE, seen)
    yield _field(data, ("verified", "benefit"), "待遇怎么见到的", Kind.CHOICE, tuple(SEEN_NAMES.items()))
    yield _field(data, ("reviewed_on",), "这次复核", Kind.LINE, empty=Empty.TEXT)
    yield _field(data, ("next_review_on",), "下次复核", Kind.LINE, empty=Empty.TEXT)
    yield _field(data, ("grants",), "给什么称号", Kind.LINE)
    yield Field(("apply_window",), "申报期", Kind.PART, _flow(at(data, ("apply_window",))))


def _clauses(data: Data) -> Iterator[Field]:
    for place, _ in enumerate(parts(data, "clauses")):
        clause = part(data, "clauses", place)
        yield _field(data, ("clauses", place, "article"), "条", Kind.LINE, empty=Empty.TEXT)
        for key, label in (("quote", "原文"), ("says", "用自己的话写")):
            if key in clause or (key == "says" and "quote" not in clause):
                yield _field(data, ("clauses", place, key), label, Kind.TEXT)
        yield _field(data, ("clauses", place, "by"), "由哪些条件或待遇落实", Kind.NAMES)
        yield _field(data, ("clauses", place, "none"), "不用落实的，写原因", Kind.LINE)


def _conditions(data: Data, vocabulary: Vocabulary) -> Iterator[Field]:
    for name in part(data, "conditions"):
        at_ = ("conditions", name)
        written = part(data, *at_)
        if "human" in written or "assumed" in written:
            key, label = ("human", "要人判断什么") if "human" in written else ("assumed", "什么前提")
            yield _field(data, (*at_, key), label, Kind.TEXT, empty=Empty.TEXT)
            continue
        spec, op = spec_of(written.get("fact"), vocabulary), shown(written.get("op"))
        fact = shown(written.get("fact")) if spec is None else label_of(spec, vocabulary)
        yield Field((*at_, "fact"), "事实", Kind.FACT, fact, empty=Empty.TEXT)
        yield Field((*at_, "op"), "运算词", Kind.CHOICE, op, choices=operators_of(spec, op))
        units = () if op in LISTS or op == "age_at_least" else _PERCENT if op == "growth_at_least" else units_of(spec)
        yield _field(data, (*at_, "value"), "值", Kind.FIGURE, units=units)
        yield _field(data, (*at_, "can_change"), "能不能改变", Kind.CHOICE, tuple(CHANGE_NAMES.items()))
        rest = {key: value for key, value in written.items() if key not in CONDITION_KEYS}
        yield Field((*at_, "rest"), "其他写法", Kind.PART, _block(rest))


def label_of(spec: FactSpec, vocabulary: Vocabulary) -> str:
    """The label of a fact where it names no other, else its name."""
    return spec.label if vocabulary.by_label.get(spec.label) == spec.name else spec.name


def _benefit(data: Data, vocabulary: Vocabulary) -> Iterator[Field]:
    written = part(data, "benefit")
    if not written:
        return
    yield _field(data, ("benefit", "kind"), "种类", Kind.CHOICE, tuple(KIND_NAMES.items()))
    yield _field(data, ("benefit", "promise"), "口径", Kind.CHOICE, (("exact", "照此给"), ("ceiling", "最高，不超过")))
    yield _field(data, ("benefit", "fixed"), "定额", Kind.FIGURE, units=_MONEY)
    yield _field(data, ("benefit", "rate"), "比例", Kind.FIGURE, units=_PERCENT)
    spec = spec_of(written.get("of"), vocabulary)
    base = shown(written.get("of")) if spec is None else label_of(spec, vocabulary)
    yield Field(("benefit", "of"), "按哪个事实算", Kind.FACT, base)
    yield _field(data, ("benefit", "cap"), "最高", Kind.FIGURE, units=_MONEY)
    modes = (("floor", "舍去"), ("half_up", "四舍五入"), ("ceil", "进位"))
    yield _field(data, ("benefit", "rounding", "to"), "取整到", Kind.LINE)
    yield _field(data, ("benefit", "rounding", "mode"), "取整办法", Kind.CHOICE, modes)
    yield _field(data, ("benefit", "says"), "说明", Kind.TEXT)
    rest = {key: value for key, value in written.items() if key not in (*BENEFIT_KEYS, "place")}
    yield Field(("benefit", "rest"), "分档、分情形和其他算法", Kind.PART, _block(rest))


def _boundaries(data: Data) -> Iterator[Field]:
    for name in bounded(data):
        for side, label in SIDES.items():
            yield _field(data, ("boundaries", name, side), label, Kind.CHOICE, VERDICTS)


def bounded(data: Data) -> tuple[str, ...]:
    """The conditions that have a threshold of one row, which wants a line in `boundaries`."""
    written = part(data, "boundaries")
    return tuple(
        name
        for name in part(data, "conditions")
        if part(data, "conditions", name).get("op") in _BOUNDED
        and "rows" not in part(data, "conditions", name)
        and not isinstance(written.get(name), list)
    )


def _cases(data: Data) -> Iterator[Field]:
    for place, _ in enumerate(parts(data, "cases")):
        at_ = ("cases", place)
        yield _field(data, (*at_, "name"), "名称", Kind.LINE, empty=Empty.TEXT)
        yield _field(data, (*at_, "as_of"), "日期", Kind.LINE)
        yield _field(data, (*at_, "like"), "同哪个算例", Kind.LINE)
        yield Field((*at_, "facts"), "事实", Kind.PART, _block(part(data, *at_, "facts")))
        yield _field(data, (*at_, "without"), "去掉的事实", Kind.NAMES)
        yield _field(data, (*at_, "expect", "verdict"), "结论", Kind.CHOICE, VERDICTS)
        yield _field(data, (*at_, "expect", "amount"), "金额", Kind.LINE)
        yield _field(data, (*at_, "expect", "missing"), "缺哪些事实", Kind.NAMES)


def _block(data: Data) -> str:
    return "" if data in ({}, None) else rule_text(data).rstrip("\n")


def _flow(data: Data) -> str:
    return "" if data is None else flow_text(data)
