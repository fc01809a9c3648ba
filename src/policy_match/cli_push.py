"""The commands of the push: rounds, channels, the queue; and `worker`. Each is a thin door to one workflow."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from policy_match.cli_held import held_app
from policy_match.cli_library import By, Form, Library, archive_of
from policy_match.cli_messages import add_to
from policy_match.command_options import settings
from policy_match.command_words import ChineseGroup, ChineseTyper

if TYPE_CHECKING:
    from policy_match.settings import Settings
    from policy_match.workflows import write_entry
    from policy_match.workflows.run_round import Rounds


def _group(text: str) -> ChineseTyper:
    return ChineseTyper(cls=ChineseGroup, help=text, no_args_is_help=True, rich_markup_mode=None)


push_app = _group("推送：消息、联系人、订阅、通知；发送一轮、渠道、队列。")
channel_app = _group("渠道：开通、关闭、列出。新装的都是关闭的。")
push_app.add_typer(channel_app, name="channel")
push_app.add_typer(held_app, name="held")
add_to(push_app)
Channel = Annotated[
    str, typer.Argument(metavar="渠道", help="gateway、sms、email、file、wecom、dingtalk、feishu，或名称")
]


@push_app.command("tick")
def push_tick() -> None:
    """做一轮：重新匹配、说当天要说的（消息、提醒、汇总）、发送到期的。"""
    done = _rounds(settings(), goes_on=False).run()
    for line in done.told:
        print(line)
    if not done.told and not done.failed:
        print("没有要做的")
    if done.failed:
        print(f"没有办成：{'、'.join(done.failed)}；原因见上", file=sys.stderr)
        sys.exit(1)


def worker(
    every: Annotated[float, typer.Option("--every", min=0.01, max=3600, help="两轮之间隔几秒")] = 5.0,
    once: Annotated[bool, typer.Option("--once", help="只做一轮")] = False,
) -> None:
    """一轮接一轮地推送，可以同时开几个；收到 SIGTERM 时办完手上的一条再退出。日志写到标准错误。"""
    from policy_match.workflows.run_worker import run_worker

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("policy_match").setLevel(logging.INFO)
    sys.exit(run_worker(_rounds(settings(), goes_on=not once), every=every, once=once))


@channel_app.command("on")
def channel_on(channel: Channel, by: By = "admin") -> None:
    """开通一个渠道；要先设好它的地址。"""
    _switch(channel, True, by)


@channel_app.command("off")
def channel_off(channel: Channel, by: By = "admin") -> None:
    """关闭一个渠道；排着队的这个渠道的消息不再发送。"""
    _switch(channel, False, by)


@channel_app.command("list")
def channel_list(format: Form = "table") -> None:
    """列出各渠道有没有地址、开没开通、谁在什么时候开关的。"""
    from policy_match.workflows.list_queue import channel_rows
    from policy_match.workflows.open_channels import open_channels
    from policy_match.workflows.print_rows import print_rows

    given = settings()
    print_rows(channel_rows(archive_of(given), open_channels(given)), form=format)


@push_app.command("queue")
def push_queue(
    failed: Annotated[bool, typer.Option("--failed", help="只列发送失败的")] = False,
    library: Library = "real",
    by: By = "data",
    format: Form = "table",
) -> None:
    """列出排队等发和发送失败的，先到期的在前。"""
    from policy_match.workflows.list_queue import queue_rows
    from policy_match.workflows.print_rows import print_rows

    given = settings()
    print_rows(queue_rows(archive_of(given), _by(given, library, by), failed_only=failed), form=format)


@push_app.command("retry")
def push_retry(
    number: Annotated[int, typer.Argument(metavar="编号", help="push queue 列出的编号")],
    again: Annotated[bool, typer.Option("--again", help="可能已经收到的也重发，对方会再收一次")] = False,
    library: Library = "real",
    by: By = "data",
) -> None:
    """把发送失败的一条放回队列，从头再试。"""
    from policy_match.workflows.retry_delivery import retry_delivery

    given = settings()
    retry_delivery(archive_of(given), number, _by(given, library, by), again=again)
    print("已放回队列")


def _rounds(given: Settings, *, goes_on: bool) -> Rounds:
    from policy_match.workflows.dispatch_messages import JOB, Post, worker_name
    from policy_match.workflows.library_names import REAL
    from policy_match.workflows.open_channels import open_channels
    from policy_match.workflows.open_reviews import review_ordering
    from policy_match.workflows.run_round import Rounds

    archive = archive_of(given)
    post = Post(archive, open_channels(given), given.public_url, worker_name(), given.instant)
    return Rounds.of(post, review_ordering(archive, _by(given, REAL, JOB)), goes_on=goes_on)


def _switch(channel: str, is_on: bool, by: str) -> None:
    from policy_match.push.words import CHANNEL_NAMES
    from policy_match.workflows.open_channels import open_channels
    from policy_match.workflows.switch_channel import switch_channel

    given = settings()
    asked = _by(given, "real", by)
    found = switch_channel(archive_of(given), channel, is_on, asked, there=open_channels(given))
    print(f"{CHANNEL_NAMES[found]}已{'开通' if is_on else '关闭'}")


def _by(given: Settings, library: str, actor: str) -> write_entry.By:
    from policy_match.workflows import write_entry

    return write_entry.By(library, actor, given.instant())
