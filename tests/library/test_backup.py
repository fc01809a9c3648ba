"""A backup holds everything of one instant, and an empty database of either kind answers from it as the first one did."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from msjx import GX, found, to_approved, verified, with_firm
from rows import CODE, E1, E3, LATER_CODE, LIBRARY, NOW, advance, codes, day, pause, point, row, taken
from servers import emptied_database
from sqlalchemy import select, text

from policy_match.cli import main
from policy_match.errors import Conflict, UsageError
from policy_match.exchange.backup_file import open_backup
from policy_match.store import audit, dump
from policy_match.store.case_tables import Payment
from policy_match.store.database import Database, connect_database, migrate, open_database, revision_of, revisions
from policy_match.store.dump import rows_of, tables_of
from policy_match.store.tables import Actor, Audit, Base, Former, Subject
from policy_match.workflows import back_up as backing
from policy_match.workflows.activate_rules import record_first
from policy_match.workflows.back_up import back_up
from policy_match.workflows.list_cases import print_cases
from policy_match.workflows.match_library import match_library
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.print_records import print_record
from policy_match.workflows.read_records import View
from policy_match.workflows.restore import restore
from policy_match.workflows.stop_rule import NewStop, stop_rule
from policy_match.workflows.verify_audit import keep_head, verify_audit
from policy_match.workflows.write_entry import By

LATER = datetime(2025, 7, 1, 2, tzinfo=UTC)
VIEW = View.of(date(2025, 6, 20), None, LATER)
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
P1, P2 = "CZ-2025-00001", "CZ-2025-00002"
Run = Callable[..., tuple[int, str, str]]


def filled(archive: Archive) -> None:
    """Two projects of one firm, one of them paused, an approved case, the first release and a stop."""
    points = (point("SIGNED", "2024-08-20"), point("APPROVED", "2024-09-25"))
    taken(archive, row(archive, points=points), row(archive, "示范二期\U0001f50b", number=3, code=LATER_CODE))
    advance(archive, P1, "STARTED", "2025-03-01", "development")
    pause(archive, P1, "development")
    to_approved(archive)
    record_first(archive, NOW)
    rulebook = open_rulebook(archive.rules, archive.shelf.corpus)
    stop_rule(archive, rulebook, NewStop(GX, 1, "示范停用", day("2025-06-25"), None), By(LIBRARY, "science", LATER))


@pytest.fixture
def new_address(server: str, tmp_path: Path) -> Callable[[str], str]:
    """Gives the address of a database of a kind with nothing in it, not even tables."""

    def address(kind: str) -> str:
        return emptied_database(server, "restored") if kind == "postgresql" else f"sqlite:///{tmp_path / 'restored.db'}"

    return address


@pytest.fixture
def new(new_address: Callable[[str], str]) -> Iterator[Callable[[str], Database]]:
    """Opens a database of a kind with nothing in it, not even tables."""
    opened: list[Database] = []

    def connect(kind: str) -> Database:
        opened.append(connect_database(new_address(kind)))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def answers(archive: Archive, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """What people ask a library: projects, days, matches, cases, the head of the chain."""
    capfd.readouterr()
    said = []
    for code in codes(archive):
        print_record(archive, LIBRARY, code, VIEW, form="json")
        print_record(archive, LIBRARY, code, View(date(2025, 3, 5), NOW), form="json", brief=True)
        said.append(capfd.readouterr().out)
    match_library(archive, LIBRARY, VIEW, measures=None, verdicts=None, out=None, form="jsonl")
    print_cases(archive, LIBRARY, form="json")
    said.append(capfd.readouterr().out)
    with archive.database.reading() as session:
        said.append(f"{audit.head(session)}")
    return said


def next_entries(archive: Archive) -> tuple[list[str], tuple[str, ...], str]:
    """What a library does next: a project and a case more, each with rows in many tables."""
    taken(archive, row(archive, "示范三号项目", uscc=E3, firm="示范芯片有限公司", code=None), when=LATER, file="next")
    advance(archive, P2, "SIGNED", "2025-06-20", "commerce", now=LATER)
    with_firm(archive, E1, "示范电池有限公司", on="2025-06-19")
    opened = found(archive, "2025-06-20").opened
    verified(archive, opened[0], "2025-06-20")
    return codes(archive), opened, verify_audit(archive, None)


def test_a_restored_library_answers_as_the_first_one_did_and_goes_on_like_it_across_kinds_and_back(
    paying: Archive, new: Callable[[str], Database], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    own = paying.database.engine.dialect.name
    heads, first, copy = (tmp_path / name for name in ("heads.jsonl", "first.zip", "copy.zip"))
    filled(paying)
    keep_head(paying, heads, LATER)
    before = answers(paying, capfd)
    back_up(paying.database, first, LATER)
    after = []

    for kind, source, target in ((OTHER[own], first, copy), (own, copy, tmp_path / "last.zip")):
        database = new(kind)
        told = restore(database, source, heads)
        back_up(database, target, LATER)
        restored = replace(paying, database=database)

        assert told[0].startswith(f"已恢复 2025-07-01 10:00 的备份：{len(Base.metadata.tables)} 张表 ")
        assert told[1].endswith("行，与库外留存的 1 个链头一致")
        assert answers(restored, capfd) == before
        assert target.read_bytes() == first.read_bytes()
        after.append(next_entries(restored))

    assert after == [next_entries(paying)] * 2
    assert after[0][1] == ("MX-2025-000002",)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, empty_file: tuple[Archive, Path]) -> Path:
    """A folder with a small database, its backup, and its heads."""
    folder = tmp_path_factory.mktemp("sound")
    shutil.copy(empty_file[1], folder / "first.db")
    archive = replace(empty_file[0], database=open_database(f"sqlite:///{folder / 'first.db'}"))
    taken(archive, row(archive))
    keep_head(archive, folder / "heads.jsonl", NOW)
    back_up(archive.database, folder / "sound.zip", NOW)
    archive.database.close()
    return folder


def test_every_table_of_the_schema_is_in_the_backup(sound: Path) -> None:
    with open_backup(sound / "sound.zip") as backup:
        assert {part.name for part in backup.manifest.tables} == set(Base.metadata.tables)


def test_values_at_the_edge_come_back_exactly(
    new: Callable[[str], Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One row at a time: the first subject refers to the second, which is in no statement with it.
    monkeypatch.setattr(dump, "_CHUNK", 1)
    first = open_database(f"sqlite:///{tmp_path / 'edge.db'}")
    instant = datetime(1, 1, 2, 0, 0, 0, 1, tzinfo=UTC)
    with first.writing() as session:
        session.add(Actor(id="甲", name="“\n\\\U0001f50b\u202e", role="r", valid_from=date.min, valid_through=date.max))
        session.add(Actor(id="a-2", name="", role="r", valid_from=date(2024, 2, 29)))
        session.add(Actor(id="a", name="", role="r", valid_from=date(2024, 2, 29)))
        subject = {"library": LIBRARY, "kind": "project", "created_at": instant, "extra": {"乙": "甲", "a": "1e3"}}
        session.add(Subject(id=1, code="P1", parent_id=None, **subject))
        session.add(Subject(id=2, code="P2", in_parent=True, **subject))
        session.flush()
        session.execute(text("UPDATE subjects SET parent_id = 2 WHERE id = 1"))
        for place, value in enumerate((None, "1", 1, True, "null"), start=1):
            session.add(Former(id=place, subject_id=1, field="f", value=value, until=date.min, recorded_at=instant))
        session.execute(text("INSERT INTO former SELECT 9, 1, 'f', NULL, until, recorded_at FROM former WHERE id = 1"))
        paid = {"library": LIBRARY, "measure": "m", "beneficiary": "b", "period": "", "source": "DEPT"}
        session.add(Payment(reference="1", amount_fen=2**63 - 1, paid_on=date.max, recorded_at=instant, **paid))
        session.add(Payment(reference="2", amount_fen=-1, paid_on=date.max, recorded_at=instant, **paid))
    back_up(first, tmp_path / "first.zip", NOW)
    first.close()

    for kind, before, after in (("postgresql", "first.zip", "second.zip"), ("sqlite", "second.zip", "third.zip")):
        target = new(kind)
        restore(target, tmp_path / before, None)
        with target.snapshot() as session:
            people = {who.id: who.valid_through for who in session.scalars(select(Actor))}
            payments = list(session.scalars(select(Payment.amount_fen).order_by(Payment.id)))
            former = session.execute(text("SELECT CAST(value AS TEXT) FROM former ORDER BY id")).scalars().all()
            one = session.get_one(Subject, 1)
        back_up(target, tmp_path / after, NOW)

        assert people == {"甲": date.max, "a-2": None, "a": None}
        assert payments == [2**63 - 1, -1]
        assert former == ["null", '"1"', "1", "true", '"null"', None]
        assert (one.parent_id, one.created_at, one.extra) == (2, instant, {"乙": "甲", "a": "1e3"})
        assert (tmp_path / after).read_bytes() == (tmp_path / "first.zip").read_bytes()


def test_the_rows_of_a_text_key_are_in_the_order_of_code_points(new: Callable[[str], Database]) -> None:
    target = new("postgresql")
    with target.writing() as session:
        if session.scalar(text("SELECT 1 FROM pg_collation WHERE collname = 'en-x-icu'")) is None:
            pytest.skip("this server knows no order but that of code points")
        session.execute(text('CREATE TABLE t (id text COLLATE "en-x-icu" PRIMARY KEY)'))
        session.execute(text("INSERT INTO t VALUES ('a'), ('B'), ('a-c'), ('ab')"))
        (table,) = tables_of(session.connection())
        found = [one["id"] for one in rows_of(session, table)]

    assert found == ["B", "a", "a-c", "ab"]


def test_what_others_write_meanwhile_is_in_no_table_of_the_backup(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(archive, row(archive))
    asked: list[str] = []

    def meanwhile(items: Iterable[object], _total: int, what: str) -> Iterable[object]:
        if not asked:
            taken(archive, row(archive, "示范后来项目", uscc=E3, firm="示范芯片有限公司", code=LATER_CODE))
        asked.append(what)
        return items

    monkeypatch.setattr(backing, "tracked", meanwhile)
    back_up(archive.database, tmp_path / "b.zip", NOW)

    with open_backup(tmp_path / "b.zip") as backup:
        rows = {part.name: list(backup.rows(part.name)) for part in backup.manifest.tables}
        head = backup.manifest.audit
    assert len(codes(archive)) == 2
    assert [one["code"] for one in rows["subjects"] if one["kind"] == "project"] == [P1]
    assert head is not None and head.seq == len(rows["audit"]) == rows["audit"][-1]["seq"]
    assert len(rows["batches"]) == 1 and {one["value"] for one in rows["keys"]} >= {CODE}


def test_a_backup_that_is_broken_off_leaves_no_file(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(items: Iterable[object], _total: int, what: str) -> Iterable[object]:
        if what == "备份 facts":
            raise KeyboardInterrupt
        return items

    monkeypatch.setattr(backing, "tracked", broken_off)
    database = connect_database(f"sqlite:///{sound / 'first.db'}")
    with pytest.raises(KeyboardInterrupt):
        back_up(database, tmp_path / "b.zip", NOW)
    database.close()

    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_may_read_a_backup(sound: Path) -> None:
    assert (sound / "sound.zip").stat().st_mode & 0o777 == 0o600


# older and newer schemas


OLD_AUDIT = (
    "seq",
    "at",
    "actor",
    "role",
    "action",
    "object_kind",
    "object_id",
    "result",
    "detail",
    "prev_hash",
    "row_hash",
)


def _old_row() -> dict[str, str | int]:
    """A row of the chain as it was written before it could name a library."""
    row = Audit(
        seq=1, at=NOW, actor="development", role="development", action="test", object_kind="none", object_id="1",
        result="done", detail="{}", prev_hash=audit.START,
    )  # fmt: skip
    row.row_hash = audit.hash_of(row)
    at = NOW.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return {name: getattr(row, name) for name in OLD_AUDIT} | {"at": at}


def at_revision(database: Database, revision: str) -> None:
    """A database at an older revision, with somebody and something done."""
    with database.writing() as session:
        migrate(session.connection(), revision)
        session.add(Actor(id="development", name="示范甲", role="development", valid_from=date(2025, 1, 1)))
        session.flush()
        session.execute(
            text(f"INSERT INTO audit ({', '.join(OLD_AUDIT)}) VALUES (:{', :'.join(OLD_AUDIT)})"), _old_row()
        )


@pytest.mark.parametrize(("revision", "kind"), [("0001", "postgresql"), ("0007", "sqlite")])
def test_a_backup_of_an_older_schema_is_restored_as_it_was_and_brought_to_the_newest(
    revision: str, kind: str, new: Callable[[str], Database], tmp_path: Path
) -> None:
    old = connect_database(f"sqlite:///{tmp_path / 'old.db'}")
    at_revision(old, revision)
    back_up(old, tmp_path / "old.zip", NOW)
    target = new(kind)
    told = restore(target, tmp_path / "old.zip", None)

    with old.snapshot() as session:
        assert revision_of(session.connection()) == revision
    old.close()
    with target.snapshot() as session:
        assert revision_of(session.connection()) == revisions()[-1]
        assert session.get_one(Actor, "development").name == "示范甲"
    assert told[1] == "审计链完好：1 行"


def test_a_backup_of_an_older_schema_goes_into_no_newer_tables(
    new: Callable[[str], Database], new_address: Callable[[str], str], tmp_path: Path
) -> None:
    old = connect_database(f"sqlite:///{tmp_path / 'old.db'}")
    at_revision(old, "0007")
    back_up(old, tmp_path / "old.zip", NOW)
    old.close()
    open_database(new_address("sqlite")).close()
    target = connect_database(new_address("sqlite"))

    with pytest.raises(Conflict, match=r"目标库的表结构（\d{4}）比备份的（0007）新.*还没有表的库"):
        restore(target, tmp_path / "old.zip", None)

    target.close()


# wrong input, through the command line


@pytest.fixture
def run(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command beside the sound backup; the database is `target.db`, which is not there yet."""
    for path in sound.iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'target.db'}")
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-03-31T10:00:00+08:00")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def is_untouched(path: str) -> bool:
    """Whether a database file has no tables."""
    database = connect_database(f"sqlite:///{path}")
    with database.snapshot() as session:
        found = tables_of(session.connection())
    database.close()
    return not found


