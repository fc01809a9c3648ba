"""Lists of accounts, keys and delegations, for administrators and auditors; no list holds a password, key or secret.

Whoever has an account of the demonstration, whose password is published, sees what is of the demonstration alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from policy_match.access.terms import ADMIN
from policy_match.identifiers import region_name
from policy_match.settings import LOCAL
from policy_match.store import accounts, actors, api_keys, audit, delegations
from policy_match.store.account_tables import Account, ApiKey, Delegation
from policy_match.store.actors import is_in_office, names
from policy_match.store.tables import Actor
from policy_match.workflows.add_account import JOB
from policy_match.workflows.administer import reading_access
from policy_match.workflows.begin_session import SIGNED_IN
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.write_entry import By

_ACCOUNT = {
    "login": "登录名", "actor": "经办人", "name": "姓名", "role": "角色", "region": "地区", "firm": "企业", "state": "状态",
    "second_factor": "动态口令", "through": "末日", "last_sign_in": "最近登录",
}  # fmt: skip
_KEY = {
    "id": "编号", "name": "用处", "actor": "经办人", "scopes": "用途", "library": "项目库", "through": "末日", "state": "状态",
    "last_used": "最近使用",
}  # fmt: skip
_DELEGATION = {
    "id": "编号", "giver": "委托人", "taker": "代理人", "since": "起", "through": "止", "state": "状态", "reason": "原因",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody in office for whom something can be done. `role`: id."""

    id: str
    name: str
    role: str
    has_account: bool


def known_people(archive: Archive, by: By) -> tuple[Known, ...]:
    """Everybody in office who is no job and no administrator, by id; Forbidden ADMIN_ONLY."""
    with reading_access(archive, "actors", by) as session:
        opened = {account.actor_id: account.is_demo for account, _ in accounts.everybody(session)}
        demo_alone = accounts.is_demo(session, by.actor)
        return tuple(
            Known(one.id, one.name, one.role, one.id in opened)
            for one in actors.everybody(session)
            if is_in_office(one, by.today)
            and one.role not in (ADMIN, JOB)
            and (not demo_alone or opened.get(one.id, True))
        )


def account_rows(archive: Archive, by: By) -> Rows:
    """A row for each account, closed ones too; Forbidden ADMIN_ONLY."""
    with reading_access(archive, "accounts", by) as session:
        entered, demo_alone = audit.newest_of_each(session, SIGNED_IN), accounts.is_demo(session, by.actor)
        found = [
            _account_row(account, actor, entered.get(actor.id), by)
            for account, actor in accounts.everybody(session)
            if account.is_demo or not demo_alone
        ]
    return Rows("账号", _ACCOUNT, found)


def key_rows(archive: Archive, by: By) -> Rows:
    """A row for each key, ended ones too; Forbidden ADMIN_ONLY."""
    with reading_access(archive, "keys", by) as session:
        demo_alone = accounts.is_demo(session, by.actor)
        found = [_key_row(key, by) for key in api_keys.every(session) if key.library == DEMO or not demo_alone]
    return Rows("密钥", _KEY, found)


def delegation_rows(archive: Archive, by: By) -> Rows:
    """A row for each delegation, ended ones too; Forbidden ADMIN_ONLY."""
    with reading_access(archive, "delegations", by) as session:
        known, demo_alone = names(session), accounts.is_demo(session, by.actor)
        found = [
            _delegation_row(row, known, by)
            for row in delegations.every(session)
            if not demo_alone or accounts.is_demo(session, row.from_actor)
        ]
    return Rows("代理", _DELEGATION, found)


def _account_row(account: Account, actor: Actor, entered: datetime | None, by: By) -> Row:
    until = account.locked_until
    return {
        "login": account.login,
        "actor": actor.id,
        "name": actor.name,
        "role": actor.role,
        "region": None if actor.region is None else region_name(actor.region),
        "firm": actor.firm,
        "state": _state(account, actor, by),
        "unit": actor.unit,
        "locked_until": None if until is None else until.astimezone(LOCAL).isoformat(timespec="minutes"),
        "second_factor": account.totp_confirmed,
        "through": None if actor.valid_through is None else actor.valid_through.isoformat(),
        "last_sign_in": None if entered is None else entered.astimezone(LOCAL).isoformat(" ", "minutes")[:16],
    }


def _state(account: Account, actor: Actor, by: By) -> str:
    if account.closed_at is not None:
        return "已停用"
    if not is_in_office(actor, by.today):
        return "不在岗"
    if accounts.tries_of(account).is_locked(by.now):
        return "锁定中"
    return "待改密码" if account.must_change else "示范" if account.is_demo else "正常"


def _key_row(key: ApiKey, by: By) -> Row:
    state = "已吊销" if key.revoked_at is not None else "已到期" if key.ends_on < by.today else "有效"
    return {
        "id": key.id,
        "name": key.name,
        "actor": key.actor_id,
        "scopes": [*key.scopes],
        "library": key.library,
        "fixed_now": None if key.fixed_now is None else key.fixed_now.isoformat(),
        "through": key.ends_on.isoformat(),
        "state": state,
        "last_used": None if key.last_used_on is None else key.last_used_on.isoformat(),
    }


def _delegation_row(row: Delegation, known: dict[str, str], by: By) -> Row:
    ended = row.revoked_at is not None or row.through < by.today
    return {
        "id": row.id,
        "giver": known[row.from_actor],
        "taker": known[row.to_actor],
        "since": row.since.isoformat(),
        "through": row.through.isoformat(),
        "state": "已结束" if ended else "生效" if row.since <= by.today else "未到",
        "reason": row.reason,
    }
