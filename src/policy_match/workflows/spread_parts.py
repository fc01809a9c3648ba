"""Run the parts of a large run one after the other, in processes of this machine, or on a Dask cluster.

What all parts share goes to each process once. A process that is lost costs the part that it had: on a cluster Dask gives it
to another one, on this machine the run ends, says so, and goes on with that part when it is started again.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeAlias

from policy_match.cycles import look_seldom
from policy_match.errors import Issue, UsageError
from policy_match.exchange.tables import why_not

Part: TypeAlias = tuple[int, int]
Work: TypeAlias = Callable[[Part], Part]
REACHED_WITHIN = 20.0
TRIM, MAP = -1, -3
KEEP = 1 << 30
_work: list[Work] = []


@dataclass(frozen=True, slots=True)
class Spread:
    """Where parts run: on a cluster by its address, else in so many processes."""

    scheduler: str | None
    processes: int

    def run(self, work: Work, parts: Sequence[Part]) -> Iterator[Part]:
        """The parts as they are done; UsageError where the cluster cannot be reached or a process was lost."""
        if self.scheduler is not None:
            return _on_cluster(self.scheduler, work, parts)
        if self.processes == 1 or len(parts) == 1:
            return (work(part) for part in parts)
        return _in_processes(self.processes, work, parts)


def _in_processes(count: int, work: Work, parts: Sequence[Part]) -> Iterator[Part]:
    context = get_context("spawn")
    with ProcessPoolExecutor(min(count, len(parts)), mp_context=context, initializer=_begin, initargs=(work,)) as pool:
        try:
            for done in as_completed([pool.submit(_own, part) for part in parts]):
                yield done.result()
        except BrokenProcessPool:
            what = "一个进程中途没有了（多半是内存不够，或被停止）"
            hint = "同样的命令再运行一次，做完的部分不会重做；内存不够时加 --processes 1"
            raise UsageError(Issue("PROCESS_LOST", what, "", "", hint)) from None


def _begin(work: Work) -> None:
    look_seldom()
    keep_memory()
    _work[:] = [work]


def _own(part: Part) -> Part:
    return _work[0](part)


def _on_cluster(address: str, work: Work, parts: Sequence[Part]) -> Iterator[Part]:
    try:
        from distributed import Client
        from distributed import as_completed as completed
    except ImportError:
        hint = "安装 policy-match[large]，或不写 --scheduler"
        raise UsageError(Issue("NOT_INSTALLED", "没有安装 distributed，不能用集群", "--scheduler", "", hint)) from None
    try:
        client = Client(address, timeout=REACHED_WITHIN)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        hint = "先启动 dask scheduler 和 dask worker，地址照它显示的写"
        what = f"连不上集群（{error}）"
        raise UsageError(Issue("SCHEDULER", what, "--scheduler", "tcp://主机:8786", hint)) from None
    with client:
        shared = client.scatter(work, broadcast=True, hash=False)  # type: ignore[no-untyped-call]
        futures = client.map(_held, parts, work=shared, pure=False, retries=3)
        for future in completed(futures):  # type: ignore[no-untyped-call]
            try:
                yield future.result()
            except OSError as error:
                what, hint = (
                    f"集群的机器读写不了文件（{why_not(error)}）",
                    "事实和结果的文件夹要在每台机器的同一个路径上",
                )
                raise UsageError(Issue("CLUSTER_FILES", what, str(error.filename or ""), "", hint)) from None
            future.release()


def _held(part: Part, work: Work) -> Part:
    look_seldom()
    keep_memory()
    return work(part)


def keep_memory() -> None:
    """Have the C library keep what is freed: a worker of Dask gives it back at once, and taking it again costs more than the work.

    Nothing happens where there is no mallopt.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(TRIM, KEEP)
        set_option(MAP, KEEP)
