"""A draft measure as the keys of a rule file; what nobody has written is a stand-in that the header of the file names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from datetime import date

from policy_match.dates import Period, add_period
from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import MEASURE_ID
from policy_match.strict_yaml import Data
from policy_match.text.extract.draft import Draft
from policy_match.text.extract.extraction import Extraction

_REVIEW_AFTER = Period(6, 0)
_TOPIC_WORDS = (
    ("equipment_subsidy", "设备"), ("loan_discount", "贴息"), ("guarantee", "担保"), ("risk_compensation", "风险"), ("smart_digital", "智能|数字化|互联网"),
    ("green", "绿色|节能|零碳"), ("talent_award", "人才"), ("talent_housing", "购房|租房|住房"), ("training", "培训|技能"), ("job_subsidy", "社保|就业|岗"),
    ("listing_reward", "上市|挂牌"), ("first_unit", "首台"), ("ip", "专利|知识产权"), ("low_altitude", "低空|航空器"), ("hydrogen", "氢"), ("rd_subsidy", "研发|科技"),
    ("foreign_investment", "外资"), ("platform_incubator", "载体|孵化|集聚区|平台"), ("scale_up", "规模以上|规上|营业收入|服务业"),
)  # fmt: skip
_OTHER_TOPIC = "fast_permit"


def span_of(extraction: Extraction) -> dict[str, Data]:
    """First and last day of a document; a last day before the first is a fault of the page and left unknown."""
    begins, ends = extraction.head.term.begins, extraction.through
    if begins is not None and ends is not None and ends < begins:
        ends = None
    return {"from": begins, "through": ends or "unknown"}


def measure_id_of(document_id: str, place: str, taken: Collection[str]) -> str:
    """`<document>-<article>` with the article's numbers in digits, made unique."""
    digits = "-".join(_arabic(part) for part in re.findall(r"[一二三四五六七八九十百零]+|\d+|[附①-⑳]", place)) or "0"
    first = f"d-{document_id}" if not document_id[0].isalpha() else document_id
    wanted = f"{first[:40]}-{digits}"[:56]
    if not re.fullmatch(MEASURE_ID, wanted):
        wanted = f"draft-{hashlib.sha256((document_id + place).encode()).hexdigest()[:10]}"
    return next(name for name in (wanted, *(f"{wanted}-{at}" for at in range(2, 10_000))) if name not in taken)


def _arabic(part: str) -> str:
    digits = "零一二三四五六七八九"
    if part.isdigit():
        return part
    if part == "附":
        return "x"
    if "①" <= part <= "⑳":
        return str(ord(part) - ord("①") + 1)
    tens, mark, ones = part.partition("十")
    if not mark or "百" in part:
        return "".join(str(digits.index(one)) for one in part if one in digits) or "0"
    return str(
        (digits.index(tens) if tens in digits[1:] and tens else 1) * 10
        + (digits.index(ones) if ones in digits and ones else 0)
    )


def measure_of(
    draft: Draft, measure_id: str, extraction: Extraction, *, document_id: str, rulebook: Rulebook, today: date
) -> Data:
    """The keys of a measure file. Topics, family and mode are stand-ins by the words of the clauses."""
    parts, day = draft.parts, today.isoformat()
    record = rulebook.documents.get(document_id)
    name = record.title if record is not None else extraction.head.title or "标题未见"
    benefit = parts.get("benefit")
    is_service = not isinstance(benefit, dict) or benefit["kind"] == "service"
    measure: dict[str, Data] = {
        "schema": "measure/1",
        "id": measure_id,
        "version": 1,
        "status": "draft",
        "title": f"{name[:80]}：{draft.heading or draft.place}",
        "topics": [_topic(parts)],
        "family": "审批" if is_service else "奖补",
        "mode": "service" if is_service else "apply",
        "target": draft.target,
        "document": {"id": document_id, "article": draft.place},
        "owner_unit": None,
        "verified": parts["verified"],
        "effective": _effective(extraction, record.effective.from_ if record is not None else None, today),
        "reviewed_on": day,
        "next_review_on": add_period(today, _REVIEW_AFTER).isoformat(),
        "clauses": parts["clauses"],
        "conditions": parts["conditions"],
        "eligible_when": parts["eligible_when"],
    }
    if benefit is not None:
        measure["benefit"] = benefit
    return measure | {"changes": [{"version": 1, "date": day, "why": "由程序读出的草稿，未经核对"}]}


def _topic(parts: dict[str, Data]) -> str:
    """A topic whose words the clauses hold, the first of the list; only to be changed."""
    text = str(parts["clauses"])
    return next((topic for topic, words in _TOPIC_WORDS if re.search(words, text)), _OTHER_TOPIC)


def _effective(extraction: Extraction, registered_from: str | None, today: date) -> Data:
    """Days as seen; without a first one the day of issue, of publication, the year of the number (manual, reading 29)."""
    head, span = extraction.head, span_of(extraction)
    year = re.search(r"〔(\d{4})〕|(\d{4})年", head.number or "")
    choices = (
        (registered_from, "取自文件登记"),
        (head.term.begins, None),
        (head.issued_on, "没有写施行日，取印发日"),
        (head.published_on, "没有写施行日和印发日，取公布日"),
        (None if year is None else year[1] or year[2], "只见文号年份"),
        (str(today.year), "待填：没有见到起始日，暂写今年"),
    )
    begins, note = next((day, note) for day, note in choices if day is not None)
    ends = span["through"]
    if isinstance(ends, str) and ends != "unknown" and ends < begins and registered_from is None:
        begins, note = ends[:4], f"待填：{begins} 晚于截止日，暂写截止的那一年"
    elif isinstance(ends, str) and ends != "unknown" and ends < begins:
        ends = "unknown"
    return {"from": begins, "through": ends} | ({} if note is None else {"note": note})
