"""The roll of a large run: kept from what `batch` wrote, read by subject and by measure as far as somebody sees, refused in words."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rows import at
from sqlalchemy import select

from policy_match.access.permissions import Reach
from policy_match.access.viewer import Means, Viewer
from policy_match.cli import main
from policy_match.errors import Forbidden, NotFound, UsageError
from policy_match.exchange.run_results import open_run
from policy_match.facts.table import HIGHEST
from policy_match.store.roll_tables import RollPair
from policy_match.store.tables import Audit
from policy_match.workflows.keep_roll import district_of, keep_roll
from policy_match.workflows.match_batch import Asked, match_batch
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_roll import (
    EVERYTHING,
    OPEN,
    Sight,
    Wanted,
    list_measures,
    list_runs,
    roll_of_measure,
    roll_of_subject,
    sight_of,
)
from policy_match.workflows.spread_parts import Spread
from policy_match.workflows.write_entry import By

ROOT = Path(__file__).resolve().parents[2]
DAY, TOP, SIZE = date(2026, 3, 10), 20, 24
REGIONS = ("320412", "WJ-GX", "320481", "JK", None, "320500")
DATA = By("real", "data", at("2026-03-10"))


def written(folder: Path, *, larger: frozenset[int] = frozenset(), left_out: frozenset[int] = frozenset()) -> Path:
    """Facts of firms and projects in turn; every third has no investment that is known."""
    rows = [row for row in range(SIZE) if row not in left_out]
    table = pa.table(
        {
            "id": [f"S{row:03d}" for row in rows],
            "kind": ["enterprise" if row % 2 else "project" for row in rows],
            "registered_region": [REGIONS[row % len(REGIONS)] if row % 2 else None for row in rows],
            "district": [None if row % 2 else REGIONS[row % len(REGIONS)] for row in rows],
            "industry_code": ["C3562" for _ in rows],
            "total_investment（万元）": [
                None if row % 3 == 0 else 1000.5 * (row + 1) * (9 if row in larger else 1) for row in rows
            ],
        }
    )
    folder.mkdir()
    pq.write_table(table, folder / "facts.parquet")
    return folder


def batch(facts: Path, out: Path) -> Path:
    """What `batch` makes of them."""
    asked = Asked(facts, out, DAY, TOP, "total_investment", 64, planes=False)
    match_batch(asked, Spread(None, 1), rules=ROOT / "rules", corpus=ROOT / "corpus")
    return out


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over all of them."""
    folder = tmp_path_factory.mktemp("run")
    return batch(written(folder / "facts"), folder / "out")


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which one is larger than before and one is there no more."""
    folder = tmp_path_factory.mktemp("later")
    return batch(written(folder / "facts", larger=frozenset({1}), left_out=frozenset({5})), folder / "out")


def lists_of(folder: Path) -> dict[str, tuple[list[str], list[str]]]:
    """What the run wrote of each subject."""
    rows = pq.read_table(folder / "subjects.parquet").to_pylist()
    return {row["id"]: (row["first_eligible"], row["first_open"]) for row in rows}


def test_every_list_of_every_subject_is_kept_with_where_it_is_and_how_large(archive: Archive, run: Path) -> None:
    done = keep_roll(archive, run, DATA)

    lists = lists_of(run)
    assert done.pairs == done.new == sum(len(one) for both in lists.values() for one in both) > SIZE * 10
    with archive.database.reading() as session:
        rows = list(session.scalars(select(RollPair)))
    for subject, (eligible, open_) in lists.items():
        own = [row for row in rows if row.subject == subject]
        assert {(row.measure, row.verdict) for row in own} == {(m, "E") for m in eligible} | {(m, "O") for m in open_}
        number = int(subject[1:])
        region = REGIONS[number % len(REGIONS)]
        assert {(row.region, row.district) for row in own} == {(region, region and district_of(region))}
        assert len({row.rank for row in own}) == 1
        assert own[0].rank == HIGHEST if number % 3 == 0 else own[0].rank < 0
    assert district_of("WJ-GX") == "320412"
    assert district_of("320500") == "320500"


def test_another_run_writes_what_differs_and_says_so(archive: Archive, run: Path, later: Path) -> None:
    keep_roll(archive, run, DATA)
    assert keep_roll(archive, run, DATA).changed == 0

    done = keep_roll(archive, later, DATA)

    before, after = lists_of(run), lists_of(later)
    pairs = {
        which: {(subject, m) for subject, both in lists.items() for m in (*both[0], *both[1])}
        for which, lists in (("before", before), ("after", after))
    }
    assert done.gone == len(pairs["before"] - pairs["after"]) >= len(before["S005"][0])
    assert done.new == len(pairs["after"] - pairs["before"])
    assert done.changed >= len([m for m in (*after["S001"][0], *after["S001"][1]) if ("S001", m) in pairs["before"]])
    runs = list_runs(archive)
    assert [(one.new, one.changed, one.gone) for one in runs[:2]] == [(done.new, done.changed, done.gone), (0, 0, 0)]
    with archive.database.reading() as session:
        last = session.scalars(select(Audit).where(Audit.action == "roll.keep").order_by(Audit.seq.desc())).first()
    assert last is not None
    assert last.actor == "data"
    detail = json.loads(last.detail)
    assert (detail["new"], detail["gone"]) == (done.new, done.gone)


def test_a_subject_has_what_it_may_have_first_and_a_measure_its_subjects_by_size(archive: Archive, run: Path) -> None:
    keep_roll(archive, run, DATA)
    lists = lists_of(run)

    shown = roll_of_subject(archive, "S001")

    assert [line.measure.id for line in shown.lines] == [*sorted(lists["S001"][0]), *sorted(lists["S001"][1])]
    measure = next(m for m in lists["S001"][1] if m in lists["S003"][1] and m in lists["S011"][1])
    expected = [s for s, both in lists.items() if measure in both[1]]
    found, cursor = list[str](), None
    while True:
        page = roll_of_measure(archive, Wanted(measure, OPEN, None, cursor, 3))
        found += [one.id for one in page.subjects]
        cursor = page.cursor
        if cursor is None:
            break
    number = {s: int(s[1:]) for s in expected}
    assert found == sorted(expected, key=lambda s: (number[s] % 3 == 0, -number[s] if number[s] % 3 else 0, s))
    assert page.measure.unknown + page.measure.needs_human >= len(expected)
    assert {one.id for one in list_measures(archive)} >= {measure}


def test_nobody_sees_beyond_what_is_his(archive: Archive, run: Path) -> None:
    keep_roll(archive, run, DATA)
    lists = lists_of(run)
    measure = lists["S001"][1][0]

    def of(sight: Sight, district: str | None = None) -> set[str]:
        return {one.id for one in roll_of_measure(archive, Wanted(measure, OPEN, district, None, 200), sight).subjects}

    everybody = of(EVERYTHING)
    here = {s for s in everybody if REGIONS[int(s[1:]) % 6] in ("320412", "WJ-GX")}
    zone = {s for s in everybody if REGIONS[int(s[1:]) % 6] == "WJ-GX"}
    assert zone
    assert of(Sight("320412")) == of(EVERYTHING, "320412") == here
    assert of(Sight("320412", "WJ-GX")) == of(Sight("320412", "WJ-GX"), "320412") == zone
    assert of(EVERYTHING, "武进区") == here
    assert of(EVERYTHING, "320500") == {s for s in everybody if REGIONS[int(s[1:]) % 6] == "320500"} != set()
    with pytest.raises(UsageError, match="不是可查的地区"):
        of(EVERYTHING, "unknown")
    assert of(Sight(firm="S001")) == {"S001"}
    assert of(Sight(firm="nobody")) == set()
    with pytest.raises(UsageError, match="不是可查的地区"):
        of(Sight("320412"), "320481")
    assert roll_of_subject(archive, "S001", Sight("320412"))
    for sight in (Sight("320481"), Sight("320412", "320412"), Sight(firm="S002")):
        with pytest.raises(NotFound, match="名单里没有“S001”"):
            roll_of_subject(archive, "S001", sight)


def viewer(role: str, **more: str | None) -> Viewer:
    return Viewer("x", "某人", role, Means.SESSION, **more)  # type: ignore[arg-type]


def test_how_far_somebody_sees_follows_from_role_area_and_firm() -> None:
    assert sight_of(viewer("development"), Reach.ALL) == EVERYTHING
    assert sight_of(viewer("district", region="320412"), Reach.OWN) == Sight("320412")
    assert sight_of(viewer("park", region="WJ-GX"), Reach.OWN) == Sight("320412", "WJ-GX")
    assert sight_of(viewer("enterprise", firm="S001", region="320412"), Reach.OWN) == Sight(firm="S001")
    for closed in (viewer("enterprise", region="320412"), viewer("district"), viewer("visitor")):
        with pytest.raises(Forbidden, match="不公开"):
            sight_of(closed, Reach.PUBLIC if closed.role == "visitor" else Reach.OWN)


def test_a_cursor_of_another_run_or_list_is_refused_and_tells_no_size(archive: Archive, run: Path, later: Path) -> None:
    keep_roll(archive, run, DATA)
    measure = lists_of(run)["S001"][1][0]
    cursor = roll_of_measure(archive, Wanted(measure, OPEN, None, None, 2)).cursor
    assert cursor is not None
    assert cursor.partition(".")[2].startswith("S0")
    for wrong in ("", "x", "1.S999", f"999.{cursor.partition('.')[2]}"):
        with pytest.raises(UsageError, match="cursor"):
            roll_of_measure(archive, Wanted(measure, OPEN, None, wrong, 2))
    with pytest.raises(UsageError, match="cursor"):
        roll_of_measure(archive, Wanted(measure, OPEN, None, cursor, 2), Sight("320402"))
    keep_roll(archive, later, DATA)
    with pytest.raises(UsageError, match="cursor"):
        roll_of_measure(archive, Wanted(measure, OPEN, None, cursor, 2))


def test_what_is_no_run_is_refused_in_words(archive: Archive, run: Path, tmp_path: Path) -> None:
    def refused(folder: Path) -> str:
        with pytest.raises(UsageError) as told:
            keep_roll(archive, folder, DATA)
        assert told.value.issues[0].code == "RUN_FOLDER"
        return str(told.value)

    assert "没有 run.json" in refused(tmp_path / "none")
    for name in ("subjects.parquet", "measures.csv"):
        copy = shutil.copytree(run, tmp_path / name)
        (copy / name).unlink()
        assert f"没有 {name}" in refused(copy)
        (copy / name).write_text("x", encoding="utf-8")
        assert "读不懂" in (told := refused(copy)) or "表头不对" in told
    fewer = shutil.copytree(run, tmp_path / "fewer")
    lines = (fewer / "measures.csv").read_text("utf-8-sig").splitlines(keepends=True)
    (fewer / "measures.csv").write_text("".join(lines[:2]), encoding="utf-8-sig")
    assert "measures.csv 没有的措施" in refused(fewer)
    older = shutil.copytree(run, tmp_path / "older")
    table = pq.read_table(older / "subjects.parquet").drop_columns(["weight"])
    pq.write_table(table, older / "subjects.parquet")
    assert "没有 weight" in refused(older)
    broken = shutil.copytree(run, tmp_path / "broken")
    (broken / "run.json").write_text("{}", encoding="utf-8")
    assert "读不懂" in refused(broken)
    assert list_runs(archive) == ()
    with pytest.raises(NotFound, match="还没有登记"):
        list_measures(archive)


def test_who_does_not_own_the_sources_keeps_nothing_and_leaves_a_row(archive: Archive, run: Path) -> None:
    with pytest.raises(Forbidden, match="不办这一项"):
        keep_roll(archive, run, By("real", "industry", at("2026-03-10")))

    assert list_runs(archive) == ()
    with archive.database.reading() as session:
        row = session.scalars(select(Audit).where(Audit.action == "roll.keep")).one()
    assert row.result == "forbidden"


def test_the_commands_keep_and_show(
    tmp_path: Path, run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'library.db'}")

    def told(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, capsys.readouterr().err
        return capsys.readouterr().out

    measure = lists_of(run)["S001"][1][0]
    assert told("roll", "keep", str(run), "--by", "data").startswith("名单 ")
    assert "2026-03-10" in told("roll", "runs")
    assert measure in told("roll", "subject", "S001")
    lines = [json.loads(one) for one in told("roll", "measure", measure, "--open", "--format", "json").splitlines()]
    assert lines[0] == {"place": 1, "subject": "S023", "region": "320500", "region_name": "区划320500"}
    assert "武进区待定" in told("roll", "measure", measure, "--open", "--district", "武进区")


def test_what_a_run_went_by_is_read_back(run: Path) -> None:
    found = open_run(run)

    assert (found.as_of, found.top, found.subjects, found.by) == (DAY, TOP, SIZE, "total_investment")
    assert all({*one} == {"title", "version", "eligible", "unknown", "needs_human"} for one in found.measures.values())
