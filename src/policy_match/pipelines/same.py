"""What makes two items of a pipeline the same: they are kept once, however often they are told."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import date

from policy_match.pipelines.kinds import OPENED_ON, OPENED_WEEK, SUBJECT, Pipeline
from policy_match.pipelines.log import Entry


def mark_of(pipeline: Pipeline, subject: str, opening: Entry) -> str:
    """The mark of an item by its subject's code ("" for none) and its first entry: SHA-256 as hex.

    By what `same` names, without regard to blanks, width and case; by everything said on opening where it names nothing.
    """
    parts = {SUBJECT: subject, OPENED_WEEK: _week(opening.on), OPENED_ON: opening.on.isoformat(), **opening.said}
    names = pipeline.same or (SUBJECT, OPENED_ON, *sorted(opening.said))
    told = [[name, _plain(parts.get(name, ""))] for name in names]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
