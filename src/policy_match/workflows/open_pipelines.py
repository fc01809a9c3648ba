"""Open the pipelines of the archive's rules, and those of them that somebody may see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from policy_match.access.permissions import Capability, Permissions, Reach, Right
from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.authoring.pipeline_checks import Allowed
from policy_match.authoring.pipeline_file import load_pipelines
from policy_match.errors import Issue, NotFound
from policy_match.exchange.permissions_file import load_permissions
from policy_match.facts.vocabulary import Vocabulary
from policy_match.pipelines.kinds import Pipeline
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive

PIPELINES = "pipelines"
_Stamp = tuple[tuple[str, int, int], ...]


def open_pipelines(archive: Archive) -> Mapping[str, Pipeline]:
    """Read rules/pipelines by id; RuleError with every fault, UsageError without the folder."""
    return _opened(archive.rules, archive.permissions, archive.vocabulary)


def check_pipelines(rules: Path, vocabulary: Vocabulary) -> None:
    """Read the pipelines of a rule folder that has some, and the lifecycle and permissions that they speak of; RuleError
    with every fault."""
    if all((rules / name).exists() for name in (PIPELINES, "lifecycle.yaml", "permissions.yaml")):
        table = load_lifecycle(rules / "lifecycle.yaml")
        _opened(rules, load_permissions(rules / "permissions.yaml", table, vocabulary), vocabulary)


def _opened(rules: Path, permissions: Permissions, vocabulary: Vocabulary) -> Mapping[str, Pipeline]:
    row, folder = permissions.capabilities[PIPELINES], rules / PIPELINES
    units = frozenset(vocabulary.taxonomies.unit_names.items())
    return _loaded(folder, _stamp(folder), _roles(row, Right.READ), _roles(row, Right.WRITE), units)


# Twenty files take 30 ms to read strictly, and a row of an import that names another item would pay them again.
@lru_cache(maxsize=4)
def _loaded(
    folder: Path, _stamp: _Stamp, readers: frozenset[str], writers: frozenset[str], units: frozenset[tuple[str, str]]
) -> Mapping[str, Pipeline]:
    return load_pipelines(folder, Allowed(readers, writers, dict(units)))


def _stamp(folder: Path) -> _Stamp:
    """What changes when a file of the folder does."""
    files = ((path.name, path.stat()) for path in sorted(folder.glob("*.yaml")))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)


def _roles(row: Capability, right: Right) -> frozenset[str]:
    return frozenset(role for role, cell in row.cells.items() if right in cell.reach)


def reach_of(archive: Archive, who: Actor, right: Right) -> Reach | None:
    """How far somebody's right over pipelines goes by permissions.yaml; None: not at all."""
    cell = archive.permissions.capabilities[PIPELINES].cells.get(who.role)
    return None if cell is None else cell.reach.get(right)


def pipelines_seen(archive: Archive, who: Actor) -> dict[str, Pipeline]:
    """Those of which somebody sees the items or their counts, by id."""
    return {
        pipeline.id: pipeline
        for pipeline in open_pipelines(archive).values()
        if who.role in pipeline.rights.reads | pipeline.rights.counts
    }


def find_pipeline(archive: Archive, who: Actor, pipeline_id: str) -> Pipeline:
    """One of them; NotFound PIPELINE_UNKNOWN, with those that are seen, for one that is hidden as for one that is not there."""
    seen = pipelines_seen(archive, who)
    if pipeline_id not in seen:
        allowed = "、".join(f"{one.id} {one.name}" for one in seen.values())
        raise NotFound(Issue("PIPELINE_UNKNOWN", f"没有清单“{pipeline_id[:40]}”", "", allowed, "改用列出的一种"))
    return seen[pipeline_id]
