"""Which rules decide: kept for ever under their hash, put in force by three people, of the day and of what was known."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from releasing import (
    EQ,
    activated,
    amount,
    at,
    by,
    folder,
    measure,
    opened,
    proposed,
    put,
    shelved,
    verdict,
    with_project,
)
from rows import audited, day
from sqlalchemy import text

from policy_match.errors import Conflict, Forbidden, NotFound, PolicyMatchError, RuleError, UsageError
from policy_match.release import in_force
from policy_match.settings import LOCAL
from policy_match.store import releases
from policy_match.workflows.activate_rules import NewRelease, approve_release, propose_release, record_first
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.list_releases import folder_note, list_releases, states
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.read_release import Shelf
from policy_match.workflows.stop_rule import NewStop, stop_rule


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The program's own folder: one version of one measure."""
    return folder(tmp_path / "own", measure())


@pytest.fixture
def small(archive: Archive, rules: Path) -> Archive:
    """An archive that begins with this folder."""
    made = shelved(archive, rules)
    record_first(made, at("2025-01-02"))
    return made


def other(tmp_path: Path, *versions: str) -> Path:
    return folder(tmp_path / f"other{len(list(tmp_path.iterdir()))}", *versions)


def deciding(archive: Archive, on: str, name: str = REAL) -> str:
    with archive.database.reading() as session:
        found = in_force(releases.activations(session, name), day(on))
    assert found is not None
    return found.release


def test_an_archive_begins_with_the_folder_of_the_program_once_and_nobody_had_to_agree(small: Archive) -> None:
    again = record_first(small, at("2025-01-03"))

    (first,) = list_releases(small, View(day("2025-01-03")))
    assert again is None
    assert (first.release, first.is_first, first.signed) == (small.shelf.hash, True, ())
    assert [row.object_id for row in audited(small, "release.first")] == [small.shelf.hash]


def test_a_folder_that_does_not_load_is_no_first_release(archive: Archive, rules: Path) -> None:
    put(rules, 1, measure().replace("at_least, value", "at_lest, value"))

    with pytest.raises(RuleError, match=r"conditions\.equipment\.op"):
        record_first(shelved(archive, rules), at("2025-01-02"))
    assert list_releases(archive, View(day("2025-01-03"))) == ()


def test_a_changed_folder_changes_nothing_until_it_is_put_in_force_and_is_told_of(
    small: Archive, rules: Path, tmp_path: Path
) -> None:
    code = with_project(small)
    before, note = deciding(small, "2025-05-20"), folder_note(small, View(day("2025-05-20")))
    put(rules, 1, measure(cap="100万元"))
    later = shelved(small, rules)

    assert note == ""
    assert amount(opened(later, "2025-05-20"), code) == 200_0000_00
    told = folder_note(later, View(day("2025-05-20")))
    assert before[:12] in told and later.shelf.hash[:12] in told and f"rules activate {rules}" in told

    activated(later, rules)

    assert folder_note(later, View(day("2025-05-20"))) == ""
    assert amount(opened(later, "2025-05-20"), code) == 100_0000_00


def test_a_faulty_folder_leaves_the_last_good_release_in_force_and_is_told_of(small: Archive, rules: Path) -> None:
    code = with_project(small)
    put(rules, 1, measure().replace("at_least, value", "at_lest, value"))
    later = shelved(small, rules)

    assert amount(opened(later, "2025-05-20"), code) == 200_0000_00
    assert "1 处错误" in folder_note(later, View(day("2025-05-20")))


def test_before_anything_was_recorded_the_folder_decides(archive: Archive, rules: Path) -> None:
    code = with_project(archive)

    library = opened(shelved(archive, rules), "2025-05-20")

    assert (amount(library, code), library.release) == (200_0000_00, Shelf(rules, rules.parent / "corpus").hash)


def test_a_release_counts_when_two_others_agreed_and_every_step_is_audited(small: Archive, tmp_path: Path) -> None:
    code = with_project(small)
    step = proposed(small, other(tmp_path, measure(cap="150万元")))

    def state() -> tuple[str, int | None]:
        view = View(day("2025-05-20"))
        library = opened(small, "2025-05-20")
        return states(list_releases(small, view), view)[-1][1], amount(library, code)

    seen = [state()]
    for actor, hour in (("industry", "11:00"), ("industry-2", "12:00")):
        approve_release(small, step.activation.id, by(actor, hour=hour))
        seen.append(state())

    assert seen == [("待批准，已有0人", 200_0000_00), ("待批准，已有1人", 200_0000_00), ("施行中", 150_0000_00)]
    assert [row.actor for row in audited(small, "release.propose")] == ["development"]
    assert [row.actor for row in audited(small, "release.approve")] == ["industry", "industry-2"]
    assert {row.object_id for row in audited(small, "release.approve")} == {step.activation.release}


