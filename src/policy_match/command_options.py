"""What every command needs: settings, the day, lists, and what is told of rows that were refused."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policy_match.exchange.subjects import Loaded, Refusal
    from policy_match.settings import Settings

AsOf = Annotated[Optional[str], typer.Option("--as-of", help="以哪一天为准（YYYY-MM-DD），默认今天")]
Out = Annotated[Optional[str], typer.Option("--out", help="输出文件，- 为屏幕")]


def settings() -> Settings:
    """The settings of POLICY_MATCH_*; UsageError for a value that cannot be read."""
    from pydantic import ValidationError

    from policy_match.errors import Issue, UsageError
    from policy_match.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        raise UsageError(
            *(
                Issue("SETTING", f"环境变量的值不对：{fault['input']}", f"POLICY_MATCH_{str(fault['loc'][0]).upper()}")
                for fault in error.errors()
            )
        ) from None


def day_of(written: str | None, given: Settings, option: str = "--as-of") -> date:
    """The day of an option, today by the injected clock without one; UsageError for what is no day."""
    from policy_match.dates import parse_date
    from policy_match.errors import FactError, Issue, UsageError

    if written is None:
        return given.today()
    try:
        band = parse_date(written)
    except FactError as error:
        raise UsageError(*(replace(issue, where=option) for issue in error.issues)) from None
    if not band.is_exact or band.low is None:
        raise UsageError(Issue("DATE_FORMAT", f"“{written}”应写到日", option, "YYYY-MM-DD", "写成确切的一天"))
    return date.fromordinal(int(band.low))


def refused(refusals: Sequence[Refusal], path: Path, out: str | None = None) -> int:
    """Tell about refused rows and give the exit code.

    All of them go to `<name of the input>.errors.csv`, in the folder of the output file, else in the current one.
    """
    if not refusals:
        return 0
    from policy_match.errors import UsageError
    from policy_match.exchange.subjects import write_refusals

    folder = Path() if out in (None, "-") else Path(str(out)).parent
    target = folder / f"{path.stem}.errors.csv"
    rows = len({refusal.row for refusal in refusals})
    for refusal in refusals[:10]:
        print(f"未读入 {refusal}", file=sys.stderr)
    try:
        write_refusals(target, refusals)
        print(f"共 {rows} 行未读入，详见 {target}", file=sys.stderr)
    except UsageError as error:
        for refusal in refusals[10:]:
            print(f"未读入 {refusal}", file=sys.stderr)
        print(f"共 {rows} 行未读入；错误文件没有写成：{error}", file=sys.stderr)
    return 1


def tell_notes(loaded: Loaded, out: str | None) -> None:
    """Tell what was noticed while reading, and where the result went if not to the screen."""
    for note in loaded.notes:
        print(note, file=sys.stderr)
    if out not in (None, "-"):
        print(f"已写入 {out}：{len(loaded.subjects)} 个主体", file=sys.stderr)


def listed(written: str | None) -> tuple[str, ...] | None:
    """The parts of a list written with commas; None where nothing was written."""
    return None if written is None else tuple(part.strip() for part in written.split(",") if part.strip())
