"""The command: a folder written whole or not at all, a plain summary, similar measures, errors with exit code 2."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml
from made_pages import PAGES

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import UsageError
from policy_match.workflows import extract_document as workflow
from policy_match.workflows.extract_document import Extracted, extract_document, summary
from policy_match.workflows.similar_measures import similar_measures

ROOT = Path(__file__).resolve().parents[3]


def run(name: str, out: Path | None) -> Extracted:
    return extract_document(PAGES / name, out, rules=ROOT / "rules", corpus=ROOT / "corpus", today=date(2031, 12, 1))


def test_the_folder_holds_the_document_its_registration_and_the_drafts(tmp_path: Path) -> None:
    run("equipment.html", tmp_path / "新")

    document = yaml.safe_load((tmp_path / "新" / "document.yaml").read_text("utf-8"))
    assert {key: document[key] for key in ("number", "issuer", "issued_on", "effective_from", "through")} == {
        "number": "常政办发〔2031〕901号",
        "issuer": "常州市人民政府办公室",
        "issued_on": "2031-03-10",
        "effective_from": "2031-04-01",
        "through": "2033-12-31",
    }
    assert document["clauses"][2]["article"] == "一(二)"
    assert {"kind": "amount", "text": "500万元", "op": "at_least", "value": "500万元"}.items() <= document["clauses"][
        2
    ]["candidates"][0].items()
    assert [path.name for path in (tmp_path / "新" / "documents").iterdir()] == ["czbf-2031-901.yaml"]
    assert len(list((tmp_path / "新" / "measures").glob("*.v1.yaml"))) >= 5
    assert [path.name for path in tmp_path.iterdir()] == ["新"]


def test_a_folder_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "旧").mkdir()
    (tmp_path / "旧" / "我的.txt").write_text("留着", "utf-8")

    with pytest.raises(UsageError, match="没有改写"):
        run("equipment.html", tmp_path / "旧")
    assert [path.name for path in (tmp_path / "旧").iterdir()] == ["我的.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "空").mkdir()

    run("equipment.html", tmp_path / "空")

    assert (tmp_path / "空" / "document.yaml").is_file()


def test_nothing_is_left_behind_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workflow.Path, "write_text", full)
    with pytest.raises(UsageError, match="写不了"):
        run("equipment.html", tmp_path / "满")
    assert list(tmp_path.iterdir()) == []


def test_the_summary_says_what_was_read_and_what_nobody_saw() -> None:
    lines = "\n".join(summary(run("green.html", None)))

    for words in (
        "文号：常工信综合〔2031〕903号",
        "施行：未见；有效至：未见",
        "条款：11 条",
        "措施草稿：3 份",
        "没有写文件；加 --out",
    ):
        assert words in lines


def test_the_same_number_is_named_as_a_repetition_and_a_like_title_as_a_new_version(rulebook: Rulebook) -> None:
    repeated = similar_measures(rulebook, "常政办发〔2024〕37号", [])
    newer = similar_measures(rulebook, None, ["关于印发《武进区促进创新发展的若干政策》（2031年修订）的通知"])

    assert {one.how for one in repeated} == {"重复"}
    assert {one.how for one in newer} == {"新版本"}
    assert {one.document for one in newer} == {"武政办发〔2022〕59号"}
    assert similar_measures(rulebook, "常政发〔2099〕1号", ["关于示例与众不同的事情的通知"]) == ()


@pytest.mark.parametrize(("arguments", "code"), [([str(PAGES / "trial.html")], 0), (["没有.pdf"], 2), (["页.doc"], 2)])
def test_the_command_ends_with_the_code_of_its_result(
    arguments: list[str],
    code: int,
    tmp_path: Path,
    called: Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]],
) -> None:
    (tmp_path / "页.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    for name in ("corpus", "rules"):
        (tmp_path / name).symlink_to(ROOT / name)

    done = called(["extract", *arguments], tmp_path)

    assert done.returncode == code, done.stderr
    assert done.stderr == "" if code == 0 else done.stderr.startswith("错误 ")


def test_the_manual_shows_what_the_command_really_says() -> None:
    manual = (ROOT / "docs" / "extract.zh.md").read_text("utf-8")

    for line in list(summary(run("equipment.html", None)))[:-1]:
        assert line in manual