def test_a_proposal_keeps_what_it_changes_and_an_approver_is_shown_it_by_the_subjects_of_that_day(
    small: Archive, tmp_path: Path
) -> None:
    step = proposed(small, other(tmp_path, measure(cap="150万元")))
    code = with_project(small)

    approved = approve_release(small, step.activation.id, by("industry-2", hour="11:00"))

    assert json.loads(step.activation.difference)["changed"] == 0
    (change,) = approved.change.found.changes
    assert (change.subject, change.measure) == (code, EQ)
    assert [rule.measure.key for rule in approved.change.touched] == ["eq_award.v1"]


@pytest.mark.parametrize(
    ("actors", "error", "said"),
    [
        (["development"], Forbidden, "提出人不能批准"),
        (["industry-2", "industry-2"], Forbidden, "同一人不能批准两次"),
        (["industry-2", "development"], Forbidden, "提出人不能批准"),
        (["commerce"], Forbidden, "不主管"),
        (["statistics"], Forbidden, "不办这一项"),
        (["district-320412"], Forbidden, "不主管"),
        (["nobody"], NotFound, "没有经办人"),
    ],
)
def test_two_other_people_who_may_have_to_agree(
    small: Archive, tmp_path: Path, actors: list[str], error: type[PolicyMatchError], said: str
) -> None:
    step = proposed(small, other(tmp_path, measure(cap="150万元")))
    first = deciding(small, "2025-05-20")
    for actor in actors[:-1]:
        approve_release(small, step.activation.id, by(actor, hour="11:00"))

    with pytest.raises(error, match=said):
        approve_release(small, step.activation.id, by(actors[-1], hour="12:00"))

    assert deciding(small, "2025-05-20") == first
    (found,) = (one for one in list_releases(small, View(day("2025-05-20"))) if not one.is_first)
    assert [one.actor for one in found.signed] == actors[:-1]
    assert len(audited(small, "care.refused")) == (error is Forbidden)


def test_where_only_shared_content_changed_any_of_the_city_may_agree_but_no_district(
    small: Archive, tmp_path: Path
) -> None:
    changed = other(tmp_path, measure())
    facts = changed / "facts.yaml"
    facts.write_text(facts.read_text("utf-8").replace("label: 设备贷款合同金额", "label: 设备贷款金额", 1), "utf-8")
    step = proposed(small, changed)

    with pytest.raises(Forbidden, match="不主管"):
        approve_release(small, step.activation.id, by("district-320412", hour="11:00"))
    assert step.change.touched == ()
    assert (
        approve_release(small, step.activation.id, by("commerce", hour="11:00")).activation.signed[0].actor
        == "commerce"
    )


def test_an_approved_proposal_and_a_number_that_is_none_cannot_be_approved(small: Archive, tmp_path: Path) -> None:
    done = activated(small, other(tmp_path, measure(cap="150万元")))
    activated(small, other(tmp_path, measure(cap="160万元")))

    with pytest.raises(Conflict, match="已经批准"):
        approve_release(small, done.id, by("development-2"))
    with pytest.raises(NotFound, match="没有第 99 号"):
        approve_release(small, 99, by("development-2"))
    with pytest.raises(Conflict, match="已经批准"):
        approve_release(small, 1, by("development-2"))


def test_what_is_in_force_already_and_what_is_no_release_is_refused(small: Archive, rules: Path) -> None:
    with pytest.raises(Conflict, match="施行的就是"):
        proposed(small, rules)
    with pytest.raises(NotFound, match=small.shelf.hash[:12]):
        proposed(small, "abcdef123456")
    with pytest.raises(NotFound):
        proposed(small, "no/such/folder")
    with pytest.raises(UsageError, match="没有写原因"):
        proposed(small, rules, reason=" ")
    with pytest.raises(Forbidden):
        proposed(small, other(rules.parent.parent, measure(cap="1万元")), by("statistics"))
    assert len(list_releases(small, View(day("2025-05-20")))) == 1


def test_comments_order_of_keys_and_line_ends_make_no_other_release(small: Archive, tmp_path: Path) -> None:
    lines = measure().splitlines()
    moved = [lines[0], lines[2], lines[1], *lines[3:]]
    same = other(tmp_path, "# another comment\r\n" + "\r\n".join(moved) + "\r\n")

    with pytest.raises(Conflict, match="施行的就是"):
        proposed(small, same)


def test_an_earlier_release_is_put_back_by_its_hash_in_the_same_way(small: Archive, tmp_path: Path) -> None:
    code, first = with_project(small), small.shelf.hash
    activated(small, other(tmp_path, measure(cap="150万元")), "2025-05-20")
    done = activated(small, first[:12], "2025-05-25")

    days = ("2025-05-19", "2025-05-20", "2025-05-24", "2025-05-25")
    assert done.release == first
    assert [amount(opened(small, on), code) for on in days] == [200_0000_00, 150_0000_00, 150_0000_00, 200_0000_00]


