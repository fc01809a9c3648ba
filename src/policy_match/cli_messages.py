"""The commands on messages, contacts and consents: `policy-match push …`. Each is a thin door to one workflow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policy_match.cli_library import By, Form, Library, Reason, archive_of
from policy_match.command_options import day_of, listed, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

if TYPE_CHECKING:
    from policy_match.settings import Settings
    from policy_match.workflows import write_entry
    from policy_match.workflows.send_notice import Preview

DATA = "data"
contact_app = ChineseTyper(
    cls=ChineseGroup, help="企业联系人：登记、结束、列出。", no_args_is_help=True, rich_markup_mode=None
)
Number = Annotated[int, typer.Argument(metavar="编号", help="push list 列出的编号")]
Note = Annotated[str, typer.Option("--note", help="说明")]
Why = Annotated[Optional[str], typer.Option("--reason", help="原因：企业无此业务、已享受、不相关等七种之一")]
Topic = Annotated[str, typer.Option("--topic", help="主题，如 奖补、免申即享、部门通知；* 为全部")]
OnChannel = Annotated[str, typer.Option("--channel", help="渠道代码或名称，如 sms、站内消息")]


def push_list(library: Library = "real", by: By = DATA, format: Form = "table") -> None:
    """列出消息：状态、各渠道到哪一步、回应；只列有权看的，最新的 500 条。"""
    from policy_match.workflows.print_rows import print_rows
    from policy_match.workflows.show_message import message_rows

    given = settings()
    print_rows(message_rows(archive_of(given), _by(given, library, by)), form=format)


def push_show(number: Number, library: Library = "real", by: By = DATA) -> None:
    """一条消息：内容、为什么发给收件人、各渠道每次尝试、办理历史。"""
    from policy_match.workflows.print_message import message_lines
    from policy_match.workflows.show_message import explain_message

    given = settings()
    for line in message_lines(explain_message(archive_of(given), number, _by(given, library, by))):
        print(line)


def push_preview(number: Number, library: Library = "real", by: By = DATA) -> None:
    """各渠道实际发出的文字，一字不差。"""
    from policy_match.workflows.preview_message import preview_message

    given = settings()
    found = preview_message(archive_of(given), number, given.public_url, _by(given, library, by))
    print("\n\n".join(f"【{channel}】\n{text}" for channel, text in found.items()))


def push_ack(
    number: Number,
    reply: Annotated[str, typer.Argument(metavar="回应", help="已知悉、有意申请、需要帮助、不适用、数据更正，或代码")],
    by: By,
    note: Note = "",
    reason: Why = None,
    fact: Annotated[Optional[str], typer.Option("--fact", help="数据更正：哪项数据")] = None,
    library: Library = "real",
) -> None:
    """收件人回应一条消息。"""
    from policy_match.push.words import REPLY_NAMES
    from policy_match.workflows.reply_message import Answer, reply_message

    given = settings()
    made = reply_message(archive_of(given), number, Answer(reply, note, reason, fact), _by(given, library, by))
    opened = f"，已开问题单 {made.ticket}" if made.ticket else "，已转有关单位核实" if made.doubt else ""
    print(f"已回应：{REPLY_NAMES[made.reply]}{opened}")


def push_dismiss(number: Number, by: By, reason: Why = None, note: Note = "", library: Library = "real") -> None:
    """收件人去掉一条消息或汇总中的一项，原因转给审核的单位。"""
    from policy_match.workflows.dismiss_message import dismiss_message

    given = settings()
    dismiss_message(archive_of(given), number, _by(given, library, by), reason=reason, note=note)
    print("已去掉，不再提醒")


def push_consent(
    channel: OnChannel,
    state: Annotated[str, typer.Option("--state", help="granted 同意、denied 不同意、withdrawn 退订")],
    by: By,
    topic: Topic = "*",
    library: Library = "real",
) -> None:
    """本人设置一个渠道的一类消息收不收。"""
    _say(channel, topic, state, library, by)


def push_frequency(
    often: Annotated[str, typer.Argument(metavar="频次", help="daily 每天汇总、weekly 每周汇总、off 不收，或名称")],
    by: By,
    topic: Topic = "*",
    library: Library = "real",
) -> None:
    """本人设置一类消息多久收一次，已排队的也照办；必须告知的和更正不受影响。"""
    from policy_match.push.words import EVERY_CHANNEL, FREQUENCY_NAMES
    from policy_match.workflows.give_consent import Choice, give_consent, read_frequency

    given = settings()
    give_consent(archive_of(given), [Choice(EVERY_CHANNEL, topic, often, "命令")], _by(given, library, by))
    print(f"{_about(topic)}：{FREQUENCY_NAMES[read_frequency(often)]}")


def push_unsubscribe(channel: OnChannel, by: By, topic: Topic = "*", library: Library = "real") -> None:
    """本人退订一个渠道的一类消息，立即生效；不影响享受政策。"""
    _say(channel, topic, "withdrawn", library, by)


def push_stats(
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=104, help="几周，含本周")] = 13,
    library: Library = "real",
    by: By = DATA,
    format: Form = "table",
) -> None:
    """按措施和周统计：发出、送达、已读、回应、有意申请、兑现、退订。"""
    from policy_match.workflows.count_push import count_push
    from policy_match.workflows.print_rows import print_rows

    given = settings()
    print_rows(count_push(archive_of(given), _by(given, library, by), weeks=weeks), form=format)


def push_notice(
    title: Annotated[str, typer.Option("--title", help="标题")],
    text: Annotated[str, typer.Option("--text", help="正文")],
    sender: Annotated[str, typer.Option("--sender", help="署名的发送单位")],
    reason: Annotated[str, typer.Option("--reason", help="为什么发给这些企业，会写在消息里")],
    by: By,
    district: Annotated[Optional[str], typer.Option("--district", help="辖市区代码")] = None,
    industry: Annotated[Optional[str], typer.Option("--industry", help="行业门类或大类，如 C、C35")] = None,
    stage: Annotated[Optional[str], typer.Option("--stage", help="项目阶段，如 开工")] = None,
    measure: Annotated[Optional[str], typer.Option("--measure", help="只发给符合这项措施的")] = None,
    people: Annotated[Optional[int], typer.Option("--people", help="预览时看到的人数；写了才发送，不写只预览")] = None,
    library: Library = "real",
) -> None:
    """部门通知：按辖区、行业、阶段、措施选企业；先预览人数和文字，再写上人数发送。"""
    from policy_match.workflows.list_projects import Wanted
    from policy_match.workflows.send_notice import NewNotice, preview_notice, send_notice

    given = settings()
    wanted = Wanted(district=district, industry=industry, stage=stage)
    asked, request = NewNotice(title, text, sender, reason, wanted, measure), _by(given, library, by)
    if people is None:
        _tell_preview(preview_notice(archive_of(given), asked, request))
        return
    made = send_notice(archive_of(given), asked, people, request)
    print(f"已登记 {len(made)} 条，下一轮发送；比平常多得多的，等人放行")


@contact_app.command("add")
def contact_add(
    firm: Annotated[str, typer.Argument(metavar="企业", help="信用代码或库内编号")],
    actor: Annotated[str, typer.Option("--actor", help="有本企业账号的经办人编号")],
    role: Annotated[str, typer.Option("--role", help="handler 经办人、legal 法定代表人")],
    by: By = DATA,
    topics: Annotated[Optional[str], typer.Option("--topics", help="主题，逗号分隔；不写为全部")] = None,
    phone: Annotated[Optional[str], typer.Option("--phone", help="手机号")] = None,
    email: Annotated[Optional[str], typer.Option("--email", help="电子邮箱")] = None,
    gateway: Annotated[Optional[str], typer.Option("--gateway", help="政企通账号")] = None,
    since: Annotated[Optional[str], typer.Option("--since", help="起始日，默认今天")] = None,
    until: Annotated[Optional[str], typer.Option("--until", help="从哪天起不再代表企业")] = None,
    library: Library = "real",
) -> None:
    """登记一个企业联系人；手机、邮箱、账号封存，不明文保存。"""
    from policy_match.workflows.add_contact import NewContact, add_contact

    given = settings()
    first, last = (None if day is None else day_of(day, given, name) for day, name in _days(since, until))
    asked = NewContact(firm, actor, role, listed(topics), phone, email, gateway, first, last)
    print(f"已登记，第 {add_contact(archive_of(given), asked, _by(given, library, by)).id} 号联系人")


@contact_app.command("end")
def contact_end(
    number: Annotated[int, typer.Argument(metavar="编号", help="push contact list 列出的编号")],
    reason: Reason,
    by: By = DATA,
    on: Annotated[Optional[str], typer.Option("--on", help="从哪天起不再代表企业，默认今天")] = None,
    library: Library = "real",
) -> None:
    """结束一个联系人：到那天起不再给他发，联系方式删除。"""
    from policy_match.workflows.end_contact import end_contact

    given = settings()
    last = None if on is None else day_of(on, given, "--on")
    row = end_contact(archive_of(given), number, reason, _by(given, library, by), on=last)
    print(f"第 {row.id} 号联系人到 {row.until} 结束")


@contact_app.command("list")
def contact_list(
    firm: Annotated[Optional[str], typer.Option("--firm", help="只列一家企业：信用代码或库内编号")] = None,
    library: Library = "real",
    by: By = DATA,
    format: Form = "table",
) -> None:
    """列出企业联系人；联系方式只显示末几位。"""
    from policy_match.workflows.list_contacts import contact_rows
    from policy_match.workflows.print_rows import print_rows

    given = settings()
    print_rows(contact_rows(archive_of(given), firm, _by(given, library, by)), form=format)


def add_to(app: ChineseTyper) -> None:
    """Put these commands under `push`."""
    app.add_typer(contact_app, name="contact")
    for name, command in (
        ("list", push_list), ("show", push_show), ("preview", push_preview), ("ack", push_ack), ("dismiss", push_dismiss),
        ("consent", push_consent), ("frequency", push_frequency), ("unsubscribe", push_unsubscribe), ("notice", push_notice),
        ("stats", push_stats),
    ):  # fmt: skip
        app.command(name)(command)


def _days(since: str | None, until: str | None) -> tuple[tuple[str | None, str], ...]:
    return (since, "--since"), (until, "--until")


def _say(channel: str, topic: str, state: str, library: str, by: str) -> None:
    from policy_match.push.words import CHANNEL_NAMES, CONSENT_NAMES
    from policy_match.workflows.give_consent import Choice, give_consent, read_channel, read_state

    given = settings()
    give_consent(archive_of(given), [Choice(channel, topic, state, "命令")], _by(given, library, by))
    print(f"{CHANNEL_NAMES[read_channel(channel)]}，{_about(topic)}：{CONSENT_NAMES[read_state(state)]}")


def _about(topic: str) -> str:
    return "全部消息" if topic.strip() in ("*", "全部") else f"“{topic.strip()}”"


def _tell_preview(seen: Preview) -> None:
    print(f"将发给 {seen.firms} 家企业的 {seen.people} 人；另有 {seen.without_contact} 家没有联系人，收不到")
    if seen.would_be_held:
        print("比平常多得多，发送后要等人放行")
    print(f"\n{seen.words.title}\n{seen.words.body}\n\n短信：{seen.words.short}")
    print(f"\n核对后加上 --people {seen.people} 发送", file=sys.stderr)


def _by(given: Settings, library: str, actor: str) -> write_entry.By:
    from policy_match.workflows import write_entry

    return write_entry.By(library, actor, given.instant())
