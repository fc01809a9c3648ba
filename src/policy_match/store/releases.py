"""Releases kept under their hash for ever, and who put which of them in force: rows are only ever added.

An activation gets its two signatures later and is changed in nothing else. One of the real library counts everywhere;
one of the demonstration library counts there alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.errors import Issue, RuleError
from policy_match.release import SHORT, Activation, Release, Signed, digest
from policy_match.store.tables import ActivationRow, Actor, KeptRelease, ReleaseText

COMMON = "real"
_CHUNK = 500


def keep(session: Session, release: Release, at: datetime) -> None:
    """Keep a release; one that is there already stays as it is."""
    if session.get(KeptRelease, release.hash) is not None:
        return
    texts = {sha: release.pieces[name] for name, sha in release.texts.items()}
    there = set(_bodies(session, [*texts]))
    session.add_all(ReleaseText(sha256=sha, body=text) for sha, text in texts.items() if sha not in there)
    session.add(KeptRelease(hash=release.hash, engine=release.engine, manifest=release.manifest, recorded_at=at))
    session.flush()


def hashes(session: Session, beginning: str = "") -> list[str]:
    """The hashes of the releases that begin with a text, in their order."""
    asked = select(KeptRelease.hash).order_by(KeptRelease.hash)
    return [found for found in session.scalars(asked) if found.startswith(beginning)]


def release(session: Session, release_hash: str) -> Release:
    """A kept release, every text of it compared with its hash; RuleError RELEASE_CHANGED if anything differs or is gone."""
    row = session.get_one(KeptRelease, release_hash)
    if digest(row.manifest) != release_hash:
        raise RuleError(_changed(release_hash, "清单"))
    names = texts(session, release_hash)
    bodies = _bodies(session, [*names.values()])
    issues = [_changed(release_hash, name) for name, sha in names.items() if digest(bodies.get(sha, "")) != sha]
    if issues:
        raise RuleError(*issues)
    return Release(row.engine, {name: bodies[sha] for name, sha in names.items()})


def texts(session: Session, release_hash: str) -> dict[str, str]:
    """Name and hash of every piece of a kept release, as its manifest says."""
    pieces: dict[str, str] = json.loads(session.get_one(KeptRelease, release_hash).manifest)["pieces"]
    return pieces


def _changed(release_hash: str, name: str) -> Issue:
    what = f"规则版本 {release_hash[:SHORT]} 的“{name}”与登记时不同，不能用来判定"
    return Issue("RELEASE_CHANGED", what, "数据库", "登记时的原文", "从备份恢复数据库，并查明是谁改的")


def _bodies(session: Session, shas: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(shas), _CHUNK):
        asked = select(ReleaseText).where(ReleaseText.sha256.in_(shas[start : start + _CHUNK]))
        found |= {row.sha256: row.body for row in session.scalars(asked)}
    return found


def propose(session: Session, row: ActivationRow) -> ActivationRow:
    """Add an activation that nobody has agreed to yet, and give it back with its number."""
    session.add(row)
    session.flush()
    return row


def sign(session: Session, number: int, actor: Actor, at: datetime) -> bool:
    """Fill in the next of the two approvals of an activation; whether it counts now."""
    row = session.get_one(ActivationRow, number)
    if row.first_by is None:
        row.first_by, row.first_at = actor.id, at
    elif row.second_by is None:
        row.second_by, row.second_at = actor.id, at
    session.flush()
    return row.second_by is not None


def activations(session: Session, library: str, *, known_at: datetime | None = None) -> list[Activation]:
    """Every activation that counts or may come to count in a library, in the order of recording.

    `known_at`: only proposals and approvals up to that instant, which is included, beside the first release, which was
    never anybody's news; None: everything.
    """
    names = {row.id: row.name for row in session.execute(select(Actor.id, Actor.name))}
    asked = select(ActivationRow).where(ActivationRow.library.in_((COMMON, library))).order_by(ActivationRow.id)
    rows = session.scalars(asked)
    return [
        _activation(row, names, known_at)
        for row in rows
        if row.is_first or known_at is None or row.proposed_at <= known_at
    ]


def _activation(row: ActivationRow, names: dict[str, str], known_at: datetime | None) -> Activation:
    said = ((row.first_by, row.first_at), (row.second_by, row.second_at))
    signed = [Signed(by, names[by], at) for by, at in said if by is not None and at is not None]
    return Activation(
        id=row.id,
        release=row.release_hash,
        since=row.effective_from,
        drafter=Signed(row.drafter, names[row.drafter], row.proposed_at),
        reason=row.reason,
        difference=row.difference,
        signed=tuple(one for one in signed if known_at is None or one.at <= known_at),
        is_first=row.is_first,
        is_demo=row.library != COMMON,
    )
