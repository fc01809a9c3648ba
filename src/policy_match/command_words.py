"""Chinese words around the commands: the headings of help texts and what is wrong with a call."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

Command = TypeVar("Command", bound=Callable[..., object])

# typer keeps its errors in a private module; this one is public, and what it is made of is what is needed.
CallError: type[Exception] = typer.BadParameter.__mro__[2]

_HELP = {
    "Usage: ": "用法：", "[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]…", "Arguments:": "参数：", "Options:": "选项：",
    "Commands:": "命令：", "[required]": "[必填]", "[default: ": "[默认：", "Show this message and exit.": "显示帮助。",
    "<path>": "<路径>", "<str>": "<文字>", "<int>": "<数字>",
}  # fmt: skip
_FAULTS = (
    (r"No such option: (\S+)(?: \(Possible options: (.*)\))?\.?(?: Did you mean (.*)\?)?", "没有选项 {0}"),
    (r"No such command '(.*?)'\.(?: Did you mean (.*)\?)?", "没有命令 {0}"),
    (r"Missing argument '(.*?)'\.?.*", "缺少参数 {0}"),
    (r"Missing option '(.*?)'\.?.*", "缺少选项 {0}"),
    (r"Missing command\.", "没有写出命令"),
    (r"Got unexpected extra argument\S* \((.*)\)", "多余的参数 {0}"),
    (r"Option '?(\S+?)'? requires an argument\.?", "选项 {0} 后面缺少值"),
    (r"Invalid value for '?(.*?)'?: .* greater than or equal to (\S+)", "{0} 的值不对；允许：不小于 {1} 的整数"),
    (r"Invalid value for '?(.*?)'?: .* less than or equal to (\S+)", "{0} 的值不对；允许：不大于 {1} 的整数"),
    (r"Invalid value for '?(.*?)'?: .* valid integer.*", "{0} 的值不对；允许：整数"),
    (r"Invalid value for '?(.*?)'?: (.*)", "{0} 的值不对（{1}）"),
)


class ChineseTyper(typer.Typer):
    """A typer whose commands print their help in Chinese."""

    def command(self, name: str | None = None, **settings: object) -> Callable[[Command], Command]:
        """Register a command, as typer does."""
        return super().command(name, cls=_ChineseCommand, **settings)  # type: ignore[arg-type]


class _ChineseCommand(TyperCommand):
    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        return in_chinese(super().get_help(ctx))


class ChineseGroup(TyperGroup):
    """A group of commands that prints its help in Chinese."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """The help of the group with its headings in Chinese."""
        return in_chinese(super().get_help(ctx))


def in_chinese(text: str) -> str:
    """A help text with the fixed words of typer in Chinese; the texts of the commands are ours already."""
    for word, chinese in _HELP.items():
        text = text.replace(word, chinese)
    return re.sub(r"\{(\S+?)\}", r"\1", text)


def tell_call_error(error: Exception) -> None:
    """Print on stderr what is wrong with a call and where the help is."""
    message = str(getattr(error, "format_message", lambda: error)())
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(in_chinese(message), file=sys.stderr)
        return
    for pattern, chinese in _FAULTS:
        if found := re.fullmatch(pattern, message.strip(), re.DOTALL):
            message = chinese.format(*(group or "" for group in found.groups()))
            break
    command = getattr(context, "command_path", "policy-match")
    print(f"错误 {message}；怎么办：{command} --help 列出可用的写法", file=sys.stderr)
