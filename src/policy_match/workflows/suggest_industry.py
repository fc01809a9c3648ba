"""Industry and tracks suggested for a project whose code is not known: shown to whoever has to state it, never used to decide."""

from __future__ import annotations

import re

from policy_match.errors import UsageError
from policy_match.facts.subjects import Kind, Subject
from policy_match.text.project_text import ProjectText
from policy_match.workflows.classify_text import Classified, Models, classify
from policy_match.workflows.hint_tracks import said_text

_INDUSTRY = "industry_code"
_MARKS = re.compile(r"[。；;，,\n]")


def suggested_industry(models: Models | None, subject: Subject) -> Classified | None:
    """A suggestion; None where the code is known, no text says anything, it is no project, or the models are not open."""
    known = subject.cells.get(_INDUSTRY)
    if models is None or subject.kind is not Kind.PROJECT or (known is not None and known.value is not None):
        return None
    text = ProjectText(said_text(subject, "products"), subject.name or "", said_text(subject, "content"))
    try:
        found = classify(models, text)
    except UsageError:  # too little is said: there is nothing to suggest
        return None
    return found if found.industry.industry else None


def sentences_of(subject: Subject) -> list[str]:
    """What a subject says of itself, sentence by sentence."""
    texts = [subject.name or "", said_text(subject, "products"), said_text(subject, "content")]
    return [part.strip() for text in texts for part in _MARKS.split(text) if part.strip()]
