"""Every page of tests/data/pages, read once with the shipped lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from made_pages import marks_of, page_file

from policy_match.exchange.official_page import read_page
from policy_match.facts.vocabulary import Vocabulary
from policy_match.text.extract.extraction import Extraction, extract


@pytest.fixture(scope="session")
def read_marked(vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Extraction]:
    """The extraction of the page that a file of marks belongs to."""
    folder, held = tmp_path_factory.mktemp("pages"), dict[Path, Extraction]()

    def read(marks: Path) -> Extraction:
        if marks not in held:
            page = read_page(page_file(str(marks_of(marks)["page"]), folder))
            held[marks] = extract(page, vocabulary.taxonomies, vocabulary.industries)
        return held[marks]

    return read
