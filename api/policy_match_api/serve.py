"""Run the service on one address; a taken port or rules that do not load are one plain sentence."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from threading import Thread

import uvicorn

from policy_match.errors import Issue, PolicyMatchError, UsageError
from policy_match.settings import Settings
from policy_match_api.app import create_app
from policy_match_api.state import Opened


class _Announcing(uvicorn.Server):
    """Says where the service answers once it does, then does what can wait until then."""

    def __init__(self, config: uvicorn.Config, message: str, afterwards: Callable[[], None]) -> None:
        super().__init__(config)
        self._message, self._afterwards = message, afterwards

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            print(self._message, flush=True)
            Thread(target=self._afterwards, daemon=True).start()


def serve(settings: Settings, host: str, port: int, *, demo: bool) -> None:
    """Serve until interrupted. UsageError if the address cannot be had, RuleError if the rules do not load."""
    listening = _bound(host, port)
    try:
        app = create_app(settings, demo=demo)
        for note in app.state.notes:
            print(note, file=sys.stderr)
        shown = f"[{host}]" if ":" in host else host
        message = f"服务已启动：http://{shown}:{listening.getsockname()[1]}（按 Ctrl+C 停止）"
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        _Announcing(config, message, lambda: open_index_of(app.state.opened)).run(sockets=[listening])
    finally:
        listening.close()


def open_index_of(state: Opened) -> None:
    """So that the first question need not wait; a fault of the lexicon is told, and everything but search and suggestions goes on."""
    try:
        state.index()
        state.learn_industry()
    except PolicyMatchError as error:
        print(error.__cause__ or error, file=sys.stderr, flush=True)


def _bound(host: str, port: int) -> socket.socket:
    """A listening socket; taken before the rules are read, so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        where = f"{host}:{port}"
        raise UsageError(
            Issue("ADDRESS", f"无法在此地址启动服务（{error.strerror or error}）", where, "", "端口可能已被占用：换一个 --port，或停止占用它的程序")
        ) from None  # fmt: skip
    except OverflowError:
        raise UsageError(Issue("ADDRESS", "端口不对", str(port), "0 至 65535", "改正 --port")) from None
