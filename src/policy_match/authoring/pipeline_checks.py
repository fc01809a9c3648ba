"""What the shape of a pipeline file cannot tell: that everything it names is there, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.pipeline_shape import FieldWritten, OptionWritten, PipelineWritten
from policy_match.pipelines.kinds import SAME_WORDS, Pipeline, Type

_NUMBERS = frozenset({Type.MONEY, Type.COUNT})
_COUNTED = frozenset({Type.CHOICE, Type.UNITS, Type.ITEM, Type.TEXT})


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a file may name: roles that may read and write at all, and units; no units leave their names free."""

    readers: Collection[str]
    writers: Collection[str]
    units: Mapping[str, str]


class Checks:
    """What the shape alone cannot tell."""

    def __init__(self, written: PipelineWritten, findings: Findings, allowed: Allowed, ids: Collection[str]) -> None:
        self.written, self.findings, self.allowed, self.ids = written, findings, allowed, ids
        self.steps = {step.id: step for step in written.steps}
        self.fields = {one.id: one for one in written.fields}

    def all(self, stem: str, before: Iterable[Pipeline]) -> None:
        """Names of the file itself, then what its parts name."""
        if self.written.id != stem:
            self.findings.refuse("PIPELINE_NAME", f"编号“{self.written.id}”与文件名不同", ("id",), stem, "改成一样")
        for other in before:
            if other.prefix == self.written.prefix:
                what = f"字头“{other.prefix}”与“{other.name}”相同"
                self.findings.refuse("PIPELINE_TWICE", what, ("prefix",), "没有用过的字头", "换一个")
        self.once([step.id for step in self.written.steps], "steps", "步骤")
        self.once([one.id for one in self.written.fields], "fields", "字段")
        self.all_steps()
        for place, one in enumerate(self.written.fields):
            self.one_field(one, ("fields", place))
        self.parts()
        self.roles()

    def once(self, names: list[str], key: str, what: str) -> None:
        for place, name in enumerate(names):
            if name in names[:place]:
                self.findings.refuse(
                    "PIPELINE_TWICE", f"{what}“{name}”写了两次", (key, place, "id"), "每个一次", "改名"
                )

    def all_steps(self) -> None:
        way = [step.id for step in self.written.steps if step.side is None]
        if len(way) < 2:
            self.findings.refuse("PIPELINE_NAME", "不写 side 的步骤不足两个", ("steps",), "至少两个", "补上步骤")
        for place, move in enumerate(self.written.moves):
            self.step(move.from_, ("moves", place, "from"))
            self.step(move.to, ("moves", place, "to"))
        for place, name in enumerate(self.written.opens_at):
            self.known(name, way, ("opens_at", place), "步骤")

    def one_field(self, one: FieldWritten, at: Place) -> None:
        if one.needed_at is not None:
            self.step(one.needed_at, (*at, "needed_at"))
        if bool(one.options) != (one.type == "choice"):
            what = "choice 要写 options，其他类型不写"
            self.findings.refuse("PIPELINE_NAME", what, at, "choice 和 options 一起写", "补上或删去 options")
        if (one.pipeline is not None) != (one.type == "item"):
            what = "item 要写 pipeline，其他类型不写"
            self.findings.refuse("PIPELINE_NAME", what, at, "item 和 pipeline 一起写", "补上或删去 pipeline")
        if one.type == "count" and one.unit is None:
            self.findings.refuse("PIPELINE_NAME", "count 要写 unit", at, "如 人", "补上单位")
        if one.pipeline is not None:
            self.known(one.pipeline, self.ids, (*at, "pipeline"), "清单")
        for place, option in enumerate(one.options):
            if not isinstance(option, str) and self.allowed.units:
                self.known(option.owner, self.allowed.units, (*at, "options", place, "owner"), "单位")
        for other, values in one.when.items():
            self.condition(other, values, (*at, "when", other))

    def condition(self, other: str, values: list[str], at: Place) -> None:
        self.known(other, [name for name, one in self.fields.items() if one.type == "choice"], at, "选择字段")
        options = [option_name(option) for option in self.fields[other].options] if other in self.fields else []
        for place, value in enumerate(values):
            self.known(value, options, (*at, place), "选项")

    def parts(self) -> None:
        """What names fields and steps beside them."""
        written = self.written
        days = self.of_types({Type.DAY})
        texts = self.of_types({Type.TEXT})
        for place, name in enumerate(written.same):
            self.known(name, [*SAME_WORDS, *self.fields], ("same", place), "字段")
        if written.expires is not None:
            self.known(written.expires, days, ("expires",), "日期字段")
        for place, banned in enumerate(written.refuse):
            for at, name in enumerate(banned.fields):
                self.known(name, texts, ("refuse", place, "fields", at), "文字字段")
        for place, clock in enumerate(written.clocks):
            self.step(clock.step, ("clocks", place, "step"))
            self.known(clock.until, days, ("clocks", place, "until"), "日期字段")
        for place, late in enumerate(written.late):
            self.known(late.field, days, ("late", place, "field"), "日期字段")
            self.known(late.after, days, ("late", place, "after"), "日期字段")
        if written.every is not None:
            self.step(written.every.step, ("every", "step"))
        if written.credits is not None:
            self.known(written.credits.project, self.of_types({Type.PROJECT}), ("credits", "project"), "项目字段")
            for place, name in enumerate(written.credits.by):
                self.known(name, self.of_types(_COUNTED, sensitive=False), ("credits", "by", place), "可以计数的字段")
        self.counted()

    def counted(self) -> None:
        """Sensitive fields are counted by nobody: a count of one is the field itself."""
        for place, name in enumerate(self.written.count_by):
            self.known(name, self.of_types(_COUNTED, sensitive=False), ("count_by", place), "可以计数的字段")
        for place, name in enumerate(self.written.sums):
            self.known(name, self.of_types(_NUMBERS, sensitive=False), ("sums", place), "金额或数量字段")

    def roles(self) -> None:
        for key, names, known in (
            ("reads", self.written.reads, self.allowed.readers),
            ("counts_only", self.written.counts_only, self.allowed.readers),
            ("writes", self.written.writes, [role for role in self.written.reads if role in self.allowed.writers]),
        ):
            for place, name in enumerate(names):
                self.known(name, known, (key, place), "可以这样的角色")

    def of_types(self, types: Collection[Type], *, sensitive: bool = True) -> list[str]:
        return [
            name for name, one in self.fields.items() if Type(one.type) in types and (sensitive or not one.sensitive)
        ]

    def step(self, name: str, at: Place) -> None:
        self.known(name, self.steps, at, "步骤")

    def known(self, name: str, names: Collection[str], at: Place, what: str) -> None:
        if name not in names:
            allowed = "、".join(names) or "（没有）"
            self.findings.refuse("PIPELINE_NAME", f"没有{what}“{name}”", at, allowed[:400], "核对名称")


def option_name(written: str | OptionWritten) -> str:
    """What an option is called, with its unit in charge or without."""
    return written if isinstance(written, str) else written.name
