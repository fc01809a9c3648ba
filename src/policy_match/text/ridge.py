"""Ridge regression of grades on text vectors, and what it would have said of texts it had not seen.

Solved in its dual form, as there are fewer texts than terms. Leaving a group of texts out needs no second fit: with A the kernel
plus the ridge, the predictions for a group g without g are Y_g − (A⁻¹_gg)⁻¹ (A⁻¹Y)_g (Hastie, Tibshirani and Friedman 2009, 7.10).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix

Scores = NDArray[np.float64]


def fit(
    rows: csr_matrix, wanted: Scores, ridge: Scores, groups: Sequence[Sequence[int]]
) -> tuple[Scores, list[Scores]]:
    """The dual weights, (n, columns), and for each group of row numbers its predictions without the group, (members, columns).

    `rows`: (n, terms). `wanted`: (n, columns). `ridge`: (n,), above 0; the more, the less a row counts. A text `x` scores
    `x @ rows.T @ dual`.
    """
    kernel = (rows @ rows.T).toarray()
    kernel[np.diag_indices_from(kernel)] += ridge.astype(kernel.dtype)
    factor = cho_factor(kernel, overwrite_a=True)
    dual: Scores = cho_solve(factor, wanted.astype(kernel.dtype))
    members = sorted({row for group in groups for row in group})
    units = np.zeros((len(wanted), len(members)), dtype=kernel.dtype)
    units[members, np.arange(len(members))] = 1.0
    inverse = cho_solve(factor, units)[members]
    place = {row: at for at, row in enumerate(members)}
    left_out = []
    for group in groups:
        at, own = [place[row] for row in group], list(group)
        left_out.append(wanted[own] - np.linalg.solve(inverse[np.ix_(at, at)], dual[own]))
    return dual, left_out
