"""The monthly dispatch as one page: self-contained, without script, charts as SVG with their table, to be printed on A4."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from policy_match.dispatch.report import Dispatch
from policy_match.dispatch.tables import Group
from policy_match.dispatch.wording import Unit, with_unit
from policy_match.exchange.dispatch_sheets import Sheet, cell_text, head, sheets
from policy_match.exchange.dispatch_text import UNKNOWN, paragraphs
from policy_match.exchange.letterhead import Letterhead

_NUMBER = re.compile(r"|—|约?[+-]?\d[\d.]*(%|个|亿元)?")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: `value` filled plainly, `observed` after it hatched; `tone` names the colour; `text` stands at its end."""

    name: str
    value: int
    observed: int
    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart. `text`: what it shows, in words; `longest`: the value of the longest bar, at least 1."""

    id: str
    title: str
    text: str
    bars: tuple[Bar, ...]
    funnel: bool = False

    @property
    def longest(self) -> int:
        """The value that a bar of full width has."""
        return max((bar.value + bar.observed for bar in self.bars), default=0) or 1


def page(dispatch: Dispatch, letterhead: Letterhead) -> bytes:
    """The page."""
    template = _TEMPLATES.get_template("dispatch.html")
    month = f"{dispatch.snapshot.month.year}年{dispatch.snapshot.month.number}月"
    text = template.render(
        letterhead=letterhead, month=month, head=head(dispatch, letterhead), **_shown(dispatch, most=None)
    )
    return text.encode()


def body(dispatch: Dispatch, most: int) -> str:
    """What stands in the page below its title, as HTML to be put into another page; of each table `most` rows."""
    return _TEMPLATES.get_template("dispatch_body.html").render(**_shown(dispatch, most=most))


def _shown(dispatch: Dispatch, *, most: int | None) -> dict[str, object]:
    return {
        "most": most,
        "is_preview": dispatch.snapshot.closed_at is None,
        "key_figures": _key_figures(dispatch),
        "paragraphs": {paragraph.title: paragraph.text for paragraph in paragraphs(dispatch)},
        "sheets": sheets(dispatch),
        "charts": _charts(dispatch),
        "cell_text": cell_text,
        "is_number": _is_number,
    }


def _is_number(sheet: Sheet, column: int) -> bool:
    """Whether a column holds nothing but numbers, so that it is set flush right."""
    cells = [cell_text(row[column]) for row in sheet.rows]
    return any(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)


def _key_figures(dispatch: Dispatch) -> tuple[tuple[str, str], ...]:
    total = dispatch.breakdown("total").groups[0]
    lights = {group.id: len(group.projects) for group in dispatch.breakdown("lights").groups}
    said = {figure.id: figure for block in dispatch.blocks for figure in block.figures}
    counts = (("本月签约", "signed_month"), ("本月新开工", "started_month"), ("本月竣工", "completed_month"), ("本月投产", "produced_month"))  # fmt: skip
    return (
        ("在库项目", f"{len(total.projects)}个"),
        ("总投资", UNKNOWN if total.fen is None else with_unit(total.fen, Unit.MONEY)),
        *((name, UNKNOWN if said[figure].value is None else f"{said[figure].value}个") for name, figure in counts),
        ("红灯项目", f"{lights['red']}个"),
        ("黄灯项目", f"{lights['yellow']}个"),
    )


def _charts(dispatch: Dispatch) -> dict[str, Chart]:
    onward = dispatch.breakdown("points_onward").groups
    tiers, units = dispatch.breakdown("tiers").groups, dispatch.breakdown("units").groups
    lights = dispatch.breakdown("lights").groups
    charts = (
        Chart("funnel", "走到各跟踪点及以后的项目", _said(onward), _bars(onward), funnel=True),
        Chart("tiers", "各投资档的项目", _said(tiers), _bars(tiers)),
        Chart("units", "各辖市区的项目", _said(units), _bars(units)),
        Chart("lights", "各色灯的项目", _said(lights), tuple(
            Bar(group.name, len(group.projects), 0, f"{len(group.projects)}个", group.id or "none") for group in lights
        )),
    )  # fmt: skip
    return {chart.id: chart for chart in charts}


def _bars(groups: Sequence[Group]) -> tuple[Bar, ...]:
    return tuple(
        Bar(group.name, len(group.projects) - len(group.observed), len(group.observed), f"{len(group.projects)}个")
        for group in groups
    )


def _said(groups: Sequence[Group]) -> str:
    return "，".join(f"{group.name}{len(group.projects)}个" for group in groups)
