"""The commands for those who keep the program running. Each is a thin door to one workflow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.command_options import settings


def backup(
    file: Annotated[Path, typer.Argument(metavar="文件", help="备份文件 .zip，不能已存在")],
) -> None:
    """把整个数据库写成一个备份文件；不必停服务。"""
    from policy_match.store.database import connect_database
    from policy_match.workflows.back_up import back_up

    given = settings()
    print(back_up(connect_database(given.database_url), file, given.instant()))


def restore(
    file: Annotated[Path, typer.Argument(metavar="文件", help="backup 写出的文件")],
    against: Annotated[Optional[Path], typer.Option("--against", help="库外留存的链头文件")] = None,
) -> None:
    """把备份恢复到一个空库：全部恢复，或什么都不写。"""
    from policy_match.sealing import Sealer
    from policy_match.secret import open_secret
    from policy_match.store.database import connect_database
    from policy_match.workflows.restore import restore as run
    from policy_match.workflows.seal_value import told_of_other_key

    given = settings()
    sealer, database = Sealer.of(open_secret(given)), connect_database(given.database_url)
    for told in run(database, file, against):
        print(told)
    other = told_of_other_key(database, sealer)
    if other is not None:
        print(other, file=sys.stderr)
