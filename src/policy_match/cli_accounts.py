"""The commands for accounts, keys of programs and delegations. Each is a thin door to one workflow.

A password is typed at a prompt or read from a line of standard input, never from an argument, which others on the machine see.
"""

from __future__ import annotations

import sys
from datetime import date
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policy_match.cli_library import By, Form, Library, Reason, archive_of, instant_of
from policy_match.command_options import day_of, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

if TYPE_CHECKING:
    from policy_match.settings import Settings
    from policy_match.workflows import write_entry
    from policy_match.workflows.add_account import Person

ADMIN = "admin"


def _group(text: str) -> ChineseTyper:
    return ChineseTyper(cls=ChineseGroup, help=text, no_args_is_help=True, rich_markup_mode=None)


account_app = _group("账号：开立、列出、停用、解锁、重置；改自己的密码、绑动态口令。")
key_app = _group("接口密钥：签发、列出、吊销。")
delegate_app = _group("代理：登记、列出、结束。")

Login = Annotated[str, typer.Argument(metavar="登录名", help="本人的登录名")]


@account_app.command("add")
def account_add(
    login: Login,
    actor: Annotated[str, typer.Option("--actor", help="经办人编号：已登记的，或给新的人另起一个")],
    name: Annotated[Optional[str], typer.Option("--name", help="新的人：姓名")] = None,
    role: Annotated[
        Optional[str], typer.Option("--role", help="新的人：角色，如 development、district、enterprise")
    ] = None,
    unit: Annotated[Optional[str], typer.Option("--unit", help="新的人：单位")] = None,
    region: Annotated[Optional[str], typer.Option("--region", help="新的人：辖市区，属地角色必填")] = None,
    firm: Annotated[Optional[str], typer.Option("--firm", help="新的人：统一社会信用代码，企业角色必填")] = None,
    through: Annotated[Optional[str], typer.Option("--through", help="新的人：任职末日（YYYY-MM-DD）")] = None,
    by: By = ADMIN,
) -> None:
    """给一个人开账号，给出只显示这一次的一次性密码；首次登录要改掉。"""
    from policy_match.workflows.add_account import NewAccount, Person, add_account

    given = settings()
    last = _day(through, given)
    told = (name, role, unit, region, firm, last)
    who: Person | None = None
    if any(part is not None for part in told):
        who = Person(name or "", role or "", unit, region, firm, last)
    once = add_account(archive_of(given), NewAccount(login, actor, who), _by(given, by))
    print(f"一次性密码：{once}")
    print("请当面或用保密的方式交给本人；只显示这一次，首次登录要改掉", file=sys.stderr)


@account_app.command("list")
def account_list(by: By = ADMIN, format: Form = "table") -> None:
    """列出全部账号和状态。"""
    from policy_match.workflows.list_access import account_rows
    from policy_match.workflows.print_rows import print_rows

    given = settings()
    print_rows(account_rows(archive_of(given), _by(given, by)), form=format)


@account_app.command("close")
def account_close(login: Login, reason: Reason, by: By = ADMIN) -> None:
    """停用账号：登录和密钥立即失效，不能恢复。"""
    from policy_match.workflows.close_account import close_account

    given = settings()
    close_account(archive_of(given), login, reason, _by(given, by))
    print("已停用")


@account_app.command("unlock")
def account_unlock(login: Login, by: By = ADMIN) -> None:
    """解除连续输错造成的锁定。"""
    from policy_match.workflows.unlock_account import unlock_account

    given = settings()
    was_locked = unlock_account(archive_of(given), login, _by(given, by))
    print("已解锁" if was_locked else "没有锁定；输错次数已清零")