def test_the_release_of_the_day_and_of_what_was_known_decides(small: Archive, tmp_path: Path) -> None:
    code = with_project(small)
    activated(small, other(tmp_path, measure(cap="150万元")), "2025-05-20", since=day("2025-05-10"))

    def told(on: str, known: str) -> int | None:
        return amount(opened(small, on, at(known, "23:00")), code)

    assert told("2025-05-15", "2025-05-19") == 200_0000_00  # nobody had agreed yet
    assert told("2025-05-15", "2025-05-20") == 150_0000_00
    assert told("2025-05-09", "2025-05-20") == 200_0000_00  # before its first day
    assert amount(opened(small, "2025-05-15", at("2025-05-20", "11:30")), code) == 200_0000_00  # one had agreed
    assert (
        amount(opened(small, "2025-05-15", at("2025-05-20", "12:00")), code) == 150_0000_00
    )  # the second, to the hour


def test_a_release_from_a_later_day_counts_from_that_day(small: Archive, tmp_path: Path) -> None:
    code = with_project(small)
    activated(small, other(tmp_path, measure(cap="150万元")), "2025-05-20", since=day("2025-06-01"))

    view = View(day("2025-05-31"))
    assert [state for _, state in states(list_releases(small, view), view)] == ["施行中", "未到施行日"]
    assert [amount(opened(small, on), code) for on in ("2025-05-31", "2025-06-01")] == [200_0000_00, 150_0000_00]


def test_a_release_of_the_demonstration_counts_there_alone(small: Archive, tmp_path: Path) -> None:
    step = proposed(small, other(tmp_path, measure(cap="150万元")), by(library=DEMO))
    for actor, hour in (("industry", "11:00"), ("industry-2", "12:00")):
        approve_release(small, step.activation.id, by(actor, hour=hour))

    found = [opened(small, "2025-05-20", name=name).release for name in (REAL, DEMO)]
    assert found == [small.shelf.hash, step.activation.release]
    view = View(day("2025-05-20"))
    assert [state for _, state in states(list_releases(small, view), view)] == ["施行中", "施行中"]


def test_a_text_changed_in_the_database_is_noticed_and_decides_nothing(small: Archive, tmp_path: Path) -> None:
    with_project(small)
    activated(small, other(tmp_path, measure(cap="150万元")))
    with small.database.engine.begin() as connection:
        changed = text("UPDATE release_texts SET body = replace(body, '150万元', '950万元')")
        assert connection.execute(changed).rowcount
    fresh = shelved(small, small.shelf.rules)

    with pytest.raises(RuleError, match=r"rules/measures/city/INVENTED/eq_award\.v1\.yaml.*与登记时不同"):
        opened(fresh, "2025-05-20")


def test_a_changed_manifest_is_noticed_too(small: Archive) -> None:
    with small.database.engine.begin() as connection:
        connection.execute(text("UPDATE releases SET manifest = replace(manifest, 'eq_award', 'eq_reward')"))

    with pytest.raises(RuleError, match="清单"):
        opened(shelved(small, small.shelf.rules), "2025-05-20")


def test_releases_share_the_texts_that_they_have_in_common(small: Archive, tmp_path: Path) -> None:
    def texts() -> int:
        with small.database.reading() as session:
            return int(session.execute(text("SELECT count(*) FROM release_texts")).scalar_one())

    before = texts()
    activated(small, other(tmp_path, measure(cap="150万元")))

    assert texts() == before + 1


def test_a_fact_that_a_release_does_not_know_is_not_read_by_it(small: Archive, tmp_path: Path) -> None:
    code = with_project(small)
    narrow = other(tmp_path, measure(cap="150万元"))
    facts = narrow / "facts.yaml"
    lines = facts.read_text("utf-8").splitlines()
    (place,) = (n for n, line in enumerate(lines) if line.startswith("  district:"))
    end = next(n for n in range(place + 1, len(lines)) if lines[n].startswith("  ") and lines[n][2] not in " #")
    facts.write_text("\n".join(lines[:place] + lines[end:]) + "\n", "utf-8")

    activated(small, narrow)

    library = opened(small, "2025-05-20")
    assert amount(library, code) == 150_0000_00
    assert "district" not in library.matching.subjects[library.rows[code]].cells


