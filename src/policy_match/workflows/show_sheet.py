"""`rules sheet`: one version of a measure as a sheet that a lawyer checks line by line and signs.

The sheet names the SHA-256 of the rule file and of every file that gives the rule its
meaning, so that it can be told later which text was signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.entitlement.checklist import checklist
from policy_match.errors import Issue, UsageError
from policy_match.exchange.printed import SIGNATURE, printed_page
from policy_match.exchange.screen import write_lines
from policy_match.exchange.tables import Grid, write_workbook
from policy_match.workflows.match_file import check_place, unknown_measure
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_benefit import KIND_NAMES, benefit_lines, services_of, stacking_lines, unit_text
from policy_match.workflows.show_checklist import MARKS, answer_text, conclusion
from policy_match.workflows.show_measure import (
    LEVEL_NAMES,
    MODE_NAMES,
    SEEN_NAMES,
    STATUS_NAMES,
    TARGET_NAMES,
    TOPIC_NAMES,
    Branch,
    Requirement,
    ask_text,
    clause_lines,
    effective_text,
    force_text,
    logic_of,
    requirements_of,
    window_text,
)
from policy_match.workflows.show_sheet_cases import proof_grids

TICK = "□"
TICKED = "核对"
UNSEEN = "未见"


def write_sheet(
    measure_id: str, *, version: int | None, rules: Path, corpus: Path, as_of: date, out: Path | None
) -> None:
    """Write the sheet of one version as HTML or XLSX, by the ending of the file; HTML to the screen without one.

    `version` None: the version that decides on the day. UsageError for an unknown measure (with the nearest ids),
    an unknown version or another ending. The file appears whole or not at all.
    """
    if out is not None and out.suffix.lower() not in (".html", ".xlsx"):
        raise UsageError(Issue("FORMAT", f"不认识的扩展名“{out.suffix}”", "--out", ".html、.xlsx", "改扩展名"))
    rulebook = open_rulebook(rules, corpus)
    rule = chosen_rule(rulebook, measure_id, version, as_of)
    files = files_of(rule, rulebook, rules, corpus)
    check_place(out, files[0])
    foot = f"{rule.measure.key} SHA-256 {_sha256(files[0])}"
    grids = sheet_grids(rule, rulebook, as_of, files)
    if out is not None and out.suffix.lower() == ".xlsx":
        write_workbook(out, [Grid(g.title, g.header, g.rows, f"{foot}　{g.note}".strip()) for g in grids])
        return
    under = f"规则核对单　{rule.measure.key}　以 {as_of} 为准：{force_text(rule, as_of)[1]}"
    write_lines([printed_page(rule.measure.title, under, grids, foot).encode()], out)


def chosen_rule(rulebook: Rulebook, measure_id: str, version: int | None, as_of: date) -> Rule:
    """One version, drafts included; without a number the one that decides on the day, else the newest draft."""
    versions = [rule for rule in rulebook.rules if rule.id == measure_id]
    if not versions:
        raise unknown_measure(measure_id, list(dict.fromkeys(rule.id for rule in rulebook.rules)), "编号")
    if version is None:
        return rulebook.at(measure_id, as_of) if measure_id in rulebook.ids else versions[-1]
    for rule in versions:
        if rule.measure.version == version:
            return rule
    allowed = "、".join(str(rule.measure.version) for rule in versions)
    raise UsageError(Issue("VERSION", f"{measure_id} 没有第 {version} 版", "--version", allowed, "改版本号"))


def files_of(rule: Rule, rulebook: Rulebook, rules: Path, corpus: Path) -> tuple[Path, ...]:
    """The rule file, then what gives it its meaning: its document, the definitions it uses, the facts."""
    own = rules / "measures" / rule.level / rule.package / f"{rule.measure.key}.yaml"
    documents = sorted((corpus / "documents").rglob(f"{rule.document.id}.yaml"))
    definitions = [
        path
        for name in used_definitions(rule, rulebook)
        for path in sorted((rules / "definitions").rglob(f"{name}.yaml"))
    ]
    return (own, *documents, *definitions, rules / "facts.yaml")


def used_definitions(rule: Rule, rulebook: Rulebook) -> tuple[str, ...]:
    """The shared definitions of a rule, and those that they use, in reading order, each once."""
    found: dict[str, None] = {}

    def add(names: list[str]) -> None:
        for name in names:
            if name not in found:
                found[name] = None
                add(rulebook.definitions[name].use)

    add(rule.measure.use)
    return tuple(found)


def sheet_grids(rule: Rule, rulebook: Rulebook, as_of: date, files: tuple[Path, ...]) -> tuple[Grid, ...]:
    """The sheet, part by part; a part that the rule does not have is left out."""
    grids = (
        Grid("规则", ("项目", "内容", TICKED), tuple((*row, TICK) for row in _head(rule))),
        _clauses(rule, rulebook),
        _definitions(rule, rulebook),
        _logic(rule, rulebook),
        _benefit(rule, rulebook),
        _services(rule),
        _stacking(rule, rulebook),
        _no_application(rule, rulebook),
        _ten_questions(rule, rulebook),
        *proof_grids(rule, rulebook.vocabulary),
        _files(files),
        _signatures(rule, files[0]),
    )
    return tuple(grid for grid in grids if grid.rows or grid.note)


def _head(rule: Rule) -> Iterator[tuple[str, str]]:
    measure, document, effective = rule.measure, rule.document, rule.measure.effective
    place = " ".join(part for part in (measure.document.annex, measure.document.article) if part)
    verified = measure.verified
    yield "编号、版本", f"{measure.id}，第 {measure.version} 版（{STATUS_NAMES[measure.status]}）"
    yield "名称", measure.title
    kind = (LEVEL_NAMES[rule.level], measure.family, TARGET_NAMES[measure.target], MODE_NAMES[measure.mode])
    yield "层级、门类、对象、方式", "，".join(kind)
    if measure.finance_group:
        yield "融资组别", f"{measure.finance_group}（归组是我们的理解）"
    yield "主题", "、".join(TOPIC_NAMES[topic] for topic in measure.topics)
    yield "文件", document.title
    yield "文号", document.shown_number
    yield "发文机关", "、".join(document.issuers) if document.issuers else UNSEEN
    yield "文件中的位置", place or UNSEEN
    yield "官方页面", document.official_url or UNSEEN
    yield "文件未见的部分", "；".join(document.unseen) or "没有登记"
    yield from (("文件备注", note) for note in document.notes)
    yield "有效期", effective_text(rule) + (f"（{effective.note}）" if effective.note else "")
    yield "申报时间", window_text(measure)
    yield "主管单位", measure.owner_unit or UNSEEN
    yield (
        "联系方式、入口",
        "；".join(p for p in (measure.how_to.contact, measure.how_to.portal) if p) or ask_text(measure),
    )
    yield "材料", "；".join(measure.how_to.materials) or UNSEEN
    yield "条件怎样见到", SEEN_NAMES[verified.conditions]
    yield "待遇怎样见到", SEEN_NAMES[verified.benefit]
    yield "核实人、日期", f"{verified.by}，{verified.on}" if verified.by else "尚无人签名核实"
    if measure.grants:
        yield "通过后取得", measure.grants
    if measure.fair_competition:
        flag = "需公平竞争审查" if measure.fair_competition.flag else "不需公平竞争审查"
        yield "公平竞争", f"{flag}：{measure.fair_competition.note}"
    yield "复核日期", measure.reviewed_on
    yield "下次复核", measure.next_review_on
    yield from (("实际兑现", f"{paid.year}：{paid.says}（{paid.source}）") for paid in measure.paid_history)
    yield from (("修改记录", f"第 {c.version} 版，{c.date}：{c.why}") for c in measure.changes)


def _clauses(rule: Rule, rulebook: Rulebook) -> Grid:
    requirements = requirements_of(rule, rulebook)
    rows = []
    for clause in clause_lines(rule, rulebook):
        how = [_condition(requirements[name], rule, rulebook) for name in clause.conditions]
        how += [f"见“{part}”" for part in clause.parts]
        how += [f"无需判断：{clause.none}"] if clause.none else []
        rows.append((clause.article, clause.says, "\n".join(how), TICK))
    return Grid("条款与实现", ("条款", "文件内容（转述）", "由什么实现", TICKED), tuple(rows))


def _condition(requirement: Requirement, rule: Rule, rulebook: Rulebook) -> str:
    """One condition in words: what it asks, then its fact, where that comes from, and who can change it."""
    condition = rule.conditions[requirement.name]
    if condition.fact is None:
        return _asked(requirement)
    spec = rulebook.vocabulary[condition.fact]
    shared = f"{rulebook.definitions[condition.definition].title}：" if condition.definition else ""
    sources = [f"数据来自{'、'.join(requirement.registers)}"] if requirement.registers else []
    if spec.inputs:
        sources.append(f"由{'、'.join(rulebook.vocabulary[name].label for name in spec.inputs)}推导")
    fact = "；".join([f"事实：{spec.label} {spec.name}", *sources, requirement.can_change])
    return f"{shared}{_asked(requirement)}\n　（{fact}）"


def _asked(requirement: Requirement) -> str:
    """What one condition asks: the label with its threshold, by row where there are several."""
    if requirement.kind != "fact":
        return f"{'人工判断' if requirement.kind == 'human' else '前提（不核实，随结论写明）'}：{requirement.label}"
    needs = "；".join(f"{when}，{need}" if when else need for when, need in requirement.needs)
    return f"{requirement.label} {needs}"


def _definitions(rule: Rule, rulebook: Rulebook) -> Grid:
    names = used_definitions(rule, rulebook)
    rows = tuple((name, rulebook.definitions[name].title, rulebook.definitions[name].source, TICK) for name in names)
    return Grid("共用定义", ("编号", "名称", "依据", TICKED), rows)


def _logic(rule: Rule, rulebook: Rulebook) -> Grid:
    requirements = requirements_of(rule, rulebook)

    def outline(branch: Branch, number: str) -> Iterator[tuple[str, str, str]]:
        text = f"{branch.text}：" if branch.condition is None else _asked(requirements[branch.condition])
        yield number, "　　" * number.count(".") + text, TICK
        for place, part in enumerate(branch.parts, start=1):
            yield from outline(part, f"{number}.{place}")

    return Grid("条件如何组合", ("序号", "条件", TICKED), tuple(outline(logic_of(rule, rulebook), "1")))


def _benefit(rule: Rule, rulebook: Rulebook) -> Grid:
    measure = rule.measure
    rows = tuple(("　" * line.depth + (line.when or "全部"), line.how, TICK) for line in benefit_lines(rule, rulebook))
    if measure.benefit is not None:
        note = f"性质：{KIND_NAMES[measure.benefit.kind]}" + ("" if rows else f"；金额未见，{ask_text(measure)}")
    else:
        note = "没有直接待遇" + (f"；通过后取得“{measure.grants}”" if measure.grants else "")
    return Grid("待遇", ("情形", "金额", TICKED), rows, note)


def _services(rule: Rule) -> Grid:
    rows = tuple((s.name, unit_text(s, rule.measure), s.note or "", TICK) for s in services_of(rule.measure))
    return Grid("各项服务", ("服务", "承办单位", "说明", TICKED), rows)


def _stacking(rule: Rule, rulebook: Rulebook) -> Grid:
    return Grid("叠加规则", ("规则", TICKED), tuple((line, TICK) for line in stacking_lines(rule, rulebook)))


def _no_application(rule: Rule, rulebook: Rulebook) -> Grid:
    """What paying without application asks for; empty for other modes."""
    asked, vocabulary = rule.measure.no_application, rulebook.vocabulary
    if asked is None:
        return Grid("免申即享", ("项目", "要求", TICKED), ())
    rows = [
        (
            vocabulary[fact].label,
            f"{'、'.join(vocabulary.registers[code] for code in e.from_)}，{e.max_age_days} 天以内",
        )
        for fact, e in asked.evidence.items()
    ]
    rows.append(("企业同意", "须先同意" if asked.consent == "required" else "无须同意"))
    rows.append(("公示", f"{asked.notice_working_days} 个工作日"))
    if asked.second_signature_above:
        rows.append(("第二人签批", f"超过{asked.second_signature_above}的"))
    return Grid("免申即享", ("项目", "要求", TICKED), tuple((*row, TICK) for row in rows))


def _ten_questions(rule: Rule, rulebook: Rulebook) -> Grid:
    """Whether the measure may be paid without application at all; empty for other modes."""
    header = ("编号", "问题", "回答", "说明", TICKED)
    if rule.measure.mode != "msjx":
        return Grid("免申即享十问", header, ())
    answers = checklist(rule, rulebook.vocabulary)
    rows = tuple((one.code, one.question, MARKS[one.holds], answer_text(one), TICK) for one in answers)
    return Grid("免申即享十问", header, rows, conclusion(rule, answers))


def _files(files: tuple[Path, ...]) -> Grid:
    note = "签名所指的文字就是下列文件的内容；任何一个字改了，摘要就不同，须重新核对。"
    return Grid("文件摘要", ("文件", "SHA-256"), tuple((path.name, _sha256(path)) for path in files), note)


def _signatures(rule: Rule, file: Path) -> Grid:
    rows = tuple((role, "", "", "", "") for role in ("编写人", "法制核对人", "批准人"))
    note = f"已将 {rule.measure.key}（规则文件 SHA-256 前 16 位 {_sha256(file)[:16]}）与文件原文逐条核对。"
    return Grid("签署", ("角色", "姓名", "日期", SIGNATURE, "意见"), rows, note)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
