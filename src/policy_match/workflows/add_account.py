"""Open an account for one person: with a one-time password, that has to be changed at the first sign-in.

An account is of one actor, who is there or is registered with it. Nobody shares one, and administrators have no business
account: the first of them opens his own, every later one is opened by another. What the administrator of the
demonstration opens is of the demonstration too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from policy_match.access import passwords
from policy_match.access.terms import ADMIN
from policy_match.errors import Conflict, Forbidden, Issue, UsageError
from policy_match.identifiers import DISTRICTS, canonical_key, canonical_region
from policy_match.lifecycle.table import Role
from policy_match.store import accounts
from policy_match.store.account_tables import Account
from policy_match.store.actors import is_in_office
from policy_match.store.tables import Actor
from policy_match.units import normal_text
from policy_match.workflows.administer import administering
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, said

ENTERPRISE, JOB = "enterprise", "importer"
_LOGIN = re.compile(r"[\w][\w.@-]{2,59}")
_ACTOR = re.compile(r"[\w.-]{2,60}")
_SHARED = frozenset(
    (
        "admin",
        "administrator",
        "root",
        "system",
        "sysadmin",
        "test",
        "tester",
        "guest",
        "user",
        "users",
        "demo",
        "public",
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be registered. `region`: of roles of an area; `firm`: credit code, of enterprises; `through`: last day."""

    name: str
    role: str
    unit: str | None = None
    region: str | None = None
    firm: str | None = None
    through: date | None = None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """The account asked for. `actor`: id of whom it is for; `person`: who that is, where the id is new."""

    login: str
    actor: str
    person: Person | None = None


def add_account(archive: Archive, asked: NewAccount, by: By) -> str:
    """Open it and give the one-time password, which is shown this once.

    UsageError LOGIN, LOGIN_SHARED or what is wrong with the person; Conflict LOGIN_TAKEN, ACCOUNT_THERE; Forbidden
    ADMIN_ONLY, OWN_ACCOUNT.
    """
    login, password = _login(asked.login), passwords.one_time_password()
    password_hash = passwords.hashed(password)
    with administering(archive, login, by) as (session, who):
        _require_free(session, login, asked.actor)
        holder = _holder(session, archive, asked, by.today)
        _require_other(session, who, holder)
        session.add(
            Account(
                actor_id=holder.id, login=login, password_hash=password_hash, password_set_at=by.now, must_change=True,
                failed=[], totp_confirmed=False, is_demo=accounts.is_demo(session, who.id), made_at=by.now,
            )
        )  # fmt: skip
        note_access(
            session, who, Access("account.add", holder.id, by.now), login=login, role=holder.role, region=holder.region,
            firm=holder.firm,
        )  # fmt: skip
    return password


def _login(written: str) -> str:
    login = passwords.normal_login(written)
    if not _LOGIN.fullmatch(login):
        allowed = "3 至 60 个汉字、字母、数字或 . _ - @"
        raise UsageError(Issue("LOGIN", f"登录名“{written[:40]}”不对", "登录名", allowed, "换一个登录名"))
    if login in _SHARED:
        hint = "账号只属于一个人：用姓名拼音或工号"
        raise UsageError(Issue("LOGIN_SHARED", f"“{login}”是公用的登录名", "登录名", "本人的登录名", hint))
    return login


def _require_free(session: Session, login: str, actor_id: str) -> None:
    if accounts.by_login(session, login) is not None:
        raise Conflict(Issue("LOGIN_TAKEN", f"登录名“{login}”已有人用", login, "", "换一个登录名"))
    there = accounts.of_actor(session, actor_id)
    if there is not None:
        state = "已有账号" if there.closed_at is None else "的账号已停用"
        hint = "一人一个账号；停用后再来的，登记新的经办人编号"
        raise Conflict(Issue("ACCOUNT_THERE", f"经办人“{actor_id}”{state}", there.login, "", hint))


