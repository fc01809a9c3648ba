"""`batch`: the verdicts that `match` gives, whatever the parts, the files, the processes and what was killed."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import read_subjects
from policy_match.workflows import match_batch, match_part
from policy_match.workflows.match import Matching

Called = Callable[[str | Sequence[str], Path], subprocess.CompletedProcess[str]]
DAY = ["--as-of", "2026-03-31"]
SIZE = 1_000
ROOT = Path(__file__).resolve().parents[2]


def written(size: int, seed: int = 1) -> pa.Table:
    """Facts of invented subjects as somebody would export them: gaps, bands, lists, sources, firms and projects mixed."""
    dice = random.Random(seed)
    choices = {
        "industry_code": ["C3562", "C3670", "C30", "I6513", "F51"],
        "registered_region": ["320412", "320411", "320481", "320000"],
        "总投资（万元）": ["9999.9", "10000", "52000", "8000~20000", "300000"],
        "revenue_last（万元）": ["1999.99", "2000", "40000", "0"],
        "revenue_by_year（万元）": ["1000;2000;3000", "500;800"],
        "staff_total": [12, 300, 1001],
        "registered_on": ["2015-03", "2024-02-29", "2025-06-01"],
        "stage": ["签约", "开工", "投产"],
        "hnte_valid": [True, False],
        "honours": ["高新技术企业@2024", "专精特新中小企业@2023;高新技术企业@2019", "科技型中小企业"],
        "source": ["ENT", None],
        "observed_on": ["2026-03-01", "2019-01-01"],
        "x_备注": ["随便"],
    }
    columns = {
        name: [None if dice.random() < 0.3 else dice.choice(options) for _ in range(size)]
        for name, options in choices.items()
    }
    return pa.table({"项目编号": [f"S{row:06d}" for row in range(size)], **columns})


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return written(SIZE)


@pytest.fixture(scope="module")
def facts(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("facts")
    pq.write_table(table, folder / "全部.parquet")
    return folder


def results(folder: Path) -> dict[str, bytes]:
    """Every file of a result."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    told = json.loads(found.pop("run.json"))
    assert told["release"]
    return found


@pytest.fixture
def alone(facts: Path, tmp_path: Path, called: Called) -> Path:
    """One part, one process."""
    done = called(["batch", str(facts), "--out", "甲", "--processes", "1", "--planes", *DAY], tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{SIZE:,} 个主体" in done.stderr
    return tmp_path / "甲"


def test_verdicts_are_those_that_each_subject_has_by_itself(facts: Path, alone: Path, rulebook: Rulebook) -> None:
    loaded = read_subjects(facts / "全部.parquet", rulebook.vocabulary)
    matching = Matching(rulebook, loaded.subjects, date(2026, 3, 31))
    pairs = [
        (subject.id, decision.rule.id, decision.verdicts[row])
        for row, subject in enumerate(loaded.subjects)
        for decision in matching.decisions(row)
    ]
    expected = Counter((measure, verdict) for _, measure, verdict in pairs)
    by_subject = Counter((subject, verdict) for subject, _, verdict in pairs)

    rows = [line.split(",") for line in (alone / "measures.csv").read_text("utf-8-sig").splitlines()[1:]]
    subjects = pq.read_table(alone / "subjects.parquet").to_pylist()

    assert len(rows) > 100
    for measure, *_, eligible, unknown, human, refused, out in rows:
        for verdict, count in zip(Verdict, (eligible, unknown, human, refused, out), strict=True):
            assert expected[measure, verdict] == int(count), (measure, verdict)
    for one in subjects:
        for verdict in ("eligible", "unknown", "needs_human"):
            assert by_subject[one["id"], verdict] == one[verdict], (one["id"], verdict)
    assert {verdict for _, verdict in expected} == {*Verdict}


def test_lists_are_of_pairs_that_stand_so_and_the_greatest_stand_first(
    facts: Path, alone: Path, rulebook: Rulebook
) -> None:
    measures = [line.split(",")[0] for line in (alone / "measures.csv").read_text("utf-8-sig").splitlines()[1:]]
    eligible, open_ = (
        np.unpackbits(np.load(alone / "planes" / f"{name}.npy").view(np.uint8), axis=1, bitorder="little")
        for name in ("eligible", "open")
    )
    place = {measure: at for at, measure in enumerate(measures)}

    for one in pq.read_table(alone / "subjects.parquet").to_pylist():
        row = one["row"]
        assert [bool(eligible[place[m], row]) for m in one["first_eligible"]] == [True] * min(20, one["eligible"])
        assert all(open_[place[m], row] for m in one["first_open"])
        assert len(one["first_open"]) == min(20, one["unknown"] + one["needs_human"])
    firsts: dict[str, list[str]] = {}
    for line in (alone / "first_subjects.csv").read_text("utf-8-sig").splitlines()[1:]:
        measure, number, subject = line.split(",")
        firsts.setdefault(measure, []).append(subject)
        assert int(number) == len(firsts[measure])
    loaded = read_subjects(facts / "全部.parquet", rulebook.vocabulary)
    keys = Matching(rulebook, loaded.subjects, date(2026, 3, 31)).table.numbers("total_investment").low
    least = dict(zip((subject.id for subject in loaded.subjects), keys.tolist(), strict=True))
    for measure, found in firsts.items():
        every = [f"S{row:06d}" for row in np.flatnonzero(eligible[place[measure]]).tolist()]
        assert found == sorted(every, key=lambda one: (-least[one], one))[:20]
    assert firsts


def started(command: list[str], folder: Path) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    return subprocess.Popen(
        [Path(sys.executable).with_name("policy-match"), *command], cwd=folder, stderr=subprocess.PIPE, text=True
    )


def told(running: subprocess.Popen[str]) -> Iterator[str]:
    """What it says, line by line."""
    assert running.stderr is not None
    yield from running.stderr


@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "numpy"])
def test_neither_parts_nor_files_nor_the_way_of_deciding_changes_a_byte(
    compiled: bool, table: pa.Table, alone: Path, tmp_path: Path, called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_batch, "MANY", 1 if compiled else 10**18)
    monkeypatch.setattr(match_part, "TOGETHER", 40)
    many = tmp_path / "多"
    many.mkdir()
    for number, (first, count) in enumerate(((0, 10), (10, 500), (510, 490))):
        pq.write_table(table.slice(first, count), many / f"{number}.parquet", row_group_size=77)

    done = called(["batch", str(many), "--out", "乙", "--processes", "1", "--planes", "--rows", "192", *DAY], tmp_path)

    assert done.returncode == 0, done.stderr
    assert "6/6 份已判定" in done.stderr
    assert results(tmp_path / "乙") == results(alone)


