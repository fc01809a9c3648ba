"""The roll as rows for people, for JSON and for Excel."""

from __future__ import annotations

from policy_match.identifiers import region_name
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.read_roll import (
    VERDICT_NAMES,
    RunShown,
    Wanted,
    list_runs,
    roll_of_measure,
    roll_of_subject,
)


def run_rows(archive: Archive) -> Rows:
    """The runs that were kept."""
    header = {
        "number": "序号", "as_of": "以哪天为准", "subjects": "主体", "pairs": "名单", "new": "新增", "changed": "变化",
        "gone": "退出", "at": "登记",
    }  # fmt: skip
    rows: list[Row] = [
        {
            "number": one.number, "as_of": one.as_of.isoformat(), "release": one.release, "subjects": one.subjects,
            "pairs": one.pairs, "top": one.top, "new": one.new, "changed": one.changed, "gone": one.gone,
            "at": local_minute(one.at),
        }
        for one in list_runs(archive)
    ]  # fmt: skip
    return Rows("大批匹配的登记", header, rows)


def subject_rows(archive: Archive, subject: str) -> Rows:
    """The measures of one subject; the errors of `roll_of_subject`."""
    found = roll_of_subject(archive, subject)
    header = {"verdict_name": "结论", "measure": "措施", "title": "名称", "version": "版本"}
    rows: list[Row] = [
        {
            "verdict": line.verdict, "verdict_name": VERDICT_NAMES[line.verdict], "measure": line.measure.id,
            "title": line.measure.title, "version": line.version,
        }
        for line in found.lines
    ]  # fmt: skip
    return Rows(f"{subject}（{dated(found.run)}）", header, rows)


def measure_rows(archive: Archive, wanted: Wanted) -> Rows:
    """The first subjects of one measure; the errors of `roll_of_measure`."""
    found = roll_of_measure(archive, wanted)
    rows: list[Row] = [
        {"place": place, "subject": one.id, "region": one.region, "region_name": region_text(one.region)}
        for place, one in enumerate(found.subjects, start=1)
    ]
    area = "" if found.district is None else district_name(found.district)
    title = f"{found.measure.title}：{area}{VERDICT_NAMES[found.verdict]}（{dated(found.run)}）"
    return Rows(title, {"place": "名次", "subject": "主体", "region_name": "地区"}, rows)


def region_text(region: str | None) -> str:
    """Where a subject is, in words."""
    return "未知" if region is None else region_name(region)


def dated(run: RunShown) -> str:
    """What a list is of."""
    return f"截至 {run.as_of}，每个主体列前 {run.top} 项"
