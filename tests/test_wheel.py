"""The wheel holds every rule, corpus file, template and licence, nothing else, and runs from where it is unpacked."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLACES = {
    "src/policy_match": "policy_match",
    "api/policy_match_api": "policy_match_api",
    "rules": "policy_match/_data/rules",
    "corpus": "policy_match/_data/corpus",
}


def files_of(folder: str) -> set[str]:
    """The files of a folder that belong to the project: as git sees them, else all but compiled ones."""
    if (ROOT / ".git").exists():
        asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", folder]
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        return {name for name in listed if name and (ROOT / name).is_file()}
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in found}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout as it is."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_project_and_its_licence_and_nothing_else(wheel: Path) -> None:
    expected = {place + name.removeprefix(folder) for folder, place in PLACES.items() for name in files_of(folder)}

    with zipfile.ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if not name.endswith("/")}

    about = {name for name in names if ".dist-info/" in name}
    assert names - about == expected
    assert {name.split(".dist-info/")[1] for name in about} == {
        "METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE",
    }  # fmt: skip
    for kind in ("_data/rules/facts.yaml", "_data/corpus/projects.csv", "templates/base.html", "static/app.css"):
        assert any(name.endswith(kind) for name in names), kind


def test_the_unpacked_wheel_reads_its_own_rules_and_matches(wheel: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(unpacked)
    (tmp_path / "a.jsonl").write_text('{"id": "甲", "facts": {"staff_total": 5}}\n', encoding="utf-8")
    script = (
        "import sys, policy_match, policy_match_api\n"
        "from policy_match.settings import Settings\n"
        "print(policy_match.__file__, policy_match_api.__file__, Settings().rules_dir, Settings().corpus_dir, sep='\\n')\n"
        "sys.stdout.flush()\n"
        "sys.argv = ['policy-match', 'match', 'a.jsonl', '--out', 'out.jsonl', '--as-of', '2025-06-15']\n"
        "from policy_match.cli import main\n"
        "main()\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_MATCH_")}

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert all(line.startswith(str(unpacked)) for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) == 4
    assert (tmp_path / "out.jsonl").read_text("utf-8").count('"subject":"甲"') > 10
