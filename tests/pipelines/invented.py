"""An invented pipeline with every part that a file may have, and the shipped ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.authoring.pipeline_checks import Allowed
from policy_match.authoring.pipeline_file import load_pipelines
from policy_match.pipelines.kinds import Pipeline

ROOT = Path(__file__).resolve().parents[2]
BORROWED = """\
schema: pipeline/1
id: borrowed
name: 示范借阅
group: 示范
of: none
prefix: JY
reading: 示范，不是政策。
steps:
  - {id: asked, name: 提出, limit: {days: 5, source: D}}
  - {id: lent, name: 借出, evidence: [借条], most: {times: 1, source: D}}
  - {id: read, name: 阅读}
  - {id: back, name: 归还}
  - {id: held, name: 暂停, side: pause}
  - {id: lost, name: 遗失, side: end, reasons: [火灾, 水灾]}
moves: [{from: asked, to: read}, {from: read, to: lent}, {from: lost, to: asked}]
opens_at: [asked, lent]
fields:
  - {id: title, name: 书名, type: text, needed_at: asked}
  - {id: kind, name: 种类, type: choice, options: [纸书, 录音], needed_at: asked}
  - {id: pages, name: 页数, type: count, unit: 页, needed_at: lent, when: {kind: [纸书]}}
  - {id: price, name: 押金, type: money}
  - {id: due_on, name: 应还日, type: day, needed_at: lent}
  - {id: back_on, name: 实还日, type: day}
  - {id: until, name: 有效期至, type: day}
  - {id: month, name: 月份, type: month}
  - {id: note, name: 备注, type: text, needed_at: held, sensitive: true}
same: [title, opened_week]
expires: until
refuse:
  - {fields: [title, note], words: [限男], but: [不限男女], code: BOOK_WORDS, hint: 删去, source: D}
clocks: [{name: 在外, step: lent, until: back_on}]
late: [{field: back_on, after: due_on, says: 还晚了}]
every: {period: quarter, step: lent, source: D}
count_by: [kind]
sums: [price]
reads: [labour, district, auditor]
counts_only: [development]
writes: [labour, district]
"""


@cache
def allowed() -> Allowed:
    """Every role may read, all but the auditor write; units are free."""
    roles = load_lifecycle(ROOT / "rules" / "lifecycle.yaml").roles
    return Allowed(frozenset(roles), frozenset(roles) - {"auditor"}, {})


def written(folder: Path, text: str = BORROWED, name: str = "borrowed") -> Path:
    """A folder of rules with one pipeline."""
    place = folder / "rules" / "pipelines"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}.yaml").write_text(text, "utf-8")
    return place


@cache
def shipped() -> dict[str, Pipeline]:
    """The shipped pipelines by id."""
    return load_pipelines(ROOT / "rules" / "pipelines", allowed())
