"""The commands on held messages: `policy-match push held …`. Each is a thin door to one workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from policy_match.cli_library import By, Form, Library, Reason, archive_of
from policy_match.command_options import settings
from policy_match.command_words import ChineseGroup, ChineseTyper

if TYPE_CHECKING:
    from policy_match.workflows.release_held import Outcome

held_app = ChineseTyper(
    cls=ChineseGroup, help="等人放行的消息：列出、放行、停发。", no_args_is_help=True, rich_markup_mode=None
)
Target = Annotated[str, typer.Argument(metavar="目标", help="push held list 列出的目标：措施.v版本，或批次编号")]
Seen = Annotated[int, typer.Option("--seen", help="看到的消息数；后来多出来的不会没看就放行")]


@held_app.command("list")
def held_list(library: Library = "real", by: By = "development", format: Form = "table") -> None:
    """列出等人放行的：新版本的首批匹配和要先看的消息，比平常多得多的批次。"""
    from policy_match.workflows.list_held import held_rows
    from policy_match.workflows.print_rows import print_rows
    from policy_match.workflows.write_entry import By as Request

    given = settings()
    print_rows(held_rows(archive_of(given), Request(library, by, given.instant())), form=format)


@held_app.command("release")
def held_release(target: Target, seen: Seen, reason: Reason, by: By, library: Library = "real") -> None:
    """看过以后放行，马上发出。"""
    from policy_match.workflows.release_held import Outcome

    _decide(target, Outcome.RELEASE, (seen, reason), (library, by))


@held_app.command("cancel")
def held_cancel(target: Target, seen: Seen, reason: Reason, by: By, library: Library = "real") -> None:
    """停发：这些消息不再发出。"""
    from policy_match.workflows.release_held import Outcome

    _decide(target, Outcome.CANCEL, (seen, reason), (library, by))


def _decide(target: str, outcome: Outcome, said: tuple[int, str], asker: tuple[str, str]) -> None:
    from policy_match.workflows.release_held import Decision, decide_held
    from policy_match.workflows.write_entry import By as Request

    given = settings()
    sent = decide_held(archive_of(given), target, Decision(outcome, *said), Request(*asker, given.instant()))
    print(f"已放行：发出 {sent.messages} 条" if outcome.value == "release" else f"已停发 {sent.suppressed} 条")
