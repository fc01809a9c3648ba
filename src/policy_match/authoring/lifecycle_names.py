"""The names that a lifecycle file defines, and the terms and amounts it writes, each checked at its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.lifecycle_shape import WrittenLifecycle
from policy_match.lifecycle.table import LEAD
from policy_match.working_days import Term, parse_term

PLANNED = "planned:"
_Amount = TypeVar("_Amount")


class Names:
    """What may be named. `labels`: Chinese names of points, steps and marks by id."""

    def __init__(self, written: WrittenLifecycle, findings: Findings) -> None:
        self.findings = findings
        self.roles = tuple(written.roles)
        self.variants = tuple(written.variants)
        self.stages = "、".join(written.stages)
        self.points = tuple(point.id for point in written.points)
        self.steps = tuple(step.id for step in written.milestones if step.id is not None)
        self.labels: dict[str, str] = dict(written.marks)
        self.labels |= {step.id: step.name for step in written.milestones if step.id and step.name}
        self.labels |= {point.id: point.name for point in written.points}
        self._stages = frozenset(written.stages)

    def point(self, name: str, at: Place) -> bool:
        """Whether a point is known."""
        return self._known(name, self.points, at, "LIFECYCLE_POINT", "跟踪点")

    def role(self, name: str, at: Place, *, lead: bool = False) -> bool:
        """Whether a role is known; `lead`: whichever leads may stand for it."""
        return self._known(name, (*self.roles, LEAD) if lead else self.roles, at, "LIFECYCLE_ROLE", "单位")

    def step(self, name: str, at: Place) -> bool:
        """Whether a milestone is known."""
        return self._known(name, self.steps, at, "LIFECYCLE_STEP", "里程碑")

    def stage(self, name: str, at: Place) -> bool:
        """Whether a stage is known."""
        return self._known(name, self._stages, at, "LIFECYCLE_STAGE", "阶段")

    def variant(self, name: str, at: Place) -> bool:
        """Whether a kind of project is known."""
        return self._known(name, self.variants, at, "LIFECYCLE_VARIANT", "项目种类")

    def variants_in(self, names: Iterable[str], at: Place) -> frozenset[str]:
        """Kinds of project, each checked."""
        return frozenset(name for place, name in enumerate(names) if self.variant(name, (*at, place)))

    def stages_in(self, names: Iterable[str], at: Place) -> frozenset[str]:
        """Stages, each checked."""
        return frozenset(name for place, name in enumerate(names) if self.stage(name, (*at, place)))

    def day(self, name: str, at: Place) -> bool:
        """Whether a clock can read the day: of a point, step or mark, or `planned:` before a point or step."""
        if name.startswith(PLANNED):
            return self._known(
                name.removeprefix(PLANNED), (*self.points, *self.steps), at, "LIFECYCLE_DAY", "跟踪点或里程碑"
            )
        return self._known(name, tuple(self.labels), at, "LIFECYCLE_DAY", "跟踪点、里程碑或日期标记")

    def term(self, text: str, at: Place, *, working: bool = True) -> Term:
        """A term; an empty one, and its fault told, where it cannot be read or is in working days and may not be."""
        term = self.findings.read(at, partial(parse_term, text))
        if term is not None and term.working and not working:
            self.findings.refuse("TERM_UNIT", f"“{text}”不能以工作日计", at, "天、个月、年", "改单位")
        return Term() if term is None else term

    def days(self, text: str, at: Place) -> int:
        """A term in calendar days alone."""
        term = self.term(text, at)
        if term.working or term.period.months:
            self.findings.refuse("TERM_UNIT", f"“{text}”应以天计", at, "30天", "改单位")
        return term.period.days

    def amount(self, text: str, at: Place, parse: Callable[[str], _Amount]) -> _Amount | int:
        """An amount as `parse` reads it; 0, and its fault told, where it cannot be read."""
        found = self.findings.read(at, partial(parse, text))
        return 0 if found is None else found

    def once(self, key: str, names: Sequence[str], inside: Place = ()) -> None:
        """Every id of a list is written once."""
        for place, name in enumerate(names):
            if name in names[:place]:
                self.findings.refuse(
                    "LIFECYCLE_TWICE", f"“{name}”写了两次", (key, *inside, place), "每项一次", "改名或删去"
                )

    def _known(self, name: str, known: Iterable[str], at: Place, code: str, word: str) -> bool:
        allowed = sorted(known)
        if name in allowed:
            return True
        self.findings.refuse(code, f"{word}“{name}”不认识", at, "、".join(allowed), "改名，或先在文件中登记")
        return False
