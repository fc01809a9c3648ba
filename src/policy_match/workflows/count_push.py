"""What the push achieved, by measure and week: sent, delivered, read, answered, acted upon, paid, and opted out (§6.7)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach, Right
from policy_match.dates import local_day
from policy_match.push.words import Channel, DeliveryState, Reply
from policy_match.settings import LOCAL
from policy_match.store import payments, push_counts, subjects
from policy_match.store.actors import actor
from policy_match.store.push_counts import Counted
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.own_measure import is_own
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.push_rights import require_push
from policy_match.workflows.read_party import codes_of
from policy_match.workflows.read_records import View
from policy_match.workflows.review_rights import REVIEWS
from policy_match.workflows.write_entry import By

WEEKS = 13
HEADER = {
    "week": "周（周一）", "measure": "措施", "sent": "发出", "delivered": "送达", "read": "已读", "acked": "已回应",
    "acted": "有意申请", "realised": "已兑现", "opted_out": "退订不发",
}  # fmt: skip
_ARRIVED = (DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.ACKED)


def count_push(archive: Archive, by: By, *, weeks: int = WEEKS) -> Rows:
    """The counters of this week and those before it, so many in all, the newest first; Forbidden PUSH_ROLE.

    A message of a digest counts under its own measure. Realised: its firm was paid under the measure on or after that
    day. Whoever reads only what is its own sees its own measures; offices of an area and firms see none.
    """
    monday = by.today - timedelta(days=by.today.weekday())
    since = datetime.combine(monday - timedelta(weeks=weeks - 1), time(), LOCAL)
    with archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        wanted = _measures(session, archive, who, by)
        found = [
            one for one in push_counts.counted(session, by.library, since) if wanted is None or one.measure in wanted
        ]
        paid = _paid(session, by, found)
    totals: dict[tuple[date, str], Counter[str]] = {}
    for one in found:
        day = local_day(one.made_at)
        totals.setdefault((day - timedelta(days=day.weekday()), one.measure), Counter()).update(_of(one, day, paid))
    lines: list[Row] = [
        {
            "week": week.isoformat(),
            "measure": measure,
            **{key: int(totals[week, measure][key]) for key in [*HEADER][2:]},
        }
        for week, measure in sorted(totals, key=lambda key: (-key[0].toordinal(), key[1]))
    ]
    return Rows("推送统计", HEADER, lines)


def _of(one: Counted, day: date, paid: dict[tuple[int, str], date]) -> Counter[str]:
    last = paid.get((one.subject_id or 0, one.measure))
    return Counter(
        sent=one.is_sent,
        # What lies in the inbox of the house has arrived.
        delivered=any(state in _ARRIVED or (channel == Channel.INBOX and one.is_sent) for channel, state in one.states),
        read=one.is_read,
        acked=one.reply is not None,
        acted=one.reply == Reply.INTERESTED,
        realised=one.is_sent and last is not None and last >= day,
        opted_out=one.is_opted_out,
    )


def _measures(session: Session, archive: Archive, who: Actor, by: By) -> frozenset[str] | None:
    """The measures that are somebody's own; None: all."""
    if require_push(archive, who, Right.READ) is Reach.ALL:
        return None
    if archive.table.roles[who.role].own_area:
        return frozenset()
    book = deciding_rulebook(session, archive.shelf, by.library, View(by.today)).rulebook
    return frozenset(rule.id for rule in book.rules if is_own(archive, rule, who, REVIEWS))


def _paid(session: Session, by: By, found: list[Counted]) -> dict[tuple[int, str], date]:
    """The last day on which the firm of a subject was paid under a measure."""
    days: dict[tuple[str, str], date] = {}
    for row in payments.ledger(session, by.library, {one.measure for one in found}, known_at=by.now):
        if row.amount_fen > 0:
            days[row.beneficiary, row.measure] = max(row.paid_on, days.get((row.beneficiary, row.measure), row.paid_on))
    if not days:
        return {}
    rows = subjects.by_ids(session, sorted({one.subject_id for one in found if one.subject_id is not None}))
    firms = subjects.by_ids(session, sorted({row.enterprise_id or row.id for row in rows.values()}))
    codes = {number: codes_of(session, firms[row.enterprise_id or row.id]) for number, row in rows.items()}
    return {
        (number, measure): day
        for number, names in codes.items()
        for (beneficiary, measure), day in days.items()
        if beneficiary in names
    }
