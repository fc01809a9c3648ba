"""Start a measure: a draft file with every part in its place and a word on what to write there (`rules new`).

What nobody has written yet stands as 待填, null or an empty list. A draft is checked
like any rule and decides nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template
from typing import get_args

from rapidfuzz import process

from policy_match.authoring.audit import TO_WRITE
from policy_match.authoring.load import LEVELS
from policy_match.dates import Period, add_period
from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import MEASURE_ID, Family, FinanceGroup, Topic
from policy_match.errors import Issue, UsageError
from policy_match.exchange.screen import write_lines
from policy_match.workflows.open_rules import open_rulebook

REVIEW_AFTER = Period(6, 0)
UNTITLED = f"{TO_WRITE}：措施名称"
_PACKAGE = r"[A-Z][A-Z0-9-]{1,29}"
PACKAGE_WORDS = "大写字母开头，只用大写字母、数字和连字符，2 至 30 个字符"
ID_WORDS = "小写字母开头，只用小写字母、数字、下划线和连字符，3 至 61 个字符"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the author said of the new measure; None: left open."""

    level: str | None = None
    package: str | None = None
    title: str | None = None
    document: str | None = None


def start_rule(measure_id: str, wish: Wish, *, rules: Path, corpus: Path, today: date) -> Path:
    """Write the draft `measures/<level>/<package>/<id>.v1.yaml` of the rule folder and return its path.

    Level and package are those of the document unless said; the document is the only one of the package unless
    said. UsageError, and nothing written, for an id that is malformed or taken, for a level, package or document
    that is unknown (with the nearest) or not to be told, for a title that cannot be shown; RuleError if the folder
    does not load.
    """
    if not re.fullmatch(MEASURE_ID, measure_id):
        raise UsageError(Issue("MEASURE_ID", f"编号“{measure_id[:70]}”格式不对", "ID", ID_WORDS, "改写编号"))
    rulebook = open_rulebook(rules, corpus)
    taken = sorted(path.relative_to(rules) for path in (rules / "measures").rglob(f"{measure_id}.v*.yaml"))
    if taken:
        raise UsageError(
            Issue("MEASURE_TAKEN", "已有这个编号的措施", str(taken[0]), "没有用过的编号", "换一个编号，或改已有的文件")
        )
    document = _document(wish, rulebook)
    level = _known("--level", "层级", wish.level or document.level, LEVELS)
    place = rules / "measures" / level / _package(wish, document, rulebook) / f"{measure_id}.v1.yaml"
    text = draft(measure_id, document, _title(wish.title), today)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_lines([text.encode()], place)
    return place


def draft(measure_id: str, document: PolicyDocument, title: str, today: date) -> str:
    """The text of a new draft; its validity is that of the document as far as seen, else it begins this year."""
    began = document.effective.from_ or document.issued_on
    return _DRAFT.substitute(
        id=measure_id,
        title=json.dumps(title, ensure_ascii=False),
        document=document.id,
        about=f"{document.title}，{document.shown_number}",
        topics=_lines(get_args(Topic)),
        families=" ".join(get_args(Family)),
        groups=" ".join(get_args(FinanceGroup)),
        began=began or today.year,
        began_seen="取自文件登记" if began else "待填：登记中没有起始日，暂写今年",
        through=document.effective.through if began else "unknown",
        today=today.isoformat(),
        review=add_period(today, REVIEW_AFTER).isoformat(),
    )


def _document(wish: Wish, rulebook: Rulebook) -> PolicyDocument:
    if wish.document is not None:
        return rulebook.documents[_known("--document", "文件", wish.document, rulebook.documents)]
    if wish.package is None:
        hint = "加 --document 文件编号；没有登记的先在 corpus/documents 登记"
        raise UsageError(Issue("DOCUMENT", "没有写依据哪份文件", "--document", "corpus/documents 中的编号", hint))
    package = _known("--package", "包", wish.package, packages_of(rulebook))
    found = [document for document in rulebook.documents.values() if document.package == package]
    if len(found) != 1:
        allowed = "、".join(document.id for document in found) or "corpus/documents 中的编号"
        what = f"包“{package}”登记了 {len(found)} 份文件，不知道依据哪一份"
        raise UsageError(Issue("DOCUMENT", what, "--document", allowed, "加 --document 文件编号"))
    return found[0]


def _package(wish: Wish, document: PolicyDocument, rulebook: Rulebook) -> str:
    package = wish.package or document.package
    known = packages_of(rulebook)
    if package is None:
        what = f"文件“{document.id}”没有写属于哪个包"
        hint = f"在 corpus/documents/{document.id}.yaml 加一行 package: 包名（大写简称；新包也这样写）"
        hint += "；新包另在 corpus/entries/packages.yaml 登记名称"
        raise UsageError(Issue("PACKAGE", what, "--document", f"已有的包 {'、'.join(known)}，或新的包名", hint))
    if not re.fullmatch(_PACKAGE, package):
        raise UsageError(Issue("PACKAGE", f"包名“{package[:30]}”格式不对", "--package", PACKAGE_WORDS, "改写包名"))
    if package not in known:
        hint = f"新包在 corpus/documents/{document.id}.yaml 加一行 package: {package}，不写 --package"
        raise UsageError(Issue("PACKAGE", f"没有包“{package}”", "--package", f"已有的包 {'、'.join(known)}", hint))
    return package


def packages_of(rulebook: Rulebook) -> tuple[str, ...]:
    """Packages that a rule or a document of the register belongs to, sorted."""
    named = {document.package for document in rulebook.documents.values() if document.package is not None}
    return tuple(sorted(named | {rule.package for rule in rulebook.rules}))


