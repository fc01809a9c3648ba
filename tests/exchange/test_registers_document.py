"""docs/registers.zh.md names the columns, steps and codes that the program has, and its example is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from register_files import NOW

from policy_match.exchange.registers import Register, read_register
from policy_match.exchange.uploads import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from policy_match.facts.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "registers.zh.md").read_text("utf-8")
SECTIONS = {text.split()[0]: text for text in re.split(r"^### ", GUIDE, flags=re.MULTILINE)[1:]}
SOURCES = "".join(path.read_text("utf-8") for path in (ROOT / "src" / "policy_match").rglob("*.py"))


def test_the_columns_of_every_source_are_those_of_its_register(registers: Mapping[str, Register]) -> None:
    assert set(SECTIONS) == set(registers)
    for source, register in registers.items():
        rows = re.findall(r"^\| (.+?) \| (.*?) \| .*\|$", SECTIONS[source], re.MULTILINE)[1:]
        told = {name: tuple(filter(None, others.split("、"))) for name, others in rows}
        columns = register.columns.values()
        assert told == {column.header + " *" * column.required: column.names[1:] for column in columns}, source


def test_the_steps_of_the_two_systems_are_those_of_their_registers(registers: Mapping[str, Register]) -> None:
    for source in ("GG", "TZXM"):
        (line,) = re.findall(r"^(?:办理)?事项：(.+)。$", SECTIONS[source], re.MULTILINE)
        assert line == "、".join(dict.fromkeys(step.name for step in registers[source].steps.values()))


def test_codes_and_limits_are_those_of_the_program() -> None:
    codes = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", GUIDE))

    assert len(codes) > 5
    assert [code for code in codes if f'"{code}"' not in SOURCES] == []
    assert f"{MAX_BYTES // 1024**2} MB、{MAX_ROWS:,} 行、{MAX_COLUMNS} 列" in GUIDE


def test_the_example_is_taken_without_a_fault(
    registers: Mapping[str, Register], vocabulary: Vocabulary, tmp_path: Path
) -> None:
    (example,) = re.findall(r"```csv\n(.+?)```", GUIDE, re.DOTALL)
    path = tmp_path / "例.csv"
    path.write_text(example, encoding="utf-8")

    intake = read_register(path, registers["DISTRICT"], vocabulary, at=NOW)

    assert (len(intake.rows), intake.refusals, intake.notes) == (1, (), ())
    assert [told.point for told in intake.rows[0].points] == ["APPROVED"]
