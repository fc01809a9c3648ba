"""The client of the load campaign, a process of its own: `python -m benchmarks.load_client PLAN RESULT`.

Open loop: each request has its instant in advance and is sent then, whatever became of those before it, and what it took
counts from that instant. A slow service is not spared by a client that waits for it (coordinated omission).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx2

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """`at`: seconds after the beginning; `signed`: sent with the key; `body`: JSON of a POST, "" for a GET; `status`: that of a right answer."""

    at: float
    kind: str
    path: str
    signed: bool = False
    body: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """`seconds`: from the instant that was planned; `late`: how long after it the client came to send; `fault`: "" for a right answer."""

    at: float
    kind: str
    seconds: float
    late: float
    size: int
    fault: str


async def sent(address: str, key: str, requests: list[Request]) -> list[Answered]:
    """Send all requests at their instants."""
    # Shorter than the service keeps an idle connection: none is used in the instant in which it is being closed.
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=2.0)
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(base_url=address, limits=limits, timeout=PATIENCE) as anybody,
        httpx2.AsyncClient(base_url=address, limits=limits, timeout=PATIENCE, headers=headers) as known,
    ):
        begun = time.monotonic() + 0.5
        tasks = []
        for one in requests:
            await asyncio.sleep(max(0.0, begun + one.at - time.monotonic()))
            tasks.append(asyncio.create_task(_sent(known if one.signed else anybody, one, begun)))
        return list(await asyncio.gather(*tasks))


async def _sent(client: httpx2.AsyncClient, one: Request, begun: float) -> Answered:
    late, size = time.monotonic() - begun - one.at, 0
    try:
        if one.body:
            answer = await client.post(one.path, content=one.body, headers={"Content-Type": "application/json"})
        else:
            answer = await client.get(one.path)
        fault, size = "" if answer.status_code == one.status else str(answer.status_code), len(answer.content)
    except httpx2.HTTPError as error:
        fault = type(error).__name__
    return Answered(one.at, one.kind, time.monotonic() - begun - one.at, late, size, fault)


def main(plan: Path, result: Path) -> None:
    """Read the plan, send it, write what came of it."""
    given = json.loads(plan.read_bytes())
    found = asyncio.run(sent(given["address"], given["key"], [Request(**one) for one in given["requests"]]))
    result.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
