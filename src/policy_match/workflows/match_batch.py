"""Match a folder of facts with all measures, in parts: on this machine or on a Dask cluster, going on where a run was stopped.

Each part is decided by itself and its result written whole before it counts as done; the results are put together in the order
of the rows. What comes out hangs on the facts, the rules and the day alone: not on the parts, the processes or what was killed.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

import numpy as np

from policy_match import __version__
from policy_match.benefits.formula import Computing
from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Conflict, Issue, UsageError
from policy_match.exchange.fact_folder import FactFolder, open_folder, parts_of, repeated
from policy_match.exchange.release_folder import read_release
from policy_match.exchange.run_files import is_done, merge, write_part
from policy_match.exchange.tables import whole
from policy_match.facts.planes import WORD
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import NUMERIC, Vocabulary
from policy_match.workflows.match_part import PLANES, Run, match_part
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.spread_parts import Part, Spread

MANY = 10**9
"""Pairs from which the compiled loops save more time than they take to load."""
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is to do. `top`: how many measures of a subject and subjects of a measure are listed; `figure`: by which fact
    the subjects are chosen; `rows`: of a part, a multiple of 64."""

    facts: Path
    out: Path
    as_of: date
    top: int
    figure: str
    rows: int
    planes: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a run."""

    subjects: int
    measures: int
    refused: int


def match_batch(asked: Asked, spread: Spread, *, rules: Path, corpus: Path) -> Done:
    """Match every row of the folder; UsageError for a wrong folder, fact or number, Conflict where another run lies in `out`."""
    rulebook = open_rulebook(rules, corpus)
    _check(asked, rulebook.vocabulary)
    folder = open_folder(asked.facts, rulebook.vocabulary)
    chosen = tuple(rulebook.at(measure_id, asked.as_of) for measure_id in rulebook.ids)
    parts_folder = asked.out / "parts"
    _begin(asked, folder, read_release(rules, corpus, __version__).hash, len(chosen))
    run = Run(
        folder=folder,
        vocabulary=rulebook.vocabulary,
        rules=chosen,
        firsts=_greatest_first(chosen, rulebook.vocabulary, asked.as_of),
        as_of=asked.as_of,
        twice=repeated(folder),
        figure=asked.figure,
        top=asked.top,
        planes=asked.out / "planes" if asked.planes else None,
        is_compiled=_is_compiled(folder.size * len(chosen)),
    )
    parts = [*parts_of(folder, asked.rows)]
    left = [part for part in parts if not is_done(parts_folder, part[0])]
    for number, _ in enumerate(spread.run(Work(run, parts_folder), left), start=1 + len(parts) - len(left)):
        _tell(f"{number}/{len(parts)} 份已判定")
    measures = [(rule.id, rule.measure.title, str(rule.measure.version)) for rule in chosen]
    taken, refused = merge(parts_folder, [first for first, _ in parts], asked.out, measures)
    shutil.rmtree(parts_folder)
    return Done(taken, len(chosen), refused)


@dataclass(frozen=True, slots=True)
class Work:
    """Decides a part and keeps what came of it; each process has its own. One part at a time: all share their registers."""

    run: Run
    folder: Path

    def __call__(self, part: Part) -> Part:
        """The part, when what is kept of it has been written."""
        with _one_at_a_time:
            kept = match_part(self.run, *part)
        write_part(self.folder, part[0], kept, [rule.id for rule in self.run.rules])
        return part


def _check(asked: Asked, vocabulary: Vocabulary) -> None:
    if asked.top < 1 or asked.rows < WORD or asked.rows % WORD:
        what = f"--top {asked.top}、--rows {asked.rows}"
        raise UsageError(Issue("NUMBER", f"数目不对：{what}", "", f"--top 至少 1，--rows 是 {WORD} 的倍数", "改正数目"))
    spec = vocabulary.named(asked.figure)
    if spec.type not in NUMERIC:
        what = f"“{spec.label}”不是数"
        raise UsageError(Issue("FACT_KIND", what, "--by", "金额、数目、比例、日期一类的事实", "换一个事实"))


def _begin(asked: Asked, folder: FactFolder, release: str, measures: int) -> None:
    """Note what the run is; Conflict where another one lies in its place, UsageError where something else does."""
    told = {
        "release": release,
        "as_of": asked.as_of.isoformat(),
        "facts": folder.mark,
        "rows": folder.size,
        "top": asked.top,
        "by": asked.figure,
        "planes": asked.planes,
    }
    note = asked.out / "run.json"
    if note.is_file():
        other = json.loads(note.read_text("utf-8"))
        differs = "、".join(key for key, value in told.items() if other.get(key) != value)
        if differs:
            hint = "换一个 --out，或删去这个文件夹重新做"
            raise Conflict(Issue("RUN_OTHER", f"这里是另一次判定（{differs} 不同）", str(asked.out), "", hint))
    elif asked.out.exists() and any(asked.out.iterdir() if asked.out.is_dir() else [asked.out]):
        raise UsageError(Issue("FOLDER", "输出的地方已有别的东西", str(asked.out), "没有或空的文件夹", "换一个 --out"))
    # The note first: whatever is there when a run is killed is known as its own.
    asked.out.mkdir(parents=True, exist_ok=True)
    with whole(note) as place:
        place.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (asked.out / "parts").mkdir(exist_ok=True)
    if asked.planes:
        _make_planes(asked.out / "planes", (measures, -(-folder.size // WORD)))


def _make_planes(folder: Path, shape: tuple[int, int]) -> None:
    folder.mkdir(exist_ok=True)
    for name in PLANES:
        if not (folder / f"{name}.npy").is_file():
            with whole(folder / f"{name}.npy") as place:
                np.lib.format.open_memmap(place, mode="w+", dtype=np.dtype("<u8"), shape=shape).flush()


def _greatest_first(rules: Sequence[Rule], vocabulary: Vocabulary, as_of: date) -> tuple[int, ...]:
    """Places of the measures, the greatest amount first that they can give anybody; then those without one that is known."""
    nobody = Deciding(FactTable(vocabulary, [{}]), as_of)

    def place(at: int) -> tuple[int, str]:
        bounds = Computing(nobody, rules[at]).bounds(0)
        return (0 if bounds is None or bounds[1] is None else -bounds[1], rules[at].id)

    return tuple(sorted(range(len(rules)), key=place))


def _is_compiled(pairs: int) -> bool:
    """Whether the compiled loops are worth loading, and are there."""
    if pairs < MANY:
        return False
    if find_spec("numba") is None:
        _tell("没有安装 numba，改用 NumPy 判定，结果相同，慢几倍（安装 policy-match[large]）")
        return False
    return True


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
