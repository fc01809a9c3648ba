"""What people write into a field, as it is kept and as it is shown. What names something of the library is looked up elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from policy_match.dates import format_date, format_month, parse_date, parse_month
from policy_match.errors import FactError, Issue
from policy_match.pipelines.kinds import Field, Type
from policy_match.units import format_count, format_money, parse_count, parse_money

LONGEST = 500


def read_value(one: Field, written: str) -> str:
    """A value as it is kept; FactError, with the name of the field, for what it cannot hold. `written` is not blank."""
    try:
        return _READERS.get(one.type, _text)(one, written.strip())
    except FactError as error:
        raise FactError(
            *(
                Issue(issue.code, f"“{one.name}”：{issue.what}", one.id, issue.allowed, issue.hint)
                for issue in error.issues
            )
        ) from None


def show_value(one: Field, kept: str) -> str:
    """A kept value as people read it."""
    if one.type is Type.MONEY:
        return format_money(int(kept))
    return format_count(int(kept), one.unit) if one.type is Type.COUNT else kept


def plain_text(text: str) -> str:
    """A text in one line; FactError for what nothing prints and for one that is too long."""
    plain = " ".join(text.split())
    if not plain.isprintable():
        raise FactError(Issue("CONTROL_CHARACTER", "含有不可见的控制字符", "", "可见的文字", "删去后重新填写"))
    if len(plain) > LONGEST:
        raise FactError(Issue("TEXT_TOO_LONG", f"有 {len(plain)} 个字", "", f"不超过 {LONGEST} 个字", "写短些"))
    return plain


def _text(_: Field, text: str) -> str:
    return plain_text(text)


def _choice(one: Field, text: str) -> str:
    if text not in one.options:
        raise FactError(Issue("CHOICE", f"没有“{text[:30]}”", "", "、".join(one.options), "改用列出的一个"))
    return text


def _money(_: Field, text: str) -> str:
    fen = parse_money(text)
    if fen < 0:
        raise FactError(Issue("NUM_RANGE", "不能是负数", "", "0 或正数", "核对金额"))
    return str(fen)


def _count(one: Field, text: str) -> str:
    number = parse_count(text, one.unit)
    if number != int(number) or number < 0:
        raise FactError(Issue("NUM_RANGE", f"“{text[:20]}”不是整数", "", f"0 或正整数，如 12{one.unit}", "核对"))
    return str(int(number))


def _day(_: Field, text: str) -> str:
    band = parse_date(text)
    if not band.is_exact or band.low is None:
        raise FactError(Issue("DATE_FORMAT", f"“{text[:20]}”应写到日", "", "YYYY-MM-DD", "写成确切的一天"))
    return format_date(int(band.low))


def _month(_: Field, text: str) -> str:
    return format_month(parse_month(text))


_READERS: Mapping[Type, Callable[[Field, str], str]] = {
    Type.CHOICE: _choice,
    Type.MONEY: _money,
    Type.COUNT: _count,
    Type.DAY: _day,
    Type.MONTH: _month,
}