def test_wrong_rows_come_back_and_all_others_are_decided(table: pa.Table, tmp_path: Path, called: Called) -> None:
    rows = table.slice(0, 200).to_pylist()
    rows[3]["stage"], rows[150]["staff_total"] = "在建", -5
    rows[9]["项目编号"], rows[60]["source"], rows[61]["项目编号"] = "S000002", "报纸", None
    rows[70]["项目编号"] = None
    (tmp_path / "f").mkdir()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), tmp_path / "f" / "a.parquet")

    done = called(["batch", "f", "--out", "o", "--processes", "1", "--rows", "64", *DAY], tmp_path)

    assert done.returncode == 1
    refused = [line.split(",") for line in (tmp_path / "o" / "refused.csv").read_text("utf-8-sig").splitlines()[1:]]
    assert [(line[0], line[1], line[4]) for line in refused] == [
        ("a.parquet", "5", "CHOICE"), ("a.parquet", "11", "ID_TAKEN"), ("a.parquet", "62", "SOURCE_UNKNOWN"),
        ("a.parquet", "63", "ID_MISSING"), ("a.parquet", "72", "ID_MISSING"), ("a.parquet", "152", "NUM_RANGE"),
    ]  # fmt: skip
    ids = pq.read_table(tmp_path / "o" / "subjects.parquet")["id"].to_pylist()
    assert len(ids) == 194
    assert "S000003" not in ids


def test_a_run_goes_on_where_it_was_killed(facts: Path, alone: Path, tmp_path: Path, called: Called) -> None:
    command = ["batch", str(facts), "--out", "丙", "--processes", "1", "--planes", "--rows", "64", *DAY]
    with started(command, tmp_path) as running:
        for line in told(running):
            if line.startswith("3/"):
                running.send_signal(signal.SIGKILL)
                break
    parts = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "丙" / "parts").glob("*.parquet")}
    assert 3 <= len(parts) < 16

    done = called(command, tmp_path)

    assert f"{len(parts) + 1}/16 份已判定" in done.stderr
    assert results(tmp_path / "丙") == results(alone)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as found:
        yield found


def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(
    facts: Path, alone: Path, tmp_path: Path, called: Called, cluster: LocalCluster
) -> None:
    with Client(cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))
    command = ["batch", str(facts), "--out", "丁", "--planes", "--rows", "64", *DAY]
    lines = []
    with started([*command, "--scheduler", cluster.scheduler_address], tmp_path) as running:
        for line in told(running):
            lines.append(line)
            if line.startswith("2/"):
                os.kill(victim, signal.SIGKILL)
    assert running.returncode == 0, lines

    assert results(tmp_path / "丁") == results(alone)
    assert sum(line.endswith("份已判定\n") for line in lines) == 16


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["没有", "--out", "o"], 2, "没有这个文件夹"),
        ([".", "--out", "o"], 2, "没有 .parquet 文件"),
        (["f", "--out", "o", "--top", "0"], 2, "--top 至少 1"),
        (["f", "--out", "o", "--rows", "100"], 2, "64 的倍数"),
        (["f", "--out", "o", "--by", "industry_code"], 2, "不是数"),
        (["f", "--out", "o", "--by", "投资"], 2, "投资"),
        (["f", "--out", "f"], 2, "已有别的东西"),
        (["f", "--out", "o", "--scheduler", "tcp://127.0.0.1:1"], 2, "连不上集群"),
        (["f", "--out", "o", "--as-of", "明天"], 2, "明天"),
        (["bad", "--out", "o"], 2, "x.parquet"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    arguments: list[str], code: int, said: str, facts: Path, tmp_path: Path, called: Called,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("policy_match.workflows.spread_parts.REACHED_WITHIN", 0.5)
    (tmp_path / "f").symlink_to(facts)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.parquet").write_bytes(b"no parquet")

    done = called(["batch", *arguments], tmp_path)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "o" / "subjects.parquet").exists()


def test_another_run_in_the_same_place_is_a_conflict(facts: Path, alone: Path, tmp_path: Path, called: Called) -> None:
    done = called(
        ["batch", str(facts), "--out", "甲", "--processes", "1", "--planes", "--as-of", "2026-04-01"], tmp_path
    )

    assert done.returncode == 3
    assert "as_of 不同" in done.stderr


def test_the_guide_is_followed_as_written(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "batch.zh.md").read_text("utf-8")
    written = re.findall(r"```sh\n(.+?)```", guide, re.DOTALL)
    for name in ("corpus", "rules"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))

    done = subprocess.run(["bash", "-ec", "".join(written)], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "184 个主体" in done.stderr
    assert {path.name for path in (tmp_path / "var" / "batch").iterdir()} == {
        "measures.csv", "subjects.parquet", "first_subjects.csv", "refused.csv", "run.json",
    }  # fmt: skip
