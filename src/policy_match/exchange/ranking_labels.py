"""Read a file of reviewers' decisions: one JSON object a line, strictly; half of the answers would be none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import get_args

from policy_match.dates import parse_date
from policy_match.errors import FactError, Issue, UsageError
from policy_match.exchange.decode import decoded, kind_of, refuse_kind
from policy_match.exchange.jsonl import parse_json
from policy_match.exchange.refusals import RowError
from policy_match.facts.read import Json
from policy_match.ranking.labels import REASONS, Answer, Label

KEYS = ("subject", "measure", "label", "reason", "shown_rank", "decided_on", "by")
_HINT = "改正这一行；格式见 docs/ranking.zh.md"


def read_labels(path: Path, *, subjects: Collection[str], measures: Collection[str], as_of: date) -> tuple[Label, ...]:
    """The decisions of a file, each about a known subject and measure, once a pair, none after `as_of`.

    UsageError with every fault as `file:line`.
    """
    if not path.is_file():
        raise UsageError(Issue("FILE_MISSING", "没有这个文件", str(path), ".jsonl 文件", "检查路径"))
    raw = path.read_bytes()
    if kind_of(raw):
        raise refuse_kind(raw, path, ".jsonl")
    text, _ = decoded(raw, path)
    known = {"subject": (subjects, "项目库或文件中的编号"), "measure": (measures, "现有措施的编号")}
    labels: dict[tuple[str, str], Label] = {}
    issues: list[Issue] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            label = _label(parse_json(line), known, as_of)
            if (label.subject, label.measure) in labels:
                raise _wrong(f"{label.subject} 与 {label.measure} 已有一条", "一对一条，留最后的决定")
            labels[label.subject, label.measure] = label
        except (RowError, FactError) as error:
            found = [error.issue] if isinstance(error, RowError) else error.issues
            issues += [Issue(one.code, one.what, f"{path}:{number}", one.allowed, one.hint or _HINT) for one in found]
    if issues:
        raise UsageError(*issues)
    return tuple(labels.values())


def _label(data: Json, known: Mapping[str, tuple[Collection[str], str]], as_of: date) -> Label:
    if not isinstance(data, dict):
        raise _wrong("不是一个对象", '{"subject": "…", …}')
    for key in (*KEYS, *data):
        if key not in KEYS or key not in data:
            raise _wrong(f"{'缺少' if key in KEYS else '不认识的'}键“{key[:40]}”", "、".join(KEYS))
    for key, (allowed, words) in known.items():
        if _text(data, key) not in allowed:
            raise _wrong(f"{key} 没有“{_text(data, key)[:40]}”", words)
    answer = _one(data, "label", get_args(Answer))
    return Label(
        subject=_text(data, "subject"),
        measure=_text(data, "measure"),
        answer="confirm" if answer == "confirm" else "reject",
        reason=_reason(data, answer),
        shown_rank=_rank(data["shown_rank"]),
        decided_on=_day(_text(data, "decided_on"), as_of),
        by=_text(data, "by"),
    )


def _reason(data: Mapping[str, Json], answer: str) -> str | None:
    if answer == "confirm":
        if data["reason"] is not None:
            raise _wrong("确认的不写 reason", "null")
        return None
    return _one(data, "reason", REASONS)


def _one(data: Mapping[str, Json], key: str, allowed: Collection[str]) -> str:
    value = data[key]
    if not isinstance(value, str) or value not in allowed:
        raise _wrong(f"{key} 不能是“{str(value)[:40]}”", "、".join(allowed))
    return value


def _text(data: Mapping[str, Json], key: str) -> str:
    value = data[key]
    if not isinstance(value, str) or not value.strip():
        raise _wrong(f"{key} 应是不为空的文字", "文字")
    return value


def _rank(value: Json) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
        return value
    raise _wrong(f"shown_rank 不能是“{str(value)[:40]}”", "1 起的整数，没有记的写 null")


def _day(written: str, as_of: date) -> date:
    band = parse_date(written)
    if not band.is_exact or band.low is None:
        raise _wrong(f"decided_on “{written[:20]}”应写到日", "YYYY-MM-DD")
    day = date.fromordinal(int(band.low))
    if day > as_of:
        raise _wrong(f"decided_on {day} 晚于 {as_of}", "不晚于 --as-of")
    return day


def _wrong(what: str, allowed: str) -> FactError:
    return FactError(Issue("LABEL", what, "", allowed))
