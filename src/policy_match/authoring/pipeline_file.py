"""Read `rules/pipelines/*.yaml` strictly: every name that a file uses is there, every number carries its source.

Refused with file and line: a step, field, role, unit or other pipeline that does not exist, a name given twice, options
where there is nothing to choose, a field of the wrong type, a role that permissions.yaml does not let so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from policy_match.authoring.findings import Findings
from policy_match.authoring.pipeline_checks import Allowed, Checks, option_name
from policy_match.authoring.pipeline_shape import FieldWritten, PipelineWritten, StepWritten
from policy_match.authoring.shape import read_shape
from policy_match.errors import Issue, RuleError, UsageError
from policy_match.pipelines.kinds import Banned, Clock, Credits, Field, Late, Of, Pipeline, Rights, Sort, Step, Type
from policy_match.strict_yaml import read_file


def load_pipelines(folder: Path, allowed: Allowed) -> dict[str, Pipeline]:
    """The pipelines of a folder by id, in the order of their files; RuleError with every fault of every file as
    `file:line`, UsageError without the folder."""
    if not folder.is_dir():
        raise UsageError(
            Issue("FOLDER", f"没有 {folder.name}", str(folder.parent), "pipelines", "检查规则目录是否完整")
        )
    read = [(path, _read(path)) for path in sorted(folder.glob("*.yaml"))]
    ids = {written.id for _, (_, written) in read if written is not None}
    found: dict[str, Pipeline] = {}
    issues: list[Issue] = []
    for path, (findings, written) in read:
        if written is not None:
            Checks(written, findings, allowed, ids).all(path.stem, found.values())
            found[written.id] = _pipeline(written, allowed.units)
        issues += (*findings.document.issues, *findings.issues)
    if issues:
        raise RuleError(*issues)
    return found


def _read(path: Path) -> tuple[Findings, PipelineWritten | None]:
    shown = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    findings = Findings(read_file(path, shown_as=shown))
    return findings, None if findings.document.issues else read_shape(PipelineWritten, findings)


def _pipeline(written: PipelineWritten, units: Mapping[str, str]) -> Pipeline:
    way = [step.id for step in written.steps if step.side is None]
    return Pipeline(
        id=written.id,
        name=written.name,
        group=written.group,
        of=Of(written.of),
        prefix=written.prefix,
        reading=written.reading,
        steps=tuple(map(_step, written.steps)),
        moves=frozenset((move.from_, move.to) for move in written.moves),
        opens_at=tuple(written.opens_at or way[:1]),
        fields=tuple(_field(one, units) for one in written.fields),
        rights=Rights(frozenset(written.reads), frozenset(written.counts_only), frozenset(written.writes)),
        same=tuple(written.same),
        expires=written.expires,
        banned=tuple(
            Banned(tuple(one.fields), tuple(one.words), tuple(one.but), one.code, one.hint) for one in written.refuse
        ),
        clocks=tuple(Clock(one.name, one.step, one.until) for one in written.clocks),
        late=tuple(Late(one.field, one.after, one.says) for one in written.late),
        every_quarter=None if written.every is None else written.every.step,
        credits=None if written.credits is None else Credits(written.credits.project, tuple(written.credits.by)),
        count_by=tuple(written.count_by),
        sums=tuple(written.sums),
    )


def _step(written: StepWritten) -> Step:
    return Step(
        id=written.id,
        name=written.name,
        sort=Sort(written.side or Sort.WAY),
        evidence=tuple(written.evidence),
        reasons=tuple(written.reasons),
        limit=None if written.limit is None else written.limit.days,
        most=None if written.most is None else written.most.times,
        source=next((one.source for one in (written.limit, written.most) if one is not None), ""),
    )


def _field(written: FieldWritten, units: Mapping[str, str]) -> Field:
    owned = [option for option in written.options if not isinstance(option, str)]
    return Field(
        id=written.id,
        name=written.name,
        type=Type(written.type),
        needed_at=written.needed_at,
        options=tuple(option_name(option) for option in written.options),
        owners={option.name: units.get(option.owner, option.owner) for option in owned},
        when={other: frozenset(values) for other, values in written.when.items()},
        unit=written.unit or "",
        pipeline=written.pipeline or "",
        is_sensitive=written.sensitive,
    )
