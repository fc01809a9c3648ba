"""One version of a measure for people: clauses beside the conditions that implement them, logic, validity, verification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.dates import format_date
from policy_match.eligibility.explain import article_text
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import (
    AllOf,
    AnyOf,
    AtLeast,
    Bound,
    Case,
    Clause,
    FactCondition,
    FactInput,
    IfApplicable,
    Measure,
    Not,
    Rows,
    Tree,
    Window,
)
from policy_match.eligibility.schema_benefit import has_unseen
from policy_match.facts.show import option_text
from policy_match.facts.taxonomies import Taxonomies, Unit
from policy_match.facts.vocabulary import FactType, Vocabulary

LEVEL_NAMES = {"national": "国家", "province": "省", "city": "市", "district": "辖市区", "zone": "园区"}
MODE_NAMES = {"msjx": "免申即享", "jsjx": "即申即享", "apply": "需申报", "service": "服务"}
TARGET_NAMES = {"enterprise": "企业", "project": "项目", "person": "个人"}
STATUS_NAMES = {"draft": "草案", "active": "施行", "suspended": "暂停", "repealed": "废止"}
SEEN_NAMES = {
    "page": "已与官方页面逐条核对",
    "copy": "据转载整理，待核实",
    "recalled": "未见原文，待核实",
    "unseen": "未见金额",
    "none": "无待遇",
}
CHANGE_NAMES = {"enterprise": "企业可改变", "time": "随时间满足", "authority": "经部门认定可改变", "never": "不可改变"}
CONDITIONS_TO_CHECK, AMOUNT_TO_CHECK = "条件待核实", "金额待核实"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One named condition. `needs`: (when, what); `when` is empty where there is one row only."""

    name: str
    kind: str
    label: str
    needs: tuple[tuple[str, str], ...]
    registers: tuple[str, ...]
    can_change: str


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """One clause and what implements it: `conditions` by name; `parts`: 待遇, 叠加规则; `none`: why nothing does."""

    article: str
    says: str
    conditions: tuple[str, ...]
    parts: tuple[str, ...]
    none: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of the logic: a word with parts under it, or the name of a condition without."""

    text: str
    condition: str | None = None
    parts: tuple[Branch, ...] = ()


def requirements_of(rule: Rule, rulebook: Rulebook) -> dict[str, Requirement]:
    """Every condition of the version by name, shared definitions included, in the order of the file."""
    return {name: _requirement(rule, rulebook, name) for name in rule.conditions}


def _requirement(rule: Rule, rulebook: Rulebook, name: str) -> Requirement:
    condition, vocabulary = rule.conditions[name], rulebook.vocabulary
    if condition.definition is None:
        written = rule.measure.conditions[name]
    else:
        written = rulebook.definitions[condition.definition].conditions[name.removeprefix(condition.definition + ".")]
    bounds: list[str] = [""] * len(condition.needs)
    if isinstance(written, FactCondition) and written.by is not None:
        by = vocabulary[written.by].label
        bounds = [f"{by}{bound_text(row, written.by, vocabulary)}" for row in written.rows]
    registers = vocabulary[condition.fact].registers if condition.fact is not None else ()
    return Requirement(
        name=name,
        kind=condition.kind,
        label=condition.label,
        needs=tuple(zip(bounds, (need.text for _, need in condition.needs), strict=True)),
        registers=tuple(vocabulary.registers[code] for code in registers),
        can_change=CHANGE_NAMES[condition.can_change] if condition.kind == "fact" else "",
    )


def bound_text(bound: Bound, by: str, vocabulary: Vocabulary) -> str:
    """The guard of a table row after the label of its fact: 不超过5000万元, ：中型, ：其他."""
    guard = bound.guard
    if guard is None:
        return "：其他"
    operator, value = guard
    spec = vocabulary[by]
    if isinstance(value, list):
        names = (vocabulary.industries.name(vocabulary.industries.canonical(v)) for v in value)
        return "：" + "、".join(names if operator == "within_tree" else value)
    if operator == "is":
        written = str(value).lower() if spec.type is FactType.FLAG else str(value)
        return "：" + (option_text(spec, written, vocabulary) if spec.type is not FactType.MONEY else written)
    words = {"at_most": "不超过", "less_than": "低于", "at_least": "不低于", "more_than": "超过"}
    return f"{words[operator]}{value}"


def clause_lines(rule: Rule, rulebook: Rulebook) -> tuple[ClauseLine, ...]:
    """The clauses of the version in the order of the file."""
    return tuple(_clause_line(clause, rule, rulebook) for clause in rule.measure.clauses)


def _clause_line(clause: Clause, rule: Rule, rulebook: Rulebook) -> ClauseLine:
    conditions: list[str] = []
    for name in clause.by:
        conditions += [name] if name in rule.conditions else _of_definition(name, rule, rulebook)
    parts = {"benefit": "待遇", "stacking": "叠加规则"}
    return ClauseLine(
        article=article_text(clause.article),
        says=clause.says or f"“{clause.quote}”",
        conditions=tuple(dict.fromkeys(conditions)),
        parts=tuple(parts[name] for name in clause.by if name in parts),
        none=clause.none or "",
    )


def _of_definition(name: str, rule: Rule, rulebook: Rulebook) -> list[str]:
    definition = rulebook.definitions.get(name)
    if definition is None:
        return []
    own = [condition for condition, found in rule.conditions.items() if found.definition == name]
    return own + [part for used in definition.use for part in _of_definition(used, rule, rulebook)]


def logic_of(rule: Rule, rulebook: Rulebook) -> Branch:
    """How the conditions combine."""
    return _branch(rule.measure.eligible_when, rule, rulebook, "")


def _branch(tree: Tree, rule: Rule, rulebook: Rulebook, prefix: str) -> Branch:
    def parts(*trees: Tree) -> tuple[Branch, ...]:
        return tuple(_branch(part, rule, rulebook, prefix) for part in trees)

    if isinstance(tree, str):
        if prefix + tree in rule.conditions:
            return Branch(_told_apart(rule, prefix + tree), prefix + tree)
        definition = rulebook.definitions[tree]
        return Branch(definition.title, None, (_branch(definition.holds_when, rule, rulebook, f"{tree}."),))
    if isinstance(tree, AllOf):
        return Branch("同时满足", None, parts(*tree.all))
    if isinstance(tree, AnyOf):
        return Branch("满足其一", None, parts(*tree.any))
    if isinstance(tree, Not):
        return Branch("不得有", None, parts(tree.not_))
    if isinstance(tree, AtLeast):
        return Branch(f"至少满足 {tree.at_least.n} 项", None, parts(*tree.at_least.of))
    if isinstance(tree, Rows):
        by = rulebook.vocabulary[tree.rows.by].label
        rows = [
            Branch(by + bound_text(row, tree.rows.by, rulebook.vocabulary), None, parts(row.then))
            for row in tree.rows.rows
        ]
        return Branch(f"按{by}分档", None, tuple(rows))
    if isinstance(tree, IfApplicable):
        return Branch(
            "如适用",
            None,
            (
                Branch("当", None, parts(tree.if_applicable.when)),
                Branch("则须", None, parts(tree.if_applicable.then)),
            ),
        )
    raise TypeError(type(tree).__name__)


def _told_apart(rule: Rule, name: str) -> str:
    """The label of a condition, with what it asks where another condition of the rule has the same label."""
    condition = rule.conditions[name]
    alike = [other for other in rule.conditions.values() if other.label == condition.label]
    return (
        condition.label if len(alike) == 1 else condition.label + " 或 ".join(need.text for _, need in condition.needs)
    )


def effective_text(rule: Rule) -> str:
    """From when to when the version is in force, and what is not known of it."""
    effective, validity = rule.measure.effective, rule.validity
    start = f"自{effective.from_}起"
    if effective.through == "open":
        return f"{start}，长期有效"
    if effective.through == "unknown":
        seen = max(effective.seen_in_force_on, default="")
        return f"{start}，终止日未见" + (f"；最近一次见其施行：{seen}，此后是否有效须核实" if seen else "")
    if effective.through == "superseded" and validity.last is not None:
        return f"{start}至{format_date(validity.last)}，此后由新版本或新文件替代"
    return f"{effective.from_}至{effective.through}"


def force_text(rule: Rule, as_of: date) -> tuple[str, str]:
    """(style, word) of the version on a day."""
    holds = rule.in_force(as_of)
    if holds is None and rule.stop is not None:
        return "off", "已停用"
    if holds is None:
        return "open", "是否有效待核实"
    if holds:
        return "yes", "施行中"
    return "off", "未施行" if as_of.toordinal() < rule.validity.first else "已失效"


def window_text(measure: Measure) -> str:
    """When one may apply, as written; not seen is said so with whom to ask."""
    window = measure.apply_window
    if isinstance(window, str):
        return f"申报时间未见，{ask_text(measure)}"
    if isinstance(window, Window):
        return f"{window.from_}至{window.through}"
    return f"每年{window.yearly.from_}至{window.yearly.through}"


def ask_text(measure: Measure) -> str:
    """Whom to ask."""
    return f"请咨询{measure.owner_unit}" if measure.owner_unit else "主管单位未见，请咨询当地工信或政务服务窗口"


def owner_text(measure: Measure, lists: Taxonomies) -> str:
    """The owner units, each with its full name and its part in the notice as far as the list holds them."""
    named = [] if measure.owner_unit is None else measure.owner_unit.split("、")
    return "、".join(_unit_text(lists.units.get(name), name) for name in named) or "未见"


def _unit_text(unit: Unit | None, name: str) -> str:
    role = None if unit is None or unit.role is None else f"招推服方案中：{unit.role}"
    about = "；".join(part for part in (None if unit is None else unit.full_name, role) if part)
    return f"{name}（{about}）" if about else name


def grants_text(measure: Measure, lists: Taxonomies) -> str:
    """The title that a recognition gives, with its level, who grants it and its validity as far as the list holds them."""
    honour = lists.honours.get(measure.grants or "")
    return f"“{measure.grants}”" + (f"（{honour.text}）" if honour is not None else "")


def to_check(measure: Measure) -> tuple[str, ...]:
    """What of the measure nobody has checked against the official page."""
    notes = (CONDITIONS_TO_CHECK,) if measure.verified.conditions != "page" else ()
    is_seen = measure.verified.benefit in ("page", "none") and not has_unseen(measure.benefit)
    return notes if is_seen else (*notes, AMOUNT_TO_CHECK)


def case_facts(case: Case, vocabulary: Vocabulary) -> str:
    """The facts that a worked case sets itself, and those it takes away."""
    given = [f"{vocabulary[name].label}：{_written(value)}" for name, value in case.facts.items()]
    taken = [f"{vocabulary[name].label}：未知" for name in case.without]
    return "；".join([*given, *taken])


def _written(value: FactInput) -> str:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_written(part) for part in value)
    if isinstance(value, dict):
        return "，".join(_written(part) for part in value.values())
    return str(value)


TOPIC_NAMES: Mapping[str, str] = {
    "rd_subsidy": "研发", "equipment_subsidy": "设备与技改", "smart_digital": "智改数转", "green": "绿色低碳",
    "tax_deduction": "税收减免", "hightech_recognition": "高企认定", "specialised_sme": "专精特新",
    "single_champion": "单项冠军", "loan_discount": "贷款贴息", "guarantee": "担保", "risk_compensation": "风险补偿",
    "equity_fund": "股权基金", "listing_reward": "上市奖励", "talent_award": "人才奖励", "talent_housing": "人才安居",
    "talent_services": "人才服务", "training": "培训", "job_subsidy": "稳岗就业", "recruitment": "招工",
    "land": "用地", "energy_power": "用能用电", "fast_permit": "快速审批", "joint_acceptance": "联合验收",
    "scale_up": "升规", "first_unit": "首台套", "new_energy": "新能源", "low_altitude": "低空经济",
    "synthetic_bio": "合成生物", "semiconductor": "半导体", "hydrogen": "氢能", "ai": "人工智能",
    "foreign_investment": "外资", "ip": "知识产权", "platform_incubator": "平台与孵化",
}  # fmt: skip