def _known(option: str, what: str, written: str, known: Collection[str]) -> str:
    if written in known:
        return written
    near = "、".join(match for match, _, _ in process.extract(written[:80], list(known), limit=3))
    hint = "改用最接近的一个；新的先写进 corpus/documents 的文件登记" if known is not LEVELS else "改用其中一个"
    raise UsageError(Issue("UNKNOWN", f"没有{what}“{written[:60]}”", option, near, hint))


def _title(written: str | None) -> str:
    title = UNTITLED if written is None else written.strip()
    if not title or not title.isprintable():
        raise UsageError(Issue("TITLE", "名称是空的，或含有不可见的字符", "--title", "一行文字", "改写名称"))
    return title


def _lines(words: Collection[str]) -> str:
    """Words as comment lines of eight."""
    listed = list(words)
    return "\n".join("#   " + " ".join(listed[at : at + 8]) for at in range(0, len(listed), 8))


_DRAFT = Template("""\
# 草稿：不作判断。写法见 docs/rule-authoring.zh.md；写完一部分就检查：policy-match rules check。
# 每一部分都写好以后运行：policy-match rules test --measures $id；通过后把 status 改为 active
schema: measure/1
id: $id
# 条件改了就是新版本：新建 .v2 文件，旧版本留着。
version: 1
# draft 草稿、active 施行、suspended 暂停、repealed 废止。
status: draft
title: $title
# 待改：一至三个主题，从下面选。
$topics
topics: [scale_up]
# 待改：门类，选一个：$families
family: 奖补
# 只有金融类写，选一个：$groups
finance_group: null
# 待改：msjx 免申即享、jsjx 即申即享、apply 需申报、service 服务。
mode: apply
# 待改：给谁：enterprise 企业、project 项目、person 个人。
target: enterprise
# 依据：$about
# 见过附件和条的写成 {id: …, annex: 附件1, article: 第三条}。
document: {id: $document}
# 主管单位，写 corpus/taxonomies/units.yaml 中的名称，没见过的留 null。
owner_unit: null
# 联系方式、入口、所需材料，没见过的留空，页面会显示“请咨询”。
how_to: {contact: null, portal: null, materials: []}
# 怎么见到的：page 官方页面、copy 转载、recalled 凭记忆；待遇还可以是 unseen 未见（不得写金额）、none 没有待遇。
verified: {conditions: recalled, benefit: unseen}
# 施行期，两端都算在内，可以只写到月或年（$began_seen）。
# through：日期、open 长期有效、superseded 到下一版本前一天、unknown 未见（配 seen_in_force_on: ["见到施行的日子"]）。
effective: {from: "$began", through: "$through"}
# 申报期：{from: "…", through: "…"}，每年的写 {yearly: {from: "09-01", through: "10-31"}}，没见过写 unseen。
apply_window: unseen
# 可能被公平竞争审查质疑的（如与地方贡献挂钩）：{flag: true, note: 原因}。
fair_competition: null
# 认定类措施给的称号，写 corpus/taxonomies/honours.yaml 中的名称；不是认定的留 null。
grants: null
# 这次和下次复核的日子。
reviewed_on: "$today"
next_review_on: "$review"
# corpus/entries 中对应条目的编号。
data_ids: []
# 条款：逐条用自己的话写。by 写实现它的条件、定义、benefit 或 stacking；不需要实现的写 none: 原因。
clauses:
  - {article: 条款未见, says: 待填：用自己的话写这一条, by: [judged]}
  - {article: 条款未见, says: 待填：给什么待遇, by: [benefit]}
# 引用 rules/definitions 的共用定义；引用了就要放进 eligible_when。
use: []
# 条件：一个事实、一个运算词、一个带单位的值，如
#   revenue: {fact: main_revenue, op: at_least, value: "2000万元", can_change: enterprise}
# 要人判断的写 human。没有的事实不要用意思相近的代替。
conditions:
  judged: {human: 待填：由谁判断什么}
# 条件怎样组合：all、any、not、at_least、rows、if_applicable。
eligible_when: {all: [judged]}
# 待遇：kind 是 cash 现金、tax 少缴税款、deduction 加计扣除、facility 额度、service 服务、quota 指标。
# 见过金额的，把 verified.benefit 改为 page 或 copy，再写一种算法和取整，如
#   fixed: "20万元"
#   rounding: {to: "1元", mode: floor}
# 服务有几项的，在 services 中逐项写 {name: 服务, unit: 承办单位或 null}；单位是推断的加 reading: true。
# “最高”写 promise: ceiling。没有待遇的删去这一部分，verified.benefit 写 none。
benefit:
  kind: cash
  promise: exact
  says: 待填：待遇的说明
# 与别的措施怎样合用，如 {once: project}、{unwritten: 文件没写能否同享}，写法见手册“与别的待遇合用”。
# 不写的，页面写明“文件未写与其他待遇能否叠加”；两项措施按同一基数给钱的必须写。
stacking: null
# 只有免申即享写：{evidence: {事实: {from: [来源], max_age_days: 天数}}, consent: required, notice_working_days: 5}。
no_application: null
# 每个界限一行，如 revenue: {at: eligible, under: ineligible, missing: unknown}。
boundaries: {}
# 用例：结论由读条款的人填，不抄程序的输出；至少一条符合或待人工判断，一条不符合。如
#   - {name: 恰好两千万, as_of: "$today", facts: {main_revenue: "2000万元"}, expect: {verdict: eligible}}
cases: []
# 真正兑付过多少：{year: "2023", says: 多少户、多少钱, source: 见于何处}。
paid_history: []
# 每个版本为什么改。
changes: [{version: 1, date: "$today", why: 待填：首次录入}]
""")
