"""The long campaigns: the same laws as the tests, on full numbers; the last result stands in docs/evidence/.

`make campaign NAME=properties` holds the engine equal to the reference evaluator on 5,000 random
rulebooks and profiles a law. `make test` runs the same laws on 60 each, a little over one per cent.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261125
CAMPAIGNS = {"properties": "tests/properties"}


def main(name: str) -> int:
    """Run one campaign and write its result; the exit code is that of the tests."""
    if name not in CAMPAIGNS:
        print(f"没有名为“{name}”的长测；可用：{'、'.join(CAMPAIGNS)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", CAMPAIGNS[name], f"--hypothesis-seed={SEED}"]
    environment = os.environ | {"HYPOTHESIS_PROFILE": "campaign"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    print(result.stdout, result.stderr, sep="")
    outcome = next((line for line in reversed(result.stdout.splitlines()) if "passed" in line or "failed" in line), "")
    _write(name, outcome.strip("= "), result.returncode, time.monotonic() - started)
    return result.returncode


def _write(name: str, outcome: str, code: int, seconds: float) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    text = f"""# Campaign `{name}`: last result

- {now:%Y-%m-%d %H:%M} (Asia/Shanghai), commit {commit.stdout.strip() or "unknown"}, seed {SEED}
- 5,000 examples a law; exit code {code}; {seconds / 60:.0f} minutes
- {outcome or "no summary line: see the output"}
"""
    (ROOT / "docs" / "evidence" / f"campaign-{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
