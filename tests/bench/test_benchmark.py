"""The comparison on a small workload: the engine and the peers that need nothing more decide alike, and a difference is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from benchmarks import latency, ours, report
from benchmarks.contender import Contender
from benchmarks.latency import Latency
from benchmarks.peers import numpy_bool, plain_python
from benchmarks.rounds import MismatchError, Timings, compare, fitted
from benchmarks.start_up import StartUp
from benchmarks.workload import Workload, leaves_of, make_workload

from policy_match.eligibility.decide import Batch
from policy_match.eligibility.wired import WiredBatch
from policy_match.facts.vocabulary import Vocabulary

SUBJECTS, MEASURES = 200, 20


@pytest.fixture(scope="module")
def workload(vocabulary: Vocabulary) -> Workload:
    return make_workload(SUBJECTS, MEASURES, ours.industry_classes(vocabulary))


@pytest.fixture(scope="module")
def engine(workload: Workload, vocabulary: Vocabulary) -> Contender:
    batch = Batch(ours.compiled_rules(workload, vocabulary), ours.AS_OF)
    return ours.contender(batch, ours.fact_table(workload, vocabulary))


@pytest.mark.parametrize("peer", [numpy_bool, plain_python], ids=["numpy_bool", "plain_python"])
def test_peers_decide_the_small_workload_as_the_engine_does(
    peer: object, workload: Workload, engine: Contender
) -> None:
    theirs = peer.contender(workload)

    assert np.array_equal(theirs.checked(), engine.checked())


def test_the_small_workload_has_every_verdict_and_the_promised_gaps(workload: Workload, engine: Contender) -> None:
    verdicts = engine.checked()
    gaps = [float(column.missing.mean()) for column in workload.facts.values()]

    assert set(np.unique(verdicts)) == {0, 1, 2}
    assert 0.10 < float(np.mean(gaps)) < 0.20
    assert min(len(list(leaves_of(tree))) for tree in workload.measures) >= 4


def test_the_same_seed_makes_the_same_workload(workload: Workload, vocabulary: Vocabulary) -> None:
    again = make_workload(SUBJECTS, MEASURES, ours.industry_classes(vocabulary))

    assert again.measures == workload.measures
    assert all(np.array_equal(again.facts[n].values, c.values) for n, c in workload.facts.items())


def test_the_compiled_way_and_its_lists_decide_as_the_plain_one(
    workload: Workload, engine: Contender, vocabulary: Vocabulary
) -> None:
    table = ours.fact_table(workload, vocabulary)
    made = WiredBatch(Batch(ours.compiled_rules(workload, vocabulary), ours.AS_OF), table)
    listing, right = ours.listing(made, table), engine.checked()

    assert np.array_equal(ours.compiled_contender(made, table).checked(), right)
    assert np.array_equal(listing.checked(), right)
    assert listing.run() == np.count_nonzero(right)


def test_a_ratio_below_its_goal_is_a_miss() -> None:
    rates = {report.US: (120.0,) * 3, report.LISTS: (80.0,) * 3, report.NUMPY: (60.0,) * 3}
    peers = {"polars": (10.0,) * 3, "numpy_bool": (15.0,) * 3, "duckdb": (1.0,) * 3}

    assert report.misses(Timings(rates | peers)) == []
    assert report.misses(Timings(rates | peers | {"polars": (10.1,) * 3})) == [
        "policy_match: 11.88× polars, has to be 12×",
        "policy_match, NumPy alone: 5.94× polars, has to be 6×",
    ]


def test_one_wrong_verdict_is_refused(workload: Workload, engine: Contender) -> None:
    right = engine.checked()
    wrong = right.copy()
    wrong[3, 5] = (wrong[3, 5] + 1) % 3

    with pytest.raises(MismatchError, match="1 of 4000 verdicts differ, first measure 3, subject 5"):
        compare(right, replace(engine, checked=lambda: wrong))


@pytest.mark.parametrize(
    ("fixed", "per_subject", "least", "most"),
    [(4.0, 0.0001, SUBJECTS, SUBJECTS), (0.0, 0.1, 40, 50), (1.0, 0.03, 100, 135), (9.0, 0.0, 40, SUBJECTS)],
    ids=["mostly fixed cost", "slow per subject", "both", "over the time at once"],
)
def test_a_peer_is_timed_on_as_many_subjects_as_a_pass_allows(
    fixed: float, per_subject: float, least: int, most: int, workload: Workload
) -> None:
    found = fitted(plain_python.contender, workload, lambda peer: fixed + per_subject * peer.subjects)

    assert least <= found.subjects <= most


def test_latency_is_measured_on_single_subjects(workload: Workload, vocabulary: Vocabulary) -> None:
    few = workload.first(3)

    found = latency.measured(few, ours.compiled_rules(few, vocabulary), vocabulary)

    assert 0 < found.statuses_p50 <= found.statuses_p99
    assert found.explanation_p99 > 0
    assert found.one_fact_p99 > 0


def test_the_figures_are_written_with_the_agreed_keys(tmp_path: Path) -> None:
    rates = dict.fromkeys((report.US, report.LISTS, report.NUMPY), (10.0, 20.0, 40.0))
    rates |= dict.fromkeys(report.PEERS, (5.0, 5.0, 8.0))
    result = report.Result(
        seed=1, subjects=200, measures=20, timings=Timings(rates), subjects_of={"zen": 200},
        latency=Latency(1, 2, 3, 4), start_up=StartUp(help=0.2, match_shipped=None, serve_first_page=None),
    )  # fmt: skip

    report.write(result, tmp_path / "var" / "bench.json")

    data = json.loads((tmp_path / "var" / "bench.json").read_text("utf-8"))
    assert set(data) == {
        "machine", "seed", "subjects", "measures", "ratio", "ratio_numpy_alone", "list_to_verdict_rate", "latency_ms",
        "start_s",
    }  # fmt: skip
    assert data["ratio"] == {"numpy_bool": 4.0, "polars": 4.0, "duckdb": 4.0, "plain_python": 4.0, "zen": 4.0}
    assert data["list_to_verdict_rate"] == 1.0
    assert data["latency_ms"] == {"statuses_p50": 1, "statuses_p99": 2, "explanation_p99": 3, "one_fact_p99": 4}
    assert data["start_s"] == {"help": 0.2, "match_shipped": None, "serve_first_page": None}

    page = report.page(result, "abc1234", {"numpy": "2.4"}, date(2026, 11, 29))
    assert "2026-11-29, commit abc1234, " in page
    assert "numpy 2.4; seed 1; 5 interleaved rounds of 200 subjects × 20 measures" in page
    assert "| zen | 200 | 0.00 | 4.0× |" in page
    assert "| policy_match to polars | 12 | 4.00 |" in page
