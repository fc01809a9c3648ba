"""How often Python looks for objects that only hold one another."""

from __future__ import annotations

import gc


def look_seldom() -> None:
    """Look for cycles among 100,000 new objects and not among 700, for the whole process from now on.

    Rules and libraries are many small objects that live long: looking so often takes a quarter of the time of starting.
    """
    gc.set_threshold(100_000, 20, 20)