def rewritten(change: Callable[[dict[str, bytes]], None]) -> None:
    """`wrong.zip`: the sound backup with changed members."""
    with zipfile.ZipFile("sound.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile("wrong.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def with_manifest(change: Callable[[dict[str, object]], None]) -> None:
    """`wrong.zip`: the sound backup with a changed manifest."""

    def changed(members: dict[str, bytes]) -> None:
        manifest = orjson.loads(members["manifest.json"])
        change(manifest)
        members["manifest.json"] = orjson.dumps(manifest)

    rewritten(changed)


def cut_short() -> None:
    content = Path("sound.zip").read_bytes()
    Path("wrong.zip").write_bytes(content[: len(content) * 2 // 3])


def changed_byte() -> None:
    content = bytearray(Path("sound.zip").read_bytes())
    with zipfile.ZipFile("sound.zip") as archive:
        content[archive.getinfo("facts.jsonl").header_offset + 100] ^= 1
    Path("wrong.zip").write_bytes(content)


def without_log(members: dict[str, bytes]) -> None:
    del members["log.jsonl"]


def changed_row() -> None:
    rewritten(lambda members: members.update({"subjects.jsonl": members["subjects.jsonl"].replace(b"real", b"demo")}))


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "no such file": (lambda: None, "没有这个文件夹或文件"),
    "a folder": (lambda: Path("wrong.zip").mkdir(), "是文件夹"),
    "no zip": (lambda: Path("wrong.zip").write_text("备份", "utf-8"), "不是备份文件：不是备份，或没有传完"),
    "an empty file": (lambda: Path("wrong.zip").touch(), "不是备份文件：不是备份，或没有传完"),
    "cut short": (cut_short, "不是备份文件：不是备份，或没有传完"),
    "a foreign zip": (lambda: zipfile.ZipFile("wrong.zip", "w").close(), "不是备份文件：没有 manifest.json"),
    "a changed byte": (changed_byte, "备份不完整或被改动：facts.jsonl"),
    "a changed row": (changed_row, "备份不完整或被改动：subjects.jsonl"),
    "a part missing": (lambda: rewritten(without_log), "其中的文件与清单不同"),
    "a part more": (lambda: rewritten(lambda m: m.update({"more.jsonl": b""})), "其中的文件与清单不同"),
    "a strange manifest": (lambda: with_manifest(lambda m: m.update(format="x")), "不是本程序写的"),
    "another head": (lambda: with_manifest(lambda m: m.update(audit=None)), "审计链的最后一行与清单不同"),
    "a newer program": (
        lambda: with_manifest(lambda m: m.update(revision="9999", engine="9.9")),
        "备份来自更新的程序（版本 9.9，表结构 9999）；允许：表结构至 ",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_is_told_and_nothing_is_written(run: Run, what: str) -> None:
    make, said = WRONG[what]
    make()
    code, out, err = run("restore", "wrong.zip")

    assert (code, out) == (2, "")
    assert said in err and err.startswith("错误 wrong.zip: ")
    assert is_untouched("target.db")


def test_a_file_with_any_byte_changed_is_refused_or_says_the_same(run: Run) -> None:
    content = Path("sound.zip").read_bytes()
    with open_backup(Path("sound.zip")) as backup:
        sound = (backup.manifest, [list(backup.rows(part.name)) for part in backup.manifest.tables])
    refused = 0
    for place in [*range(0, len(content), 311), *range(len(content) - 60, len(content))]:
        Path("wrong.zip").write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            with open_backup(Path("wrong.zip")) as backup:
                said = (backup.manifest, [list(backup.rows(part.name)) for part in backup.manifest.tables])
        except UsageError:
            refused += 1
        else:
            assert said == sound, place

    assert refused > 40


def test_rows_that_the_database_does_not_take_are_told_with_their_table(
    new: Callable[[str], Database], run: Run
) -> None:
    def too_long(members: dict[str, bytes]) -> None:
        line = orjson.loads(members["batches.jsonl"].splitlines()[0])
        members["batches.jsonl"] = orjson.dumps(line | {"source": "X" * 11}) + b"\n"
        manifest = orjson.loads(members["manifest.json"])
        for part in manifest["tables"]:
            if part["name"] == "batches":
                part["sha256"] = hashlib.sha256(members["batches.jsonl"]).hexdigest()
        members["manifest.json"] = orjson.dumps(manifest)

    rewritten(too_long)
    target = new("postgresql")
    with pytest.raises(UsageError, match=r"数据库不收表 batches 的一行（.*too long.*）.*什么都没有写入"):
        restore(target, Path("wrong.zip"), None)

    with target.snapshot() as session:
        assert tables_of(session.connection()) == []


def test_a_row_that_refers_to_nothing_is_told_and_nothing_is_written(run: Run) -> None:
    def astray(members: dict[str, bytes]) -> None:
        members["facts.jsonl"] = members["facts.jsonl"].replace(b'"batch_id":1,', b'"batch_id":7,')
        manifest = orjson.loads(members["manifest.json"])
        for part in manifest["tables"]:
            if part["name"] == "facts":
                part["sha256"] = hashlib.sha256(members["facts.jsonl"]).hexdigest()
        members["manifest.json"] = orjson.dumps(manifest)

    rewritten(astray)
    code, _, err = run("restore", "wrong.zip")

    assert code == 2 and "数据库不收这份备份（FOREIGN KEY constraint failed）" in err
    assert is_untouched("target.db")


def test_a_database_that_is_not_empty_is_left_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{Path('first.db').absolute()}")
    run("backup", "before.zip")
    code, out, err = run("restore", "sound.zip")
    run("backup", "after.zip")

    assert (code, out) == (3, "")
    assert "目标库不是空的：表 actors 有内容；允许：空库；怎么办：新建一个空库" in err
    assert Path("after.zip").read_bytes() == Path("before.zip").read_bytes()


def test_tables_without_rows_are_filled(run: Run) -> None:
    open_database(f"sqlite:///{Path('target.db').absolute()}").close()
    code, out, err = run("restore", "sound.zip")

    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith(f"已恢复 2025-03-31 10:00 的备份：{len(Base.metadata.tables)} 张表 ")
    assert "其中主体 2、事实 3、" in out


def test_heads_kept_elsewhere_that_do_not_agree_undo_everything(run: Run) -> None:
    head = orjson.loads(Path("heads.jsonl").read_bytes())
    Path("wrong.jsonl").write_bytes(orjson.dumps(head | {"row_hash": "0" * 64}))
    Path("later.jsonl").write_bytes(orjson.dumps(head | {"seq": head["seq"] + 1}))

    for heads, said in (("wrong.jsonl", "与库外留存的不同"), ("later.jsonl", "被截去"), ("no.jsonl", "读不出链头文件")):
        code, out, err = run("restore", "sound.zip", "--against", heads)
        assert (code, out) == (2, "") and said in err
        assert is_untouched("target.db")
    assert run("restore", "sound.zip", "--against", "heads.jsonl")[0] == 0


def test_a_backup_replaces_no_file_and_says_where_it_cannot_write(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{Path('first.db').absolute()}")
    before = Path("sound.zip").read_bytes()

    there = run("backup", "sound.zip")
    nowhere = run("backup", "no/folder/b.zip")
    folder = run("backup", ".")

    assert there[0] == 2 and "已有这个文件，备份不覆盖；怎么办：换一个文件名，如带上日期" in there[2]
    assert Path("sound.zip").read_bytes() == before
    assert nowhere[0] == 2 and "写不了文件（没有这个文件夹或文件）；怎么办：先建好文件夹" in nowhere[2]
    assert folder[0] == 2 and not list(Path().glob("*.part"))


def test_there_is_no_backup_of_a_database_without_tables(run: Run) -> None:
    code, _, err = run("backup", "b.zip")

    assert code == 2 and "库里还没有表；怎么办：检查地址；新库先运行 init" in err
    assert not Path("b.zip").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from policy_match.store.database import connect_database
from policy_match.workflows import restore

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

restore.check_chain = killed
restore.restore(connect_database(sys.argv[1]), Path("sound.zip"), None)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_restore_killed_before_its_end_leaves_an_empty_database_that_can_be_filled(
    run: Run, new_address: Callable[[str], str], kind: str
) -> None:
    address = new_address(kind)
    ended = subprocess.run([sys.executable, "-c", KILLED, address], check=False)
    target = connect_database(address)
    with target.snapshot() as session:
        left = tables_of(session.connection())
    told = restore(target, Path("sound.zip"), Path("heads.jsonl"))
    target.close()

    assert ended.returncode == -signal.SIGKILL
    assert left == []
    assert told[1].endswith("与库外留存的 1 个链头一致")
