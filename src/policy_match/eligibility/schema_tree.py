"""The shape of conditions, of the trees that join them, and of shared definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from policy_match.eligibility.schema_words import CanChange, Name, Operator, Plain, Say, Strict, refused

BOUNDS: dict[Operator, str] = {
    "at_most": "at_most",
    "less_than": "less_than",
    "at_least": "at_least",
    "more_than": "more_than",
    "one_of": "one_of",
    "within_tree": "within_tree",
    "is": "is_",
}


class Bound(Strict):
    """The guard of a table row; a row without any bound is the last one."""

    at_most: Plain | None = None
    less_than: Plain | None = None
    at_least: Plain | None = None
    more_than: Plain | None = None
    is_: Plain | None = Field(default=None, alias="is")
    one_of: list[str] | None = None
    within_tree: list[str] | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if sum(getattr(self, name) is not None for name in BOUNDS.values()) > 1:
            raise refused("一行写了两个界限", "、".join(BOUNDS), "每行只写一个界限")
        return self

    @property
    def guard(self) -> tuple[Operator, Plain | list[str]] | None:
        """Operator and value of the bound; None for the last row."""
        for op, name in BOUNDS.items():
            value = getattr(self, name)
            if value is not None:
                return op, value
        return None


class ThresholdRow(Bound):
    """One row of a threshold table."""

    value: Plain


class Granted(Strict):
    """Window in which an honour was granted; either end may be open."""

    from_: str | None = Field(default=None, alias="from")
    through: str | None = None


# Keys that only some operators read; elsewhere they would be silently without effect.
_KEYS_OF: dict[str, tuple[str, tuple[Operator, ...]]] = {
    "except_": ("except", ("within_tree",)),
    "at": ("at", ("age_at_least",)),
    "of": ("of", ("within",)),
    "from_": ("from", ("within",)),
    "to": ("to", ("within",)),
    "base": ("base", ("growth_at_least",)),
    "granted": ("granted", ("has_any",)),
    "validity": ("validity", ("has_any",)),
    "level": ("level", ("has_any",)),
}


class FactCondition(Strict):
    """One fact, one operator, one value (or a table of values by another fact).

    `place`, here and elsewhere: the article of the source that it was read from; decides nothing.
    """

    fact: str
    op: Operator
    value: Plain | list[Plain] | None = None
    except_: list[str] = Field(default=[], alias="except")
    by: str | None = None
    rows: list[ThresholdRow] = []
    at: str | None = None
    of: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    base: str | None = None
    granted: Granted | None = None
    validity: Literal["needed", "not_needed"] = "needed"
    level: str | None = None
    can_change: CanChange = "never"
    label: Say | None = None
    place: Say | None = None

    @model_validator(mode="after")
    def _keys_are_read(self) -> FactCondition:
        for name in self.model_fields_set & _KEYS_OF.keys():
            key, operators = _KEYS_OF[name]
            if self.op not in operators:
                raise refused(f"{self.op} 不用 {key}", f"{key} 只用于 {'、'.join(operators)}", "删去，或改运算词")
        if (self.by is None) != (not self.rows) or (self.rows and self.value is not None):
            raise refused("分档表写得不全", "by 和 rows 一起写，不再写 value", "补上缺的一项，或删去多的一项")
        return self


class HumanCondition(Strict):
    """What only people can judge: unknown until they do."""

    human: Say
    place: Say | None = None


class AssumedCondition(Strict):
    """A precondition that no fact expresses: taken as given and printed with the answer."""

    assumed: Say
    place: Say | None = None


# The tags differ from the keys, because an error names both on its way.
def _condition_kind(data: object) -> str:
    if isinstance(data, dict):
        return next((f"as_{kind}" for kind in ("human", "assumed") if kind in data), "as_fact")
    if isinstance(data, HumanCondition):
        return "as_human"
    return "as_assumed" if isinstance(data, AssumedCondition) else "as_fact"


Condition = Annotated[
    Annotated[FactCondition, Tag("as_fact")]
    | Annotated[HumanCondition, Tag("as_human")]
    | Annotated[AssumedCondition, Tag("as_assumed")],
    Discriminator(_condition_kind),
]


class AllOf(Strict):
    """Every part holds."""

    all: list[Tree] = Field(min_length=1)


class AnyOf(Strict):
    """At least one part holds."""

    any: list[Tree] = Field(min_length=1)


class Not(Strict):
    """The part does not hold."""

    not_: Tree = Field(alias="not")


class AtLeastBody(Strict):
    """`n` of the parts."""

    n: int = Field(ge=1)
    of: list[Tree] = Field(min_length=1)


class AtLeast(Strict):
    """At least n of the parts hold."""

    at_least: AtLeastBody


class TreeRow(Bound):
    """One row of a group table."""

    then: Tree


class RowsBody(Strict):
    """Groups by a fact: the first row that holds counts."""

    by: str
    rows: list[TreeRow] = Field(min_length=1)


class Rows(Strict):
    """A group table in a tree."""

    rows: RowsBody


class IfApplicableBody(Strict):
    """`then` is asked only where `when` holds."""

    when: Tree
    then: Tree


class IfApplicable(Strict):
    """Not `when`, or `then`; shown as not applicable where `when` is false."""

    if_applicable: IfApplicableBody


_TREE_KEYS = frozenset({"all", "any", "not", "at_least", "rows", "if_applicable"})


def _tree_kind(data: object) -> str:
    if isinstance(data, str):
        return "name"
    if isinstance(data, dict) and len(data) == 1:
        key = next(iter(data))
        return key if key in _TREE_KEYS else "unknown"
    return "unknown"


Tree = Annotated[
    Annotated[str, Tag("name")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[AtLeast, Tag("at_least")]
    | Annotated[Rows, Tag("rows")]
    | Annotated[IfApplicable, Tag("if_applicable")],
    Discriminator(_tree_kind),
]


class Definition(Strict):
    """A shared group of conditions (exclusion lists, 五大产业…) that measures take up by `use`."""

    schema_: Literal["definition/1"] = Field(alias="schema")
    id: Name
    title: Say
    kind: Literal["condition", "exclusion"] = "condition"
    source: Say
    use: list[str] = []
    conditions: dict[Name, Condition] = {}
    holds_when: Tree


def parts_of(tree: Tree) -> tuple[Tree, ...]:
    """Direct parts of a tree node; none for a name."""
    if isinstance(tree, AllOf):
        return tuple(tree.all)
    if isinstance(tree, AnyOf):
        return tuple(tree.any)
    if isinstance(tree, Not):
        return (tree.not_,)
    if isinstance(tree, AtLeast):
        return tuple(tree.at_least.of)
    if isinstance(tree, Rows):
        return tuple(row.then for row in tree.rows.rows)
    if isinstance(tree, IfApplicable):
        return (tree.if_applicable.when, tree.if_applicable.then)
    return ()


def names_in(tree: Tree) -> Iterator[str]:
    """Condition and definition names used in a tree, in reading order."""
    if isinstance(tree, str):
        yield tree
    for part in parts_of(tree):
        yield from names_in(part)


def depth_of(tree: Tree) -> int:
    """Nesting depth; a name is 1."""
    return 1 + max((depth_of(part) for part in parts_of(tree)), default=0)
