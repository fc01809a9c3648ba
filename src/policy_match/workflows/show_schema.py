"""The shape of a measure file as JSON Schema, for editors that help while typing."""

from __future__ import annotations

import orjson

from policy_match.eligibility.schema import Measure


def rule_schema() -> str:
    """JSON Schema of a measure file; what names and values mean is checked by `rules check` only."""
    schema = Measure.model_json_schema(by_alias=True)
    schema["title"] = "policy_match 措施文件 measure/1"
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode()
