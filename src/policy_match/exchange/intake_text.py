"""A row of a register as text and back: what is kept of a record that waits for its project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import orjson
from pydantic import TypeAdapter

from policy_match.exchange.intake_rows import IntakeRow
from policy_match.facts.observations import Observation
from policy_match.facts.stored import from_text, to_text
from policy_match.facts.vocabulary import Vocabulary

_ROW = TypeAdapter(IntakeRow)
_OBSERVATION = TypeAdapter(Observation)
_PARTS = ("observations", "firm_observations")


def row_to_text(row: IntakeRow) -> str:
    """Canonical JSON of a row; values of facts as `facts/stored.py` writes them. Its month stands in the days of its figures."""
    plain = _ROW.dump_python(replace(row, observations=(), firm_observations=()), mode="json", exclude={"month"})
    for part in _PARTS:
        plain[part] = [_observation(one) for one in getattr(row, part)]
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()


def row_from_text(text: str, vocabulary: Vocabulary) -> IntakeRow:
    """The row of a text that `row_to_text` wrote; facts that the vocabulary no longer has are left out."""
    plain = orjson.loads(text)
    observed = {part: plain.pop(part) for part in _PARTS}
    row = _ROW.validate_python(plain | {part: [] for part in _PARTS}, strict=False)
    own, of_firm = (tuple(_read(observed[part], vocabulary)) for part in _PARTS)
    return replace(row, observations=own, firm_observations=of_firm)


def observation_to_text(one: Observation) -> str:
    """Canonical JSON of an observation that is set apart until somebody confirms it."""
    return orjson.dumps(_observation(one), option=orjson.OPT_SORT_KEYS).decode()


def observation_from_text(text: str, vocabulary: Vocabulary) -> Observation | None:
    """The observation of a text that `observation_to_text` wrote; None for any other text, or a fact that is no more."""
    try:
        written = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return next(iter(_read([written], vocabulary)), None) if isinstance(written, dict) else None


def _observation(one: Observation) -> dict[str, object]:
    said = {name: getattr(one, name) for name in Observation.__slots__ if name != "value"}
    return said | {"value": to_text(one.value)}


def _read(written: Iterable[dict[str, str]], vocabulary: Vocabulary) -> Iterable[Observation]:
    for said in written:
        if said["fact"] in vocabulary:
            value = from_text(vocabulary[said["fact"]], said.pop("value"))
            yield replace(_OBSERVATION.validate_python(said | {"value": {"text": ""}}), value=value)
