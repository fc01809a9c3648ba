"""Lines to the screen or into a pipe that may be closed early."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from policy_match.exchange.tables import whole


class ReaderGone(Exception):
    """Whoever read our output stopped reading (`| head -1`): no fault, and nothing more to do."""


def write_lines(lines: Iterable[bytes], out: Path | None) -> None:
    """Write lines to a file, whole or not at all, or to the screen without one; ReaderGone if nobody reads on."""
    if out is not None:
        with whole(out) as place, place.open("wb") as target:
            target.writelines(lines)
        return
    try:
        for line in lines:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise ReaderGone from None