@account_app.command("reset")
def account_reset(
    login: Login,
    second_factor: Annotated[bool, typer.Option("--second-factor", help="同时清除动态口令（换了或丢了手机）")] = False,
    by: By = ADMIN,
) -> None:
    """给忘了密码的人一个一次性密码；原来的登录全部失效。"""
    from policy_match.workflows.reset_password import reset_password

    given = settings()
    once = reset_password(archive_of(given), login, _by(given, by), second_factor=second_factor)
    print(f"一次性密码：{once}")


@account_app.command("link")
def account_link(
    login: Login,
    subject: Annotated[str, typer.Option("--subject", help="本人在登录服务里的编号（sub）")],
    issuer: Annotated[
        Optional[str], typer.Option("--issuer", help="登录服务的地址，默认是 POLICY_MATCH_OIDC_ISSUER")
    ] = None,
    by: By = ADMIN,
) -> None:
    """关联一个账号和本人在登录服务（如政企通）里的身份，以后可以从那里登录。"""
    from policy_match.workflows.link_identity import link_identity

    given = settings()
    link_identity(archive_of(given), login, issuer or given.oidc_issuer, subject, _by(given, by))
    print("已关联")


@account_app.command("unlink")
def account_unlink(login: Login, reason: Reason, by: By = ADMIN) -> None:
    """解除一个账号的全部关联；正在用的登录失效，密码登录不受影响。"""
    from policy_match.workflows.link_identity import unlink_identities

    given = settings()
    print(f"已解除 {unlink_identities(archive_of(given), login, reason, _by(given, by))} 个关联")


@account_app.command("password")
def account_password(login: Login) -> None:
    """改自己的密码：按提示输入原密码和新密码，或从标准输入各读一行。"""
    from policy_match.workflows.change_password import Change, change_password
    from policy_match.workflows.sign_in import Attempt, sign_in
    from policy_match.workflows.sign_out import sign_out

    given = settings()
    archive, old = archive_of(given), _asked("原密码：")
    token = sign_in(archive, Attempt(login, old), given.instant()).token
    try:
        change_password(archive, token, Change(old, _asked_twice()), given.instant())
    finally:
        sign_out(archive, token, given.instant())
    print("密码已改")


@account_app.command("second-factor")
def account_second_factor(login: Login) -> None:
    """绑定动态口令：输入密码，把给出的 otpauth 地址录入身份验证器，再输入它显示的 6 位数字。"""
    from policy_match.workflows.confirm_second_factor import confirm_second_factor
    from policy_match.workflows.enrol_second_factor import enrol_second_factor
    from policy_match.workflows.sign_in import Attempt, sign_in
    from policy_match.workflows.sign_out import sign_out

    given = settings()
    archive, password = archive_of(given), _asked("密码：")
    token = sign_in(archive, Attempt(login, password), given.instant()).token
    try:
        print(enrol_second_factor(archive, token, password, given.instant()), flush=True)
        confirm_second_factor(archive, token, _asked("动态口令："), given.instant())
    finally:
        sign_out(archive, token, given.instant())
    print("已绑定")


@key_app.command("issue")
def key_issue(
    actor: Annotated[str, typer.Argument(metavar="经办人", help="密钥以谁的名义办事：经办人编号")],
    name: Annotated[str, typer.Option("--name", help="密钥的用处，如 统一门户对接")],
    scopes: Annotated[str, typer.Option("--scopes", help="用途，逗号分隔：read 读取、write 写入、subscribe 订阅")],
    through: Annotated[str, typer.Option("--through", help="末日（YYYY-MM-DD），最长一年")],
    library: Library = "real",
    fixed_now: Annotated[Optional[str], typer.Option("--fixed-now", help="测试用：固定的时间，只用于示范库")] = None,
    by: By = ADMIN,
) -> None:
    """签发一个接口密钥，只显示这一次。"""
    from policy_match.workflows.issue_key import NewKey, issue_key

    given = settings()
    clock = None if fixed_now is None else instant_of(fixed_now, "--fixed-now")
    asked = NewKey(actor, name, tuple(scopes.split(",")), library, day_of(through, given, "--through"), clock)
    print(issue_key(archive_of(given), asked, _by(given, by)))
    print("只显示这一次；请求时写在 Authorization: Bearer 后面", file=sys.stderr)


