"""A document is of the bodies that its number says: the list of issuers, and what a corpus without one leaves free."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bad_rules import BAD, folder_with, issues_of

from policy_match.errors import Issue
from policy_match.facts.taxonomies import Taxonomies
from policy_match.facts.vocabulary import Vocabulary

SHORT = (BAD / "document_issuer_short_name.yaml").read_text("utf-8").replace(" # <- ISSUER", "")


def found(place: Path, words: Vocabulary, number: str, issuers: str) -> list[Issue]:
    folder = folder_with(place)
    text = SHORT.replace('"常科发〔2020〕7号"', number).replace("[市科技局]", issuers)
    (folder / "corpus" / "documents" / "invented-2020-7.yaml").write_text(text, "utf-8")
    return issues_of(folder, words)


@pytest.mark.parametrize(
    ("number", "issuers"),
    [
        ('"常办发〔2020〕7号"', "[中共常州市委办公室, 常州市人民政府办公室]"),
        ('"苏科规范〔2020〕7号"', "[江苏省教育厅, 江苏省科学技术厅]"),
        ('"财政部 税务总局 发改委 工信部公告2020年第7号"', "[财政部, 税务总局, 国家发展改革委, 工业和信息化部]"),
        ('"常开委〔2020〕7号"', "null"),
        ("null\nnumber_unseen: true", "[国务院办公厅]"),
        ("null\nnumber_unseen: true", "null"),
    ],
)
def test_issuers_with_the_body_of_the_number_among_them_are_accepted(
    number: str, issuers: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    assert found(tmp_path, vocabulary, number, issuers) == []


@pytest.mark.parametrize(
    ("number", "issuers", "told"),
    [
        ('"常科发〔2020〕7号"', "[市科技局]", "常州市科学技术局"),
        ('"常科发〔2020〕7号"', "[常州市科学技术局, 常州市财务局]", "常州市财政局"),
        ('"常政发〔2020〕7号"', "[常州市人民政府办公室]", "常州市人民政府"),
        ('"常政辨发〔2020〕7号"', "[常州市人民政府办公室]", "常政办发（常州市人民政府办公室）"),
    ],
)
def test_a_refusal_names_the_nearest_name_or_the_body_meant(
    number: str, issuers: str, told: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    issues = found(tmp_path, vocabulary, number, issuers)

    assert issues
    assert any(told in issue.allowed.split("、") for issue in issues)


def test_without_a_list_issuers_and_numbers_are_free(tmp_path: Path, vocabulary: Vocabulary) -> None:
    free = replace(vocabulary, taxonomies=Taxonomies(honours=vocabulary.taxonomies.honours))

    assert found(tmp_path, free, '"常政发7号"', "[某局]") == []