def test_s39_four_faults_are_named_with_their_lines_and_the_release_in_force_stays(
    small: Archive, tmp_path: Path
) -> None:
    faulty = other(tmp_path)
    put(faulty, 1, measure().replace("fact: equipment_loan, op", "fact: 设备投入额, op"), "a_award")
    put(faulty, 1, measure(least="500"), "b_award")
    put(faulty, 1, measure().replace("status: active", "status: active\nstatus: active"), "c_award")
    lines = [line for line in measure().splitlines() if "missing: unknown" not in line and line != "boundaries:"]
    put(faulty, 1, "\n".join(lines) + "\n", "d_award")
    before = deciding(small, "2025-05-20")

    with pytest.raises(RuleError) as refused:
        proposed(small, faulty)

    issues = refused.value.issues
    places = {issue.where.rsplit("/", 1)[1] for issue in issues}
    assert {place.split(".")[0] for place in places} == {"a_award", "b_award", "c_award", "d_award"}
    assert all(int(place.rsplit(":", 1)[1]) > 1 and place.count(".yaml:") == 1 for place in places)
    assert any("设备投入额" in issue.what for issue in issues)
    assert deciding(small, "2025-05-20") == before
    assert len(list_releases(small, View(day("2025-05-20")))) == 1
    assert audited(small, "release.propose") == []


def test_a_faulty_lifecycle_file_is_no_release_either(small: Archive, tmp_path: Path) -> None:
    faulty = other(tmp_path, measure(cap="150万元"))
    lifecycle = faulty / "lifecycle.yaml"
    lifecycle.write_text(lifecycle.read_text("utf-8").replace("rule_stop: [", "rule_stop: [nobody, ", 1), "utf-8")

    with pytest.raises(RuleError, match=r"lifecycle\.yaml:[0-9]+: .*nobody"):
        proposed(small, faulty)


def test_s25_each_day_has_its_version_an_overlap_is_refused_and_a_stop_withdraws(
    small: Archive, tmp_path: Path
) -> None:
    code = with_project(small)
    ended = measure(1, through='"2025-05-31"')
    two = other(tmp_path, ended, measure(2, cap="150万元", begins="2025-06-01"))
    done = activated(small, two, "2025-05-20")

    def told(on: str) -> tuple[int, int | None]:
        library = opened(small, on, now="2025-07-01")
        return library.matching.decision(EQ).rule.measure.version, amount(library, code)

    assert [told(on) for on in ("2025-05-31", "2025-06-01")] == [(1, 200_0000_00), (2, 150_0000_00)]

    third = other(tmp_path, ended, measure(2, cap="150万元", begins="2025-06-01"), measure(3, begins="2025-07-01"))
    with pytest.raises(RuleError, match="施行期重叠") as refused:
        proposed(small, third)
    assert {issue.code for issue in refused.value.issues} == {"VERSIONS"}
    assert deciding(small, "2025-06-01") == done.release

    rulebook = opened(small, "2025-06-10").matching.rulebook
    stop_rule(small, rulebook, NewStop(EQ, 2, "文件撤回"), by("industry", on="2025-06-10"))
    assert [verdict(opened(small, on), code) for on in ("2025-06-09", "2025-06-10")] == ["eligible", "unknown"]
    assert told("2025-05-31") == (1, 200_0000_00)


def test_a_day_has_no_hour_of_its_own_the_last_approved_of_those_that_began_decides(
    small: Archive, tmp_path: Path
) -> None:
    code = with_project(small)
    activated(small, other(tmp_path, measure(cap="150万元")), "2025-05-20", since=day("2025-06-01"))
    activated(small, other(tmp_path, measure(cap="120万元")), "2025-05-21", since=day("2025-05-25"))

    # Approved last, and begun by then: it also decides after the first day of the one approved before it.
    days = ("2025-05-24", "2025-05-25", "2025-06-01")
    assert [amount(opened(small, on), code) for on in days] == [200_0000_00, 120_0000_00, 120_0000_00]


def test_the_reason_and_the_people_stand_in_the_list(small: Archive, tmp_path: Path) -> None:
    activated(small, other(tmp_path, measure(cap="150万元")))

    (_, found) = list_releases(small, View(day("2025-05-20")))
    assert (found.reason, found.drafter.by, [one.by for one in found.signed]) == (
        "更新", "市发改委经办1", ["市工信局经办1", "市工信局经办2"],
    )  # fmt: skip
    assert found.since == date(2025, 5, 20)
    assert found.drafter.at.astimezone(LOCAL).hour == 10
    assert list_releases(small, View(day("2025-05-20"), at("2025-05-19"))) == (
        list_releases(small, View(day("2025-05-20")))[0],
    )


def test_two_releases_with_one_beginning_ask_for_more_letters(small: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "hashes", lambda _: ["abcdef1" + "0" * 57, "abcdef2" + "0" * 57])

    with pytest.raises(UsageError, match="2 个规则版本"):
        propose_release(small, small.shelf.corpus, NewRelease("abcdef", "原因"), by())