@key_app.command("list")
def key_list(by: By = ADMIN, format: Form = "table") -> None:
    """列出全部密钥和状态，不含密钥本身。"""
    from policy_match.workflows.list_access import key_rows
    from policy_match.workflows.print_rows import print_rows

    given = settings()
    print_rows(key_rows(archive_of(given), _by(given, by)), form=format)


@key_app.command("revoke")
def key_revoke(
    key_id: Annotated[str, typer.Argument(metavar="编号", help="密钥编号，即 pmk_ 后的一段")],
    reason: Reason,
    by: By = ADMIN,
) -> None:
    """吊销一个密钥，立即失效。"""
    from policy_match.workflows.revoke_key import revoke_key

    given = settings()
    revoke_key(archive_of(given), key_id, reason, _by(given, by))
    print("已吊销")


@delegate_app.command("add")
def delegate_add(
    giver: Annotated[str, typer.Argument(metavar="委托人", help="经办人编号")],
    taker: Annotated[str, typer.Argument(metavar="代理人", help="同一角色、同一地区的另一个经办人编号")],
    through: Annotated[str, typer.Option("--through", help="末日（YYYY-MM-DD），含当日")],
    reason: Reason,
    since: Annotated[Optional[str], typer.Option("--since", help="首日（YYYY-MM-DD），默认今天")] = None,
    by: By = ADMIN,
) -> None:
    """登记一段时间的代理，给出编号。"""
    from policy_match.workflows.delegate import NewDelegation, delegate

    given = settings()
    first, last = day_of(since, given, "--since"), day_of(through, given, "--through")
    print(delegate(archive_of(given), NewDelegation(giver, taker, first, last, reason), _by(given, by)))


@delegate_app.command("list")
def delegate_list(by: By = ADMIN, format: Form = "table") -> None:
    """列出全部代理和状态。"""
    from policy_match.workflows.list_access import delegation_rows
    from policy_match.workflows.print_rows import print_rows

    given = settings()
    print_rows(delegation_rows(archive_of(given), _by(given, by)), form=format)


@delegate_app.command("end")
def delegate_end(number: Annotated[int, typer.Argument(metavar="编号", help="代理的编号")], by: By = ADMIN) -> None:
    """提前结束一项代理。"""
    from policy_match.workflows.end_delegation import end_delegation

    given = settings()
    end_delegation(archive_of(given), number, _by(given, by))
    print("已结束")


def _by(given: Settings, by: str) -> write_entry.By:
    from policy_match.workflows.library_names import REAL
    from policy_match.workflows.write_entry import By as Asked

    return Asked(REAL, by, given.instant())


def _day(written: str | None, given: Settings) -> date | None:
    return None if written is None else day_of(written, given, "--through")


def _asked(prompt: str) -> str:
    """What is typed unseen at a terminal, else the next line of standard input; UsageError INPUT_ENDED without one."""
    if sys.stdin.isatty():
        return getpass(prompt, stream=sys.stderr)
    line = sys.stdin.readline()
    if not line:
        from policy_match.errors import Issue, UsageError

        what = f"没有读到{prompt.rstrip('：')}"
        raise UsageError(Issue("INPUT_ENDED", what, "标准输入", "一行文字", "在终端上运行，或从标准输入逐行给出"))
    return line.rstrip("\r\n")


def _asked_twice() -> str:
    """A new password; at a terminal twice, because it is not seen."""
    first = _asked("新密码：")
    if sys.stdin.isatty() and _asked("再输一次新密码：") != first:
        from policy_match.errors import Issue, UsageError

        raise UsageError(Issue("PASSWORD_TWICE", "两次输入的新密码不同", "新密码", "", "重新运行"))
    return first
