"""Shape errors of a rule file in Chinese, each at the line of the entry it speaks of."""

from __future__ import annotations

from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError

from policy_match.authoring.findings import MANUAL, Findings, Place
from policy_match.eligibility.decide import VERDICT_NAMES
from policy_match.strict_yaml import Document

_Model = TypeVar("_Model", bound=BaseModel)
_WORDS = {
    "missing": ("缺少必填的键", "", "补上这一项"),
    "extra_forbidden": ("不认识的键", "", "删去，或改成允许的键"),
    "literal_error": ("值不在允许的范围内", "", "改用允许的值"),
    "union_tag_invalid": ("写法不认识", "", "改用允许的写法"),
    "union_tag_not_found": ("写法不认识", "", "改用允许的写法"),
    "string_type": ("应是文字", "带引号的文字", "给值加上引号"),
    "string_too_short": ("不能为空", "文字", "写上内容，或删去这一项"),
    "string_pattern_mismatch": ("格式不对", "", "按允许的格式改写"),
    "int_type": ("应是整数", "整数", "写成不带引号的整数"),
    "bool_type": ("应是 true 或 false", "true、false", "改成 true 或 false"),
    "list_type": ("应是列表", "[甲, 乙]", "写成列表，只有一项也加方括号"),
    "dict_type": ("应是“键: 值”的对象", "{键: 值}", "写成对象"),
    "model_type": ("应是“键: 值”的对象", "{键: 值}", "写成对象"),
    "too_short": ("不能为空", "至少一项", "补上内容，或删去这一组"),
    "too_long": ("项数过多", "", "减少项数"),
    "greater_than_equal": ("数值过小", "", "改大"),
}
_PATTERNS = {
    "^[a-z][a-z0-9_]{0,60}$": "小写字母开头，只用小写字母、数字和下划线",
    "^[a-z][a-z0-9_-]{2,60}$": "小写字母开头，只用小写字母、数字、下划线和连字符，3 至 61 个字符",
    "^[a-z0-9][a-z0-9-]{1,60}$": "小写字母、数字和连字符，2 至 61 个字符",
    r"^https?://([a-z0-9-]+\.)*gov\.cn(/|$)": "*.gov.cn 的网址",
    "^(19|20)[0-9]{2}(-(19|20)[0-9]{2})?$": "四位年份，或 2021-2023",
}


# Words that an author chooses from, in Chinese.
OPERATORS = {
    "at_least": "不少于",
    "at_most": "不超过",
    "more_than": "超过",
    "less_than": "不满",
    "between": "在两者之间",
    "is": "等于",
    "one_of": "是其中之一",
    "has_any": "具有其中一项称号",
    "within_tree": "行业属于",
    "within_region": "地区属于",
    "stage_at_least": "到达阶段",
    "before": "早于",
    "on_or_after": "不早于",
    "age_at_least": "满多久",
    "within": "在某日期前后",
    "growth_at_least": "增长不低于",
    "on_list": "列入名单",
}
_VERDICTS = {verdict.value: name for verdict, name in VERDICT_NAMES.items()}
_CHINESE = {"op": OPERATORS} | dict.fromkeys(("verdict", "at", "under", "over", "missing"), _VERDICTS)
_PERCENT = frozenset({"rate", "share", "times"})
_MONEY = frozenset({"fixed", "cap", "floor", "amount", "limit"})


def read_shape(model: type[_Model], findings: Findings) -> _Model | None:
    """The document as a model; None, with every fault of its shape found, if it is none."""
    try:
        return model.model_validate(findings.document.data)
    except ValidationError as error:
        _take(error, model, findings)
        return None


def _take(error: ValidationError, model: type[BaseModel], findings: Findings) -> None:
    for fault in error.errors(include_url=False):
        context, key = fault.get("ctx", {}), str(fault["loc"][-1]) if fault["loc"] else ""
        what, allowed, hint = _WORDS.get(fault["type"], (fault["msg"], "", MANUAL))
        if fault["type"] == "refused":
            what, allowed, hint = context["what"], context["allowed"], context["hint"]
        elif fault["type"] == "extra_forbidden":
            allowed = "、".join(_keys_at(model, fault["loc"][:-1]))
            hint = f"{key} 是运算词，只写在 conditions 的 op 后面" if key in OPERATORS else hint
        elif fault["type"] == "string_type" and key in _PERCENT | _MONEY:
            unit = "%" if key in _PERCENT else "万元"
            allowed, hint = f'带单位、加引号，如 "6{unit}"', f'写成 "{fault["input"]}{unit}"，按文件的单位写'
        else:
            allowed = allowed or _allowed(context, key)
        named = _named(fault["loc"], findings.document)
        code = "KEY_UNKNOWN" if fault["type"] == "extra_forbidden" else "SHAPE"
        findings.refuse(code, f"{named}：{what}", _path_in(fault["loc"], findings.document), allowed, hint)


def _allowed(context: dict[str, object], key: str) -> str:
    pattern = context.get("pattern")
    if isinstance(pattern, str):
        return _PATTERNS.get(pattern, pattern)
    if "max_length" in context:
        return f"至多 {context['max_length']} 项"
    if "ge" in context:
        return f"不小于 {context['ge']}"
    words = str(context.get("expected") or context.get("expected_tags") or "")
    listed = words.replace("'", "").replace(" or ", ", ").split(", ")
    chinese = _CHINESE.get(key, {})
    return "、".join(f"{word} {chinese[word]}" if word in chinese else word for word in listed)


def _path_in(loc: tuple[int | str, ...], document: Document) -> Place:
    """The path of a pydantic location in the file: the tags that unions add are left out."""
    path: Place = ()
    for step in loc:
        if (*path, step) in document.lines:
            path = (*path, step)
    return path


def _named(loc: tuple[int | str, ...], document: Document) -> str:
    path = _path_in(loc, document)
    if loc and loc[-1] != "[key]" and (not path or path[-1] != loc[-1]) and isinstance(loc[-1], str):
        path = (*path, loc[-1])
    text = "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in path).lstrip(".")
    return text or "整个文件"


def _keys_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Keys that the models at a location know, in the order of the schema."""
    here: list[type[BaseModel]] = [model]
    for step in loc:
        fields = [
            (known, field)
            for known in here
            for name, field in known.model_fields.items()
            if (field.alias or name) == step
        ]
        if fields:
            here = [found for known, field in fields for found in _models_in(field.annotation) or [known]]
    return list(dict.fromkeys(field.alias or name for known in here for name, field in known.model_fields.items()))


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
