"""How long the product takes to start, as a user sees it: whole processes, from nothing to the answer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).with_name("policy-match")
TIMES = 5
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class StartUp:
    """Seconds, as the keys of var/bench.json name them; None where there is nothing to start yet."""

    help: float | None
    match_shipped: float | None
    serve_first_page: float | None


def measured(tell: Callable[[str], None]) -> StartUp:
    """The middle of several starts each; a start that fails is told and left out."""
    projects = ROOT / "corpus" / "projects.csv"
    match = [str(projects), "--verdicts", "eligible,unknown", "--out"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        return StartUp(
            help=_middle("--help", lambda: _run(["--help"], place), tell),
            match_shipped=_middle("match", lambda: _run(["match", *match, str(place / "lines.jsonl")], place), tell),
            serve_first_page=_middle("serve", lambda: _first_page(place), tell),
        )


def _middle(what: str, once: Callable[[], float], tell: Callable[[str], None]) -> float | None:
    try:
        return round(median(once() for _ in range(TIMES)), 3)
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        tell(f"{what}: not measured, {error}")
        return None


def _run(arguments: list[str], folder: Path) -> float:
    start = time.perf_counter()
    done = subprocess.run([COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr[:200]}")
    return seconds


def _first_page(folder: Path) -> float:
    """From the command to the whole front page; the service says its address once it listens."""
    start = time.perf_counter()
    with subprocess.Popen(
        [COMMAND, "serve", "--port", "0"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as service:
        try:
            address = _announced(service)
            with urlopen(address, timeout=PATIENCE) as page:  # noqa: S310  # our own address
                page.read()
            return time.perf_counter() - start
        finally:
            service.terminate()


def _announced(service: subprocess.Popen[str]) -> str:
    for line in service.stdout or ():
        if "http://" in line:
            return "http://" + line.split("http://", 1)[1].split("（")[0].strip()
    raise RuntimeError("the service ended without an address")
