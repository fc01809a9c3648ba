"""The districts of Changzhou as a grid of equal tiles: shaded as SVG, and as polygons.

The arrangement is our own, roughly where the districts lie. It is no survey: its units are tiles, not degrees. What has no
tile (the city's own projects, those of no known district) stands below the grid and has no polygon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

# District, column from the west and row from the north.
TILES = {
    "320411": (1, 0), "320413": (0, 1), "320404": (1, 1), "320402": (2, 1), "JK": (3, 1), "320481": (0, 2),
    "320412": (1, 2),
}  # fmt: skip
COLUMNS, ROWS = 4, 3
NOTE = "格网示意图：一格一个辖市区，大致按方位摆放；不是测绘成果，不表示边界、面积和坐标"
_WIDE, _HIGH, _GAP, _EDGE, _BELOW = 130, 112, 8, 8, 30
_KEY = 132
Place = list[list[list[int]]]


@dataclass(frozen=True, slots=True)
class Tone:
    """A filling and the ink that is read on it."""

    fill: str
    ink: str


_DARK, _PALE = "#1b2330", "#ffffff"
NOTHING, UNKNOWN = Tone("#ffffff", _DARK), Tone("#edf0f5", _DARK)
SHADES = (
    Tone("#e3edf8", _DARK), Tone("#bcd5ee", _DARK), Tone("#8fb8e0", _DARK), Tone("#2f6aae", _PALE), Tone("#174a86", _PALE),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """What a tile shows. `value` decides its shade, None: not known; `lines`: its name and figures; `text`: the same as a
    sentence."""

    district: str
    value: int | None
    lines: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """`text`: all figures in words, for whoever does not see the picture; `notes` stand below it; `shaded`: what the
    shades tell; `most`: the greatest value in words."""

    title: str
    text: str
    figures: tuple[Figure, ...]
    shaded: str
    most: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle with what is written in it, or beside it."""

    id: str
    x: int
    y: int
    tone: Tone
    lines: tuple[str, ...]
    text: str
    width: int = _WIDE
    height: int = _HIGH

    @property
    def is_open(self) -> bool:
        """Whether its value is not known, which shows in its edge, too."""
        return self.tone is UNKNOWN


def draw(picture: Picture, links: Mapping[str, str] | None = None) -> str:
    """The picture as SVG, the same text for the same figures. `links`: addresses by district; a picture without any is an
    image, one with links a group of them."""
    key_y = _EDGE + (ROWS + 1) * (_HIGH + _GAP) + _BELOW + 10
    return _TEMPLATES.get_template("tile_map.svg").render(
        map=picture,
        tiles=_tiles(picture.figures),
        key=_key(picture, key_y),
        key_y=key_y,
        links=links or {},
        width=2 * _EDGE + COLUMNS * (_WIDE + _GAP) - _GAP,
        height=key_y + 34 + 20 * len(picture.notes),
    )


def polygon(district: str | None) -> Place | None:
    """The tile of a district as the coordinates of a GeoJSON polygon, in tiles from the south-west corner of the grid; None
    for what has no tile."""
    if district not in TILES:
        return None
    column, row = TILES[district]
    low, high = ROWS - 1 - row, ROWS - row
    return [[[column, low], [column + 1, low], [column + 1, high], [column, high], [column, low]]]


def tone_of(value: int | None, most: int) -> Tone:
    """The shade of a value among those up to `most`: a fifth of it a shade, the upper end included."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return NOTHING
    return SHADES[-(-value * len(SHADES) // most) - 1]


def _tiles(figures: Sequence[Figure]) -> list[_Box]:
    most = max((figure.value or 0 for figure in figures), default=0)
    below = [figure.district for figure in figures if figure.district not in TILES]
    boxes = []
    for figure in figures:
        inside = figure.district in TILES
        column, row = TILES[figure.district] if inside else (below.index(figure.district), ROWS)
        x, y = _EDGE + column * (_WIDE + _GAP), _EDGE + row * (_HIGH + _GAP) + (0 if inside else _BELOW)
        boxes.append(_Box(figure.district, x, y, tone_of(figure.value, most), figure.lines, figure.text))
    return boxes


def _key(picture: Picture, y: int) -> list[_Box]:
    """The shades with what they mean: nothing, little, the most; not known where there is such a tile."""
    is_open = any(figure.value is None for figure in picture.figures)
    told = (
        (NOTHING, "没有项目"),
        *(((UNKNOWN, f"{picture.shaded}未知"),) if is_open else ()),
        (SHADES[0], "最少一档"),
        (SHADES[-1], f"最多{picture.most}"),
    )
    return [_Box("", _EDGE + place * _KEY, y, tone, (), text) for place, (tone, text) in enumerate(told)]


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
