"""Find subjects of a library by words of their names and texts: all of the words, wherever they stand.

The words are those of today, whatever day is asked about; what was merged into another project leads to that one too.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from policy_match.errors import Issue, UsageError
from policy_match.store import subjects, words
from policy_match.store.tables import Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View, past_of

_MOST = 20


def found_by_words(session: Session, archive: Archive, library: str, text: str, view: View) -> list[Subject]:
    """The subjects that have every word of a text, or whose firm has; UsageError WORDS for a text that holds no word, or
    too many."""
    wanted = archive.cutter.words(text)
    if not 0 < len(wanted) <= _MOST:
        what = f"“{text[:40]}”里有 {len(wanted)} 个可查的词" if wanted else f"“{text[:40]}”里没有可查的词"
        hint = "写名称、产品里的词，如 电池 结构件；“项目”“公司”这样处处都有的词和标点不算"
        raise UsageError(Issue("WORDS", what, "words", f"1至{_MOST}个词", hint))
    then = past_of(session, view)
    own = subjects.by_ids(session, words.subjects_with(session, library, wanted))
    found = own | {last.id: last for row in own.values() if (last := then.survivor(session, row)) is not row}
    return [found[one] for one in sorted(found)]


def ids_by_words(archive: Archive, library: str, text: str, view: View) -> frozenset[str]:
    """The same, as what people call them by."""
    with archive.database.reading() as session:
        return frozenset(row.code for row in found_by_words(session, archive, library, text, view))


def ids_also_named(archive: Archive, library: str, text: str | None, view: View) -> frozenset[str]:
    """The same for a text that is looked for in other ways too: one that is no words finds nothing here."""
    if not (text or "").strip():
        return frozenset()
    try:
        return ids_by_words(archive, library, text or "", view)
    except UsageError:
        return frozenset()
