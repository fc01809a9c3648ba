"""The entries of the corpus: read strictly, official addresses only, nothing that a caution hides; and `rules coverage`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from policy_match.authoring.coverage import Kind
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import RuleError, UsageError
from policy_match.exchange.entries import load_entries
from policy_match.strict_yaml import read_file

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = ROOT / "corpus" / "entries"
ADDRESS = re.compile(r"https?://([^/\s'\"]+)|\b((?:[a-z0-9-]+\.)+(?:com|cn|net|org|gov))\b", re.IGNORECASE)
COMMAND = [sys.executable, "-c", "from policy_match.cli import main; main()", "rules", "coverage"]


def blocks() -> dict[str, str]:
    """The text of every entry by its id."""
    texts = (path.read_text("utf-8") for path in sorted(ENTRIES.glob("measures_*.yaml")))
    return {block.split("\n", 1)[0]: block for text in texts for block in text.split("\n- id: ")[1:]}


Called = Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A copy of the corpus that a test may spoil."""
    for name in ("documents", "taxonomies", "entries"):
        shutil.copytree(ROOT / "corpus" / name, tmp_path / name)
    return tmp_path


def spoil(corpus: Path, name: str, old: str, new: str) -> None:
    path = corpus / "entries" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_shipped_entries_are_read_whole() -> None:
    corpus = load_entries(ENTRIES)
    entries, kept = corpus.entries, corpus.kept

    assert len(entries) == 321
    assert {entry.id for entry in entries if entry.fills == "CZ-INN-R05"} == {f"CZ-INNB-0{n}" for n in range(1, 6)}
    assert set(Kind) - {Kind.WAITING} <= {reason.kind for reason in kept}


def test_only_official_addresses_stand_in_the_entries() -> None:
    hosts = [host or name for block in blocks().values() for host, name in ADDRESS.findall(block)]

    assert len(hosts) > 40
    assert [host for host in hosts if not host.endswith(".gov.cn")] == []


def test_an_entry_whose_caution_hides_its_amount_shows_none() -> None:
    hidden = {name: text for name, text in blocks().items() if re.search(r"caution: .*(hide|no amount)", text)}

    assert set(hidden) == {"CZ-FIN-05", "CZ-INN-13", "CZ-IP30-08", "TN-IND-01", "TN-IND-03"}
    assert [name for name, text in hidden.items() if re.search(r"[0-9]\s*[万亿]|_wan|params", text)] == []


def test_what_is_hidden_recalled_or_a_figure_of_the_past_is_read_as_such() -> None:
    kinds = {reason.id: reason.kind for reason in load_entries(ENTRIES).kept}

    assert {name for name, kind in kinds.items() if kind is Kind.HIDDEN} <= set(blocks())
    assert kinds["CZ-FIN-05"] is Kind.HIDDEN
    assert kinds["CZ-EMP-02"] is Kind.FIGURES
    assert kinds["CZ-SEED-10"] is kinds["CZ-SEED-14"] is Kind.PROCESS


def test_only_services_of_the_notice_have_no_entry(rulebook: Rulebook) -> None:
    without = [rule for rule in rulebook.rules if not rule.measure.data_ids]

    assert {rule.document.id for rule in without} == {"czbf-2024-37"}
    assert {rule.measure.benefit.kind for rule in without if rule.measure.benefit} == {"service"}


def test_the_entry_files_are_strict_yaml() -> None:
    assert [issue for path in sorted(ENTRIES.iterdir()) for issue in read_file(path).issues] == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("corpus_only.yaml", "kind: process", "kind: somehow", "不认识的原因“somehow”"),
        ("corpus_only.yaml", ", of: CZ-INN-02", "", "要写 of"),
        ("corpus_only.yaml", "kind: superseded", "kind: past", "要写 of"),
        ("corpus_only.yaml", "id: CZ-SEED-10", "id: CZ-SEED-01", "编号“CZ-SEED-01”重复"),
        ("measures_changzhou.yaml", "- id: CZ-SEED-02", "- id: CZ-SEED-01", "编号“CZ-SEED-01”重复"),
        ("measures_changzhou.yaml", "issued: '2024-08-16'", "issued: 2024-08", "会被误读"),
        ("measures_national.yaml", "- id: N-TAX-002\n  name:", "- id: N-TAX-002\n  names:", "缺少必填的键"),
    ],
)
def test_a_wrong_entry_or_reason_is_refused_with_its_line(
    corpus: Path, name: str, old: str, new: str, said: str
) -> None:
    spoil(corpus, name, old, new)

    with pytest.raises(RuleError) as refused:
        load_entries(corpus / "entries")

    assert said in str(refused.value)
    assert re.match(rf"entries/{name}:[0-9]+$", refused.value.issues[0].where)


def test_a_folder_without_entries_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="没有条目文件"):
        load_entries(tmp_path)


def test_the_table_names_measures_and_reasons_and_ends_with_the_counts(tmp_path: Path, called: Called) -> None:
    done = called(["rules", "coverage"], tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "CZ-INNB-01" in done.stdout and "→ cz_hnte_award.v1" in done.stdout
    assert "只作资料：工作机制或办理流程，不是措施：" in done.stdout
    assert re.search(r"共 \d+ 项措施：A \d+，B \d+，C \d+。", done.stdout)
    assert done.stdout.rstrip().splitlines()[-1].startswith("没有措施的主题：")


def test_the_json_counts_what_it_lists() -> None:
    command = [*COMMAND, "--format", "json"]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)

    data = json.loads(done.stdout)
    grades = [measure["grade"] for measure in data["measures"]]
    assert data["summary"]["grades"] == {grade: grades.count(grade) for grade in "ABC"}
    assert all(bool(entry["measures"]) != bool(entry["corpus_only"]) for entry in data["entries"])
    assert sum(data["summary"]["corpus_only"].values()) == sum(not entry["measures"] for entry in data["entries"])
    assert data["faults"] == []


def test_an_entry_without_a_word_is_exit_2_after_the_table(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, called: Called
) -> None:
    monkeypatch.setenv("POLICY_MATCH_CORPUS", str(corpus))
    text = (corpus / "entries" / "corpus_only.yaml").read_text("utf-8")
    (corpus / "entries" / "corpus_only.yaml").write_text(re.sub(r".*id: CZ-SEED-01,.*\n", "", text), "utf-8")

    done = called(["rules", "coverage"], corpus)

    assert done.returncode == 2
    assert "CZ-SEED-01  亿元项目管理库(共享库)  没有交代" in done.stdout
    assert "measures_changzhou.yaml:" in done.stderr and "条目“CZ-SEED-01”没有交代" in done.stderr


def test_an_unknown_format_is_refused(tmp_path: Path, called: Called) -> None:
    done = called(["rules", "coverage", "--format", "xlsx"], tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "table、json、markdown" in done.stderr
