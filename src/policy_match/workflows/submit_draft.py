"""Hand a draft in: the release in force with the draft in it is proposed, for two others to agree to (activate_rules.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match import __version__
from policy_match.authoring.load import DRAFTS
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Issue, RuleError, UsageError
from policy_match.exchange.release_folder import read_release
from policy_match.workflows.activate_rules import ACTION, NewRelease, Step, propose_checked, record_first
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.own_measure import require_own
from policy_match.workflows.read_draft import Checked, check_authored, find_draft, laid_out
from policy_match.workflows.read_records import View
from policy_match.workflows.save_draft import own_row
from policy_match.workflows.write_entry import By, at_library_desk


@dataclass(frozen=True, slots=True)
class Wish:
    """Why, and from which day on the release with the draft decides; None: today."""

    reason: str
    since: date | None = None


def submit_draft(archive: Archive, number: int, wish: Wish, by: By) -> Step:
    """Propose the release with the draft.

    RuleError with all that `rules check` says of it; UsageError DRAFT_CASES if a case or boundary comes out otherwise, PACKAGE;
    Forbidden CARE_ROLE whose measure it is not; else as `save_draft` and `propose_release`.
    """
    with archive.database.reading() as session:
        draft = find_draft(session, by.library, number)
    record_first(archive, by.now)
    checked = check_authored(archive, draft, View(by.today))
    rule = _required(checked)
    with at_library_desk(archive, ACTION, by, about=f"草案{number}") as (session, who):
        own_row(session, number, who, by)
        require_own(archive, rule, who, ACTION, "起草")
    with laid_out(checked.release, draft) as (folder, _):
        release = read_release(folder / "rules", folder / "corpus", __version__)
    asked = NewRelease(release.hash, wish.reason, wish.since)
    step = propose_checked(archive, release, asked, by)
    with at_library_desk(archive, ACTION, by, about=f"草案{number}") as (session, who):
        own_row(session, number, who, by).activation_id = step.activation.id
        about = Access("rule.draft_submit", f"草案{number}", by.now)
        note_access(session, who, about, activation=step.activation.id)
    return step


def _required(checked: Checked) -> Rule:
    if checked.issues or checked.rule is None:
        raise RuleError(*checked.issues)
    if f"/{DRAFTS}/" in checked.place:
        hint = "在文件登记里写上文件包；登记过的文件请管理员补上"
        raise UsageError(Issue("PACKAGE", "依据的文件没有写文件包", "文件包", "大写简称", hint))
    if not checked.rule.measure.cases:
        raise UsageError(Issue("DRAFT_CASES", "还没有算例", "算例", "至少一例", "对照条款写一例，结论由您写"))
    if checked.failures:
        first = checked.failures[0]
        what = f"{len(checked.failures)} 处用例或界限与填写的不符：{first.situation}：{first.what}"
        raise UsageError(Issue("DRAFT_CASES", what, "算例", "都相符", "对照条款改算例或改条件"))
    return checked.rule
