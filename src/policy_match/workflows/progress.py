"""Progress of long work on stderr, for a person who watches; never in what is written."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
LONG = 5000


def tracked(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """The items as they are, with a bar on stderr if there are more than LONG and stderr is a terminal."""
    if total <= LONG or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, what, total=total, console=Console(stderr=True), transient=True)
