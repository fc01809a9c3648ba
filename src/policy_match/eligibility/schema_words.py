"""The closed sets of words of a rule file, and the strict base of its models."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

Verification = Literal["page", "copy", "recalled"]
CanChange = Literal["enterprise", "time", "authority", "never"]
Family = Literal[
    "奖补", "税收", "金融", "人才", "用工", "用地", "用电", "环境", "审批", "创新", "产业", "市场", "上市", "认定"
]
FinanceGroup = Literal["融资服务保障", "综合金融支持", "降费让利"]
# Kinds of instruments of finance, as the notice 二(三)3 names them.
Instrument = Literal[
    "EARMARKED_FUND", "RISK_COMPENSATION", "GUARANTEE", "INTEREST_SUBSIDY", "EQUIPMENT_LOAN", "GOV_FUND",
]  # fmt: skip
Mode = Literal["msjx", "jsjx", "apply", "service"]
Topic = Literal[
    "rd_subsidy", "equipment_subsidy", "smart_digital", "green", "tax_deduction", "hightech_recognition",
    "specialised_sme", "single_champion", "loan_discount", "guarantee", "risk_compensation", "equity_fund",
    "listing_reward", "talent_award", "talent_housing", "talent_services", "training", "job_subsidy", "recruitment",
    "land", "energy_power", "fast_permit", "joint_acceptance", "scale_up", "first_unit", "new_energy", "low_altitude",
    "synthetic_bio", "semiconductor", "hydrogen", "ai", "foreign_investment", "ip", "platform_incubator",
]  # fmt: skip
Operator = Literal[
    "at_least", "at_most", "more_than", "less_than", "between", "is", "one_of", "has_any", "within_tree", "within_region",
    "stage_at_least", "before", "on_or_after", "age_at_least", "within", "growth_at_least", "on_list",
]  # fmt: skip
Verdict = Literal["eligible", "ineligible", "unknown", "not_in_force", "needs_human"]
Route = Literal["no_application", "prefilled", "application", "ask", "human", "none"]
CapPer = Literal["project", "project_year", "enterprise_year", "person", "pool_year", "lifetime", "enterprise"]
Plain: TypeAlias = str | int | bool | Decimal
Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
Say: TypeAlias = Annotated[str, Field(min_length=1)]
FactInput = TypeAliasType("FactInput", "Plain | list[FactInput] | dict[str, FactInput] | None")


class Strict(BaseModel):
    """No unknown keys, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


def refused(what: str, allowed: str = "", hint: str = "") -> PydanticCustomError:
    """A fault of an entry in our own words; allowed values and advice travel with it."""
    return PydanticCustomError("refused", "{what}", {"what": what, "allowed": allowed, "hint": hint})