def _holder(session: Session, archive: Archive, asked: NewAccount, today: date) -> Actor:
    found = session.get(Actor, asked.actor)
    if found is None:
        made = _registered(archive, asked, today)
        session.add(made)
        session.flush()
        return made
    if asked.person is not None:
        hint = "给已登记的人开账号不写姓名和角色；给新的人另起编号"
        raise UsageError(Issue("ACTOR_THERE", f"经办人“{asked.actor}”已登记", "--actor", "", hint))
    if found.role == JOB or not is_in_office(found, today):
        raise UsageError(Issue("ACTOR_OFF", f"“{found.name}”不能开账号", "--actor", "在岗的人", "换一个经办人"))
    return found


def _registered(archive: Archive, asked: NewAccount, today: date) -> Actor:
    if asked.person is None:
        hint = "加上 --name 和 --role 登记新的人，或改用已登记的编号"
        raise UsageError(Issue("ACTOR_UNKNOWN", f"没有经办人“{asked.actor[:40]}”", "--actor", "", hint))
    if not _ACTOR.fullmatch(asked.actor):
        allowed = "2 至 60 个汉字、字母、数字或 . _ -"
        raise UsageError(Issue("ACTOR_ID", f"经办人编号“{asked.actor[:40]}”不对", "--actor", allowed, "换一个编号"))
    person, role = asked.person, _role(asked.person.role, archive)
    if person.through is not None and person.through < today:
        raise UsageError(Issue("ACTOR_TERM", f"{person.through} 已过", "--through", f"{today} 或以后", "改正末日"))
    return Actor(
        id=asked.actor, name=said(person.name, "姓名", "--name", longest=60), role=role.id,
        unit=None if person.unit is None else said(person.unit, "单位", "--unit", longest=60),
        region=_region(person.region, role), firm=_firm(person.firm, role), valid_from=today,
        valid_through=person.through,
    )  # fmt: skip


def _role(written: str, archive: Archive) -> Role:
    roles = {role.id: role for role in archive.table.roles.values() if role.id != JOB}
    text = normal_text(written)
    found = roles.get(text) or next((role for role in roles.values() if role.name == text), None)
    if found is None:
        allowed = "、".join(f"{role.id} {role.name}" for role in roles.values())
        raise UsageError(Issue("ROLE", f"没有角色“{written[:30]}”", "--role", allowed, "改用列出的一个"))
    return found


def _region(written: str | None, role: Role) -> str | None:
    code = None if written is None else canonical_region(written)
    if role.own_area and code not in DISTRICTS:
        raise UsageError(
            Issue("ACTOR_REGION", f"{role.name}要写辖市区", "--region", "、".join(DISTRICTS), "写上再提交")
        )
    if not role.own_area and code is not None:
        raise UsageError(Issue("ACTOR_REGION", f"{role.name}管全市", "--region", "不写", "去掉 --region"))
    return code


def _firm(written: str | None, role: Role) -> str | None:
    if (role.id == ENTERPRISE) != (written is not None):
        what = f"{role.name}的人要写明企业" if written is None else f"{role.name}不属于企业"
        raise UsageError(Issue("ACTOR_FIRM", what, "--firm", "企业角色写统一社会信用代码，其他角色不写", "改正 --firm"))
    return None if written is None else canonical_key(said(written, "企业", "--firm", longest=60))


def _require_other(session: Session, who: Actor, holder: Actor) -> None:
    """Refuse an administrator an account of his own: but for the very first one, that he could not work without."""
    first = holder.id == who.id and not accounts.open_of_role(session, ADMIN)
    same = holder.id == who.id or normal_text(holder.name) == normal_text(who.name)
    if same and not first:
        hint = "请另一位管理员办理；管理员不兼办业务"
        raise Forbidden(Issue("OWN_ACCOUNT", f"“{who.name}”不能给自己开账号", "--actor", "别人", hint))
