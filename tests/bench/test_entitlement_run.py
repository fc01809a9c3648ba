"""The stress of 免申即享 in small: what `make campaign NAME=entitlement` holds on 10,000 firms, on a hundred."""

from __future__ import annotations

import pytest
from benchmarks import entitlement
from benchmarks.entitlement import SMALL, Firm, Run, judge, run_once


def test_nobody_is_paid_without_a_proof_nor_twice_and_every_stop_is_explained() -> None:
    found = run_once(SMALL, days=36)
    assert found["M7"] > SMALL // 4
    assert found["M7"] <= found["owed"]
    assert found["killed"] > 0
    assert found["proofs accepted"] == found["M7"]
    assert found["tamperings refused"] == 5 * found["M7"]


def test_the_judge_would_notice_a_payment_to_somebody_who_is_not_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Run, list[Firm]]] = []

    def keep(run: Run, firms: list[Firm]) -> dict[str, int]:
        seen.append((run, firms))
        spoiled = [Firm(f.code, f.name, f.measure, {"registered_region": "weak"}, f.listed, f.paid) for f in firms]
        with pytest.raises(AssertionError, match="was paid though"):
            judge(run, spoiled)
        return judge(run, firms)

    monkeypatch.setattr(entitlement, "judge", keep)
    run_once(12, days=36)
    assert seen
