"""The long campaigns: the same laws as the tests, on full numbers; the last result stands in docs/evidence/.

`make campaign NAME=properties` holds the engine equal to the reference evaluator on 5,000 random
rulebooks and profiles a law. `make test` runs the same laws on 50 each, one per cent.
`make campaign NAME=library` imports and reads 10,000 projects (benchmarks/library.py); `make test` does it with 100.
`make campaign NAME=search` searches 10,000 documents and asks the frozen questions (benchmarks/search.py).
`make campaign NAME=bundle` holds the best set of benefits equal to brute force (benchmarks/bundle.py); `make test` does it with 150.
`make campaign NAME=simulate` weighs drafts over 100,000 subjects (benchmarks/simulate.py); `make test` does it with 1,000.
`make campaign NAME=entitlement` pays 10,000 firms under stress (benchmarks/entitlement.py); `make test` does it with 100.
`make campaign NAME=load` puts the service under load (benchmarks/load.py).
`make campaign NAME=restarts` kills and stops it under writers (benchmarks/restarts.py); `make test` restarts it twice.
`make campaign NAME=rematch` decides anew what changed of 10,000 projects (benchmarks/rematch.py); `make test` does it with 100.
`make campaign NAME=batch` matches a million subjects and runs `batch` on two Dask workers (benchmarks/batch.py).
`make campaign NAME=city` decides 3,000 projects by 600 measures twice and asks 50 times at once (benchmarks/city.py).
`make campaign NAME=rolls` keeps ten million pairs on PostgreSQL and asks for them (benchmarks/rolls.py); `make test` few.
`make campaign NAME=api` holds every answer of the API to its description (benchmarks/api.py); `make test` does it with few.
`make campaign NAME=push` kills workers of the push 1,000 times (benchmarks/push.py); `make test` ten times.
`make campaign NAME=growth` looks at the monthly figures of 3,000 projects (benchmarks/growth.py); `make test` of 30.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks import (
    api,
    batch,
    bundle,
    city,
    entitlement,
    growth,
    library,
    load,
    push,
    rematch,
    rolls,
    search,
    simulate,
)

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261125


def main(name: str) -> int:
    """Run one campaign and write its result; the exit code is that of its tests."""
    if name not in CAMPAIGNS:
        print(f"没有名为“{name}”的长测；可用：{'、'.join(CAMPAIGNS)}", file=sys.stderr)
        return 2
    code, lines = CAMPAIGNS[name]()
    print("\n".join(lines))
    _write(name, lines)
    return code


def _properties() -> tuple[int, list[str]]:
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "tests/properties", f"--hypothesis-seed={SEED}"]
    environment = os.environ | {"HYPOTHESIS_PROFILE": "campaign"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    print(result.stdout, result.stderr, sep="")
    outcome = next((line for line in reversed(result.stdout.splitlines()) if "passed" in line or "failed" in line), "")
    minutes = (time.monotonic() - started) / 60
    return result.returncode, [
        f"- seed {SEED}; 5,000 examples a law; exit code {result.returncode}; {minutes:.0f} minutes",
        f"- {outcome.strip('= ') or 'no summary line: see the output'}",
    ]


def _raising(run: Callable[[], list[str]]) -> Callable[[], tuple[int, list[str]]]:
    """A campaign that raises where something is wrong, and has nothing to tell then."""
    return lambda: (0, run())


CAMPAIGNS: dict[str, Callable[[], tuple[int, list[str]]]] = {
    "properties": _properties,
    "library": _raising(library.main),
    "search": _raising(search.main),
    "bundle": bundle.main,
    "simulate": _raising(simulate.main),
    "entitlement": _raising(entitlement.main),
    "load": load.main,
    "restarts": load.killed,
    "api": api.main,
    "push": _raising(push.main),
    "rematch": rematch.main,
    "batch": batch.main,
    "rolls": rolls.main,
    "city": city.main,
    "growth": _raising(growth.main),
}


def _write(name: str, lines: list[str]) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    first = f"- {now:%Y-%m-%d %H:%M} (Asia/Shanghai), commit {commit.stdout.strip() or 'unknown'}"
    text = "\n".join([f"# Campaign `{name}`: last result", "", first, *lines, ""])
    (ROOT / "docs" / "evidence" / f"campaign-{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
