"""The shipped registers, and a reader of rows written down in a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from register_files import NOW, Read, write_csv, write_xlsx

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.exchange.intake_rows import Intake
from policy_match.exchange.registers import Register, load_register, read_register
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable

RULES = Path(__file__).resolve().parents[2] / "rules"


@pytest.fixture(scope="session")
def lifecycle() -> LifecycleTable:
    """The shipped table of points, steps and marks."""
    return load_lifecycle(RULES / "lifecycle.yaml")


@pytest.fixture(scope="session")
def registers(vocabulary: Vocabulary, lifecycle: LifecycleTable) -> Mapping[str, Register]:
    """Every shipped register by its source."""
    files = sorted((RULES / "registers").glob("*.yaml"))
    return {path.stem: load_register(path, vocabulary, lifecycle) for path in files}


@pytest.fixture
def read(registers: Mapping[str, Register], vocabulary: Vocabulary, tmp_path: Path) -> Read:
    """Reads rows of cells as a CSV of a source; with `xlsx` as a workbook whose cells keep their kind."""

    def reading(
        source: str, header: Sequence[str], *rows: Sequence[object], at: datetime = NOW, xlsx: bool = False
    ) -> Intake:
        path = tmp_path / ("rows.xlsx" if xlsx else "rows.csv")
        (write_xlsx if xlsx else write_csv)(path, header, rows)
        return read_register(path, registers[source], vocabulary, at=at)

    return reading
