"""Whatever rule folder the loader accepts, an empty profile is eligible for none of its measures."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_match.authoring.load import load_rulebook
from policy_match.eligibility.schema import Measure
from policy_match.errors import RuleError
from policy_match.facts.subjects import Kind, Subject
from policy_match.workflows.match import Matching
from properties.random_rules import DOCUMENT, classes, holdings, measure_of, measures, vocabulary

NOBODY = Subject("空", Kind.ENTERPRISE, {})
FLAG: dict[str, object] = {"fact": "hnte_valid", "op": "is", "value": True}
GIVEN: dict[str, object] = {"assumed": "符合安全生产要求"}


def verdicts_of_nobody(measure: Measure) -> list[str] | None:
    """Verdicts of an empty profile for a folder that holds just this measure; None: the loader refuses the folder."""
    with TemporaryDirectory() as place:
        documents, package = Path(place, "corpus", "documents"), Path(place, "rules", "measures", "city", "RANDOM")
        documents.mkdir(parents=True)
        package.mkdir(parents=True)
        for path, model in ((documents / "doc.yaml", DOCUMENT), (package / f"{measure.id}.v1.yaml", measure)):
            data = model.model_dump(by_alias=True, exclude_unset=True, mode="json", warnings=False)
            path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
        try:
            rulebook = load_rulebook(Path(place, "rules"), documents, vocabulary())
        except RuleError:
            return None
    return [match.verdict.value for match in Matching(rulebook, [NOBODY], date(2026, 2, 28)).lines(rulebook.ids)]


@settings(max_examples=max(10, settings().max_examples // 5))
@given(measure=measures(kinds=st.one_of(classes(), holdings()), most=3, depth=2, tidy=True))
def test_nobody_is_eligible_for_what_the_loader_accepts(measure: Measure) -> None:
    assert "eligible" not in (verdicts_of_nobody(measure) or [])


def test_a_plain_measure_is_accepted_and_one_that_holds_for_nobody_is_refused() -> None:
    plain = measure_of({"c": FLAG, "given": GIVEN}, {"all": ["c", "given"]})
    empty = measure_of({"c": FLAG, "given": GIVEN}, {"any": ["c", "given"]})

    assert verdicts_of_nobody(plain) == ["unknown"]
    assert verdicts_of_nobody(empty) is None
