"""Run the service on one address; a taken port or rules that do not load are one plain sentence.

Told to stop, it takes nothing new, lets what has begun end within POLICY_MATCH_STOP_SECONDS, and goes. Several workers
are processes that listen on one socket; each decides the libraries for itself, and all read one database.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from tempfile import TemporaryDirectory
from threading import Thread

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from policy_match.cycles import look_seldom
from policy_match.errors import Issue, PolicyMatchError, UsageError
from policy_match.settings import Settings
from policy_match.workflows.dispatch_messages import JOB, Post, worker_name
from policy_match.workflows.library_names import REAL
from policy_match.workflows.open_channels import open_channels
from policy_match.workflows.open_reviews import review_ordering
from policy_match.workflows.run_round import Rounds
from policy_match.workflows.run_worker import push_beside
from policy_match.workflows.write_entry import By
from policy_match_api.app import DEMO_ACCOUNTS, create_app, filled_archive
from policy_match_api.logs import Form, set_up_logs, tell
from policy_match_api.metrics import FOLDER
from policy_match_api.state import Opened

START_SECONDS = 600.0
GIVES_WAY = 0.0005
"""Seconds after which a thread lets the others on. At the usual 5 ms a request, which lets go some dozens of times, would
wait for seconds while the libraries are decided beside it."""
_ANSWERS_SECONDS = 60
PUSH_SECONDS = 1.0
"""Between two rounds of the push beside the service: who changes a fact sees what comes of it."""
log = logging.getLogger("policy_match.service")


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


class SharingLoop(asyncio.SelectorEventLoop):
    """Takes one waiting connection at a time: the workers share what comes in the same instant, the idle one takes the next.

    asyncio takes as many in one go as may wait, so that the first worker to wake had nearly all of them.
    """

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.Protocol], *, sock: socket.socket, backlog: int, ssl: None
    ) -> asyncio.Server:
        """Serve on a listening socket on which up to `backlog` connections may wait."""
        server = await super().create_server(protocol_factory, sock=sock, backlog=1, ssl=ssl)
        sock.listen(backlog)  # one was said for both: how many may wait, and how many are taken at once
        return server


class _Workers(Multiprocess):
    """Says where the service answers once every worker does; one that dies later is replaced, and that is told."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, message: str) -> None:
        super().__init__(config, [listening])
        self._message = message

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(START_SECONDS) for process in self.processes):
            print(self._message, flush=True)

    def keep_subprocess_alive(self) -> None:
        before = [process.pid for process in self.processes]
        super().keep_subprocess_alive()
        for old, process in zip(before, self.processes, strict=True):
            if old != process.pid:
                log.error("worker replaced", extra={"worker": old, "by": process.pid})

    @property
    def could_not_start(self) -> bool:
        """Whether a worker gave up before it served; it has said why."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)


def serve(settings: Settings, host: str, port: int, *, demo: bool, workers: int = 1, pushes: bool = False) -> None:
    """Serve until told to stop. UsageError if the address cannot be had, RuleError if the rules do not load.

    `pushes`: the only process does what a worker does too, for one machine; several leave it to workers of the push.
    """
    if pushes and workers > 1:
        hint = "另开 policy-match worker，或去掉 --workers"
        raise UsageError(Issue("PUSH_ALONE", "有几个进程时不能同时推送", "--push", "一个进程", hint))
    if settings.metrics == "auto" and not _is_this_machine(host):
        settings = settings.model_copy(update={"metrics": "off"})
    set_up_logs(settings.log)
    listening = _bound(host, port)
    try:
        shown = f"[{host}]" if ":" in host else host
        message = f"服务已启动：http://{shown}:{listening.getsockname()[1]}（按 Ctrl+C 停止）"
        if workers == 1:
            _serve_alone(settings, listening, message, demo=demo, pushes=pushes)
        else:
            _serve_together(settings, listening, message, demo=demo, workers=workers)
    finally:
        listening.close()


def _serve_alone(settings: Settings, listening: socket.socket, message: str, *, demo: bool, pushes: bool) -> None:
    sys.setswitchinterval(GIVES_WAY)
    app = create_app(settings, demo=demo)
    _refuse_open_demo(app.state.notes, listening)
    _tell_all(app.state.notes, settings.log)
    opening = partial(_open_and_push if pushes else open_index_of, app.state.opened)
    _Announcing(_config(settings, lambda: app, workers=1), message, opening).run(sockets=[listening])


def _serve_together(settings: Settings, listening: socket.socket, message: str, *, demo: bool, workers: int) -> None:
    """The archive is brought up once, before the workers: they would all fill an empty one."""
    archive, notes = filled_archive(settings, demo=demo)
    archive.database.close()
    _refuse_open_demo(notes, listening)
    _tell_all(notes, settings.log)
    settings.cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="metrics-", dir=settings.cache) as folder:
        os.environ[FOLDER] = folder
        together = _Workers(_config(settings, partial(worker, settings, demo), workers=workers), listening, message)
        together.run()
    if together.could_not_start:
        sys.exit(2)


def worker(settings: Settings, demo: bool) -> FastAPI:
    """The service in a process of its own; what keeps it from starting is told, and the other processes end too."""
    look_seldom()
    sys.setswitchinterval(GIVES_WAY)
    set_up_logs(settings.log)
    try:
        app = create_app(settings, demo=demo)
    except PolicyMatchError as error:
        _tell_all((str(error),), settings.log)
        sys.exit(STARTUP_FAILURE)
    Thread(target=open_index_of, args=(app.state.opened,), daemon=True).start()
    return app


def _open_and_push(state: Opened) -> None:
    """The index first: without texts nothing is relevant enough to go out by itself."""
    open_index_of(state)
    settings, archive = state.settings, state.archive
    post = Post(archive, open_channels(settings), settings.public_url, worker_name(), settings.instant)
    ordering = review_ordering(archive, By(REAL, JOB, settings.instant()))
    push_beside(Rounds.of(post, ordering, goes_on=False), every=PUSH_SECONDS)


def open_index_of(state: Opened) -> None:
    """So that the first question and the first look at what waits need not wait; a fault of the lexicon is told, and everything but search and suggestions goes on."""
    try:
        state.index()
        state.weigh()
        state.learn_industry()
    except PolicyMatchError as error:
        tell(str(error.__cause__ or error), state.settings.log)


def _config(settings: Settings, factory: Callable[[], FastAPI], *, workers: int) -> uvicorn.Config:
    return uvicorn.Config(
        factory,
        factory=True,
        workers=workers,
        loop="auto" if workers == 1 else f"{__name__}:{SharingLoop.__name__}",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Whom to believe about the client is POLICY_MATCH_TRUSTED_PROXIES; uvicorn would believe this whole machine.
        proxy_headers=False,
        timeout_graceful_shutdown=settings.stop_seconds,
        timeout_worker_healthcheck=_ANSWERS_SECONDS,
    )


def _tell_all(notes: tuple[str, ...], form: Form) -> None:
    for note in notes:
        tell(note, form)


def _refuse_open_demo(notes: tuple[str, ...], listening: socket.socket) -> None:
    """Refuse to show accounts whose password everybody knows to other machines; UsageError DEMO_ACCOUNTS."""
    host = str(listening.getsockname()[0])
    if DEMO_ACCOUNTS in notes and not _is_this_machine(host):
        what = "示范账号的密码人人知道，不能对别的机器开放"
        hint = "只在本机看的，用 --host 127.0.0.1；给别人用的，加 --no-demo 并换一个数据库，另建账号"
        raise UsageError(Issue("DEMO_ACCOUNTS", what, host, "127.0.0.1", hint))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    """A listening socket; taken before the rules are read, so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        where = f"{host}:{port}"
        raise UsageError(
            Issue("ADDRESS", f"无法在此地址启动服务（{error.strerror or error}）", where, "", "端口可能已被占用：换一个 --port，或停止占用它的程序")
        ) from None  # fmt: skip
    except OverflowError:
        raise UsageError(Issue("ADDRESS", "端口不对", str(port), "0 至 65535", "改正 --port")) from None
    # Else the end of an answer waits 40 ms for the receipt of its beginning, on every connection that is used again.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound
