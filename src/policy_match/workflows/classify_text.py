"""Propose industry classes and tracks from text: for a person to confirm, with the words that decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from policy_match.errors import Issue, UsageError
from policy_match.exchange.industry_lessons import load_lessons, load_read_tracks
from policy_match.exchange.official_page import read_page
from policy_match.exchange.screen import write_lines
from policy_match.facts.vocabulary import Vocabulary
from policy_match.text.industry import IndustryModel, Proposal
from policy_match.text.project_text import ProjectText
from policy_match.text.tokens import Segmenter
from policy_match.text.track import TrackCandidate, TrackModel
from policy_match.workflows.cut_words import is_ours
from policy_match.workflows.kept_model import kept, kept_path
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_rules import open_vocabulary
from policy_match.workflows.show_match import Plain

FEWEST_LETTERS, MOST_LETTERS = 2, 20_000
_LONGEST_NAME = 255
_LONGEST_WORD = 8


@dataclass(frozen=True, slots=True)
class Models:
    """Both models, learned from one corpus."""

    industry: IndustryModel
    track: TrackModel


@dataclass(frozen=True, slots=True)
class Classified:
    """What is proposed; nothing of it is a fact before a person confirms it."""

    industry: Proposal
    tracks: tuple[TrackCandidate, ...]


def open_models(corpus: Path, vocabulary: Vocabulary, cache: Path) -> Models:
    """The models of a corpus, learned once and kept; RuleError for a fault of the lexicon."""
    lessons = load_lessons(corpus, vocabulary.industries)
    tracks = vocabulary.taxonomies.tracks
    read = load_read_tracks(corpus, tracks, vocabulary.industries)

    def learn() -> Models:
        words = {word for group in lessons.words.values() for word in group if 1 < len(word) <= _LONGEST_WORD}
        segmenter = Segmenter(words, cache if is_ours(cache) else None)
        return Models(IndustryModel(lessons, segmenter), TrackModel(tuple(tracks.values()), read))

    return kept(kept_path("industry", (lessons, read, tracks), cache), Models, learn)


def classify(models: Models, text: ProjectText) -> Classified:
    """Classes and tracks of a text; UsageError if it says too little or too much."""
    whole = text.whole()
    if sum(letter.isalnum() for letter in whole) < FEWEST_LETTERS:
        raise UsageError(
            Issue("TEXT_SHORT", "没有写建什么、产什么", "文字", "建设内容、产品或行业词", "例如：年产4GWh储能电池包")
        )
    if len(whole) > MOST_LETTERS:
        raise UsageError(
            Issue("TEXT_LONG", f"文字有{len(whole)}个字", "文字", f"不超过{MOST_LETTERS}个字", "只留建设内容和产品")
        )
    proposal = models.industry.propose(text)
    first = proposal.industry[0].code if proposal.industry else None
    return Classified(proposal, models.track.propose(whole, first))


def classified_data(found: Classified, vocabulary: Vocabulary) -> dict[str, Plain]:
    """A proposal as it is written to JSON."""
    return {
        "industry": [
            {
                "code": one.code,
                "name": vocabulary.industries.name(one.code),
                "confidence": one.confidence,
                "words": list(one.words),
            }
            for one in found.industry.industry
        ],
        "track": [{"track": one.track, "confidence": one.confidence, "words": list(one.words)} for one in found.tracks],
        "confident": found.industry.confident,
        "confidence": found.industry.confidence,
        "source": "TEXT",
    }


def print_classified(given: str, *, rules: Path, corpus: Path, cache: Path, form: str) -> None:
    """Classify a text, or the text of a file of that name, and print it."""
    form = chosen_form(form, None, ("json", "table"))
    vocabulary = open_vocabulary(rules, corpus)
    text = ProjectText(content=text_given(given))
    found = classify(open_models(corpus, vocabulary, cache), text)
    if form == "json":
        write_lines([orjson.dumps(classified_data(found, vocabulary)) + b"\n"], None)
    else:
        write_lines((f"{line}\n".encode() for line in _lines(found, vocabulary)), None)


def text_given(given: str) -> str:
    """A text as it is, or the lines of the file that it names."""
    if len(given) > _LONGEST_NAME or "\n" in given or not Path(given).is_file():
        return given
    return "\n".join(read_page(Path(given)).lines)


def _lines(found: Classified, vocabulary: Vocabulary) -> Iterator[str]:
    yield "行业建议（由文字推测，经办人确认后才算数）" + ("" if found.industry.confident else "：没有把握")
    for one in found.industry.industry:
        words = f"  依据：{'、'.join(one.words)}" if one.words else ""
        yield f"  {one.code} {vocabulary.industries.name(one.code)}  {one.confidence:.0%}{words}"
    if not found.industry.industry:
        yield "  没有认识的词，请换一种说法"
    for track in found.tracks:
        yield f"赛道建议  {track.track}  {track.confidence:.0%}  依据：{'、'.join(track.words) or '行业'}"
