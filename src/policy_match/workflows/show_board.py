"""The board of the leads (`report board`): the city, its districts, their parks, their projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_match.dispatch.board import BoardLine, Level, board
from policy_match.dispatch.wording import Unit, with_unit
from policy_match.exchange.reports import FORMS, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.lifecycle.standing import Standing
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View

TITLE = "市区联动看板"
NO_PARK = "不在开发区"
_FIGURES = ("项目数", "总投资", "投资未知", "红灯项目", "未结问题单")


@dataclass(frozen=True, slots=True)
class Park:
    """A development zone of a district; `name` None: the projects that lie in none."""

    district: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """All levels. `parks`, `projects`: the lines of each district, and of each park."""

    city: BoardLine
    districts: tuple[BoardLine, ...]
    parks: Mapping[str | None, tuple[BoardLine, ...]]
    projects: Mapping[Park, tuple[BoardLine, ...]]
    names: Mapping[str, str]


def report_board(
    archive: Archive, library: str, view: View, *, area: Area | None, form: str | None, out: Path | None
) -> None:
    """Write the board; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(board_report(archive, library, view, area), form, out)


def show_board(archive: Archive, library: str, view: View, area: Area | None) -> Board:
    """The board of a library on a day, or the part of one district."""
    with archive.database.reading() as session:
        standings = list_standings(session, archive, library, view)
    rows = [row for row in standings if row.is_active and (area is None or row.district == area.district)]
    districts = board(rows, Level.DISTRICT)
    parks = {one.key: board(_of(rows, one.key), Level.PARK) for one in districts}
    places = [Park(district, one.key) for district, lines in parks.items() for one in lines]
    return Board(
        city=board(rows, Level.CITY)[0],
        districts=districts,
        parks=parks,
        projects={
            park: board([row for row in _of(rows, park.district) if row.place == park.name], Level.PROJECT)
            for park in places
        },
        names={row.code: row.name for row in rows},
    )


def _of(rows: Sequence[Standing], district: str | None) -> list[Standing]:
    return [row for row in rows if row.district == district]


def board_report(archive: Archive, library: str, view: View, area: Area | None) -> Report:
    """The same as a report."""
    found = show_board(archive, library, view, area)
    parks = [(district, one) for district, lines in found.parks.items() for one in lines]
    projects = [(park, one) for park, lines in found.projects.items() for one in lines]
    whole = ("全市" if area is None else area.name, *line_cells(found.city))
    return Report(
        id="board",
        title=TITLE,
        as_of=view.as_of,
        grids=(
            Grid("辖市区", ("辖市区", *_FIGURES), tuple(map(_district_row, found.districts))),
            Grid("合计", ("范围", *_FIGURES), (whole,)),
            Grid("园区", ("辖市区", "园区", *_FIGURES), tuple(_park_row(*pair) for pair in parks)),
            Grid(
                "项目",
                ("辖市区", "园区", "编号", "项目", *_FIGURES),
                tuple(_project_row(*pair, found) for pair in projects),
            ),
        ),
        content={
            "library": library,
            "district": None if area is None else area.district,
            "city": _plain(found.city),
            "districts": [{"district": one.key, **_plain(one)} for one in found.districts],
            "parks": [{"district": district, "park": one.key, **_plain(one)} for district, one in parks],
            "projects": [
                {"district": park.district, "park": park.name, "code": one.key, **_plain(one)} for park, one in projects
            ],
        },
        notes=(("项目库", shown_library(library)), ("范围", scope_name(area))),
    )


def line_cells(one: BoardLine) -> tuple[str, ...]:
    """The figures of a line, in the order of the header."""
    return (str(one.projects), with_unit(one.fen, Unit.MONEY), str(one.lacking), str(one.red), str(one.tickets))


def _district_row(one: BoardLine) -> tuple[str, ...]:
    return (district_name(one.key), *line_cells(one))


def _park_row(district: str | None, one: BoardLine) -> tuple[str, ...]:
    return (district_name(district), one.key or NO_PARK, *line_cells(one))


def _project_row(park: Park, one: BoardLine, found: Board) -> tuple[str, ...]:
    code = one.key or ""
    return (district_name(park.district), park.name or NO_PARK, code, found.names[code], *line_cells(one))


def _plain(one: BoardLine) -> dict[str, Plain]:
    return {
        "projects": one.projects, "investment_fen": one.fen, "investment_unknown": one.lacking, "red": one.red,
        "open_tickets": one.tickets,
    }  # fmt: skip
