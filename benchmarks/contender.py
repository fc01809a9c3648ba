"""What every contender gives: a pass over the workload, and its verdicts for the comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

VerdictMatrix: TypeAlias = NDArray[np.int8]
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to decide. `run`: one full pass that keeps nothing from an earlier one; `checked`: the verdicts of a pass,
    int8 (n_measures, n_subjects): 2 eligible, 1 unknown, 0 ineligible."""

    name: str
    subjects: int
    run: Callable[[], object]
    checked: Callable[[], VerdictMatrix]


def contending(
    name: str, subjects: int, run: Callable[[], _Result], verdicts: Callable[[_Result], VerdictMatrix]
) -> Contender:
    """A contender from its pass and the way to read the verdicts of one."""
    return Contender(name, subjects, run, lambda: verdicts(run()))
