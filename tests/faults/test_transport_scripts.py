"""P3 and P6: the real client over the real service, with a network between them that fails by a seeded script.

Each script ends in the right result or in an error of this package, after a bounded number of requests and a bounded
time; and whatever happened, doing the same again without faults gives the right result, with one job and no second
change. Time is false: it passes when somebody sleeps, or when the network takes its time.
"""

from __future__ import annotations

import gzip
import json
import logging
import random
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from learnosity_nb.errors import ApiError, LearnosityError, UncertainOutcome
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.datasets import group_files, initialise, start
from learnosity_nb.wire.jobs import find_jobs
from learnosity_nb.wire.polling import poll
from learnosity_nb.wire.transfer import Transfers

SCRIPTS = 500
PORTIONS = 20
MOST_REQUESTS = 400
LONGEST = 4 * 3600.0
CAP = 1 << 18
TYPE = "sessions-summary-by-group"
LINES = [
    {"user_id": f"u{number}", "session_id": [f"s{number}"], "group_path": [f"g{number % 3}"]} for number in range(12)
]
BOMB = gzip.compress(bytes(8 * CAP))

Exchange = Callable[[], tuple[int, list[tuple[str, str]], bytes]]
Step = Callable[[Exchange, Any], httpx.Response]


class Stream(httpx.SyncByteStream):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks


class FaultTransport(httpx.BaseTransport):
    """Plays a script over the service, one step for each request; after the last step it works, or stays broken."""

    def __init__(self, world: Any, script: list[Step], rest: Step) -> None:
        self.world, self.script, self.rest = world, list(script), rest
        self.requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        assert self.requests <= MOST_REQUESTS, "the client does not come to an end"

        def exchange() -> tuple[int, list[tuple[str, str]], bytes]:
            response = self.world.transport.handle_request(request)
            body = b"".join(response.stream)
            response.close()
            return response.status_code, response.headers.multi_items(), body

        return (self.script.pop(0) if self.script else self.rest)(exchange, self.world)


def answer(status: int, headers: list[tuple[str, str]], *chunks: bytes) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=Stream(iter(chunks)))


def right(exchange: Exchange, world: Any) -> httpx.Response:
    return answer(*exchange())


def fails(kind: type[httpx.TransportError], cause: Exception | None = None, *, after: bool, takes: float = 0.0) -> Step:
    def step(exchange: Exchange, world: Any) -> httpx.Response:
        if after:
            exchange()
        world.seconds += takes
        raise kind("failed at https://files.test/?Signature=CANARY-signature") from cause

    return step


def says(status: int, body: bytes, *headers: tuple[str, str], after: bool = False) -> Step:
    def step(exchange: Exchange, world: Any) -> httpx.Response:
        if after:
            exchange()
        return answer(status, list(headers), body)

    return step


def reset(after: float) -> Step:
    def step(exchange: Exchange, world: Any) -> httpx.Response:
        status, headers, body = exchange()

        def chunks() -> Iterator[bytes]:
            yield body[: int(len(body) * after)]
            raise httpx.ReadError("connection reset")

        return httpx.Response(status, headers=headers, stream=Stream(chunks()))

    return step


def truncated(after: float) -> Step:
    def step(exchange: Exchange, world: Any) -> httpx.Response:
        status, headers, body = exchange()
        return answer(status, headers, body[: int(len(body) * after)])

    return step


def drip(pause: float) -> Step:
    def step(exchange: Exchange, world: Any) -> httpx.Response:
        status, headers, body = exchange()

        def chunks() -> Iterator[bytes]:
            for at in range(0, len(body), 16):
                world.seconds += pause
                yield body[at : at + 16]

        return httpx.Response(status, headers=headers, stream=Stream(chunks()))

    return step


def jump(seconds: float) -> Step:
    def step(exchange: Exchange, world: Any) -> httpx.Response:
        world.seconds += seconds  # a laptop's sleep
        return right(exchange, world)

    return step


def refusal(code: int, status: int, *headers: tuple[str, str], after: bool = False) -> Step:
    body = {"meta": {"status": False, "code": code, "message": "see https://files.test/?Signature=CANARY-signature"}}
    return says(status, json.dumps(body).encode(), *headers, after=after)


def faults(dice: random.Random) -> dict[str, Step]:
    """One fault of each sort, with what varies drawn by lot."""
    after = dice.random() < 0.5
    date = format_datetime(datetime(2026, 3, 1, 12, 0, dice.randrange(60), tzinfo=UTC), usegmt=True)
    wait = ("Retry-After", dice.choice(["0", "2", "-1", "1e9", "nan", "soon", "", date, "inf"]))
    refused = ConnectionRefusedError(111, "Connection refused")
    encoded = ("Content-Encoding", "gzip")
    return {
        "refuse": fails(httpx.ConnectError, refused, after=False),
        "unknown host": fails(httpx.ConnectError, socket.gaierror(-2, "not known"), after=False),
        "certificate": fails(httpx.ConnectError, ssl.SSLError("certificate verify failed"), after=False),
        "silence": fails(httpx.ReadTimeout, after=after, takes=dice.choice([1.0, 30.0])),
        "no room": fails(httpx.PoolTimeout, after=False, takes=30.0),
        "broken": fails(dice.choice([httpx.WriteError, httpx.RemoteProtocolError, httpx.CloseError]), after=after),
        "proxy": fails(httpx.ProxyError, after=False),
        "reset": reset(dice.random()),
        "drip": drip(dice.choice([0.001, 1.0, 60.0])),
        "truncated": truncated(dice.random()),
        "html": says(200, b"<html><title>Sign in to the network</title>", after=after),
        "junk": says(200, dice.choice([b"", b"[]", b"null", b"{}", b"\xff\xfe", b'{"meta": {"status": true}}'])),
        "bomb": says(200, BOMB, encoded),
        "torn gzip": says(200, BOMB[: len(BOMB) // 2], encoded, after=after),
        "other encoding": says(200, b"x", ("Content-Encoding", "br")),
        "refusal": refusal(dice.choice([20004, 41003, 50000]), dice.choice([400, 401, 403, 409, 410])),
        "too many": refusal(42000, dice.choice([200, 429]), wait),
        # The service's own word that it has not begun is true; a proxy's may not be.
        "not begun": refusal(10000, dice.choice([408, 425, 503]), wait),
        "failure": refusal(10000, dice.choice([500, 502, 504]), wait, after=after),
        "plain failure": says(dice.choice([500, 502, 503, 504]), b"<h1>Bad gateway</h1>", wait, after=after),
        "redirect": says(dice.choice([301, 302, 307, 308]), b"", ("Location", "https://evil.test/?Signature=CANARY")),
        "lost redirect": says(302, b"", ("Location", dice.choice(["", "::", "http://["]))),
        "jump": jump(dice.choice([61.0, 3700.0])),
    }


def script(dice: random.Random) -> tuple[list[Step], Step]:
    share = dice.choice([0.05, 0.2, 0.5, 0.9])
    steps = [dice.choice(list(faults(dice).values())) if dice.random() < share else right for _ in range(40)]
    stays_broken = dice.random() < 0.1
    return steps, dice.choice(list(faults(dice).values())) if stays_broken else right


def build_and_read(api: DataApi, files: Transfers, seed: int) -> Any:
    dataset_id = str(UUID(int=seed + 1, version=4))
    groups = [{"key": "group"}]
    made = initialise(api, {"dataset_type": TYPE, "dataset_id": dataset_id, "file_count": 2, "groups": groups})
    for url, lines in zip(made.input_urls, (LINES[:5], LINES[5:]), strict=True):
        content = "".join(json.dumps(line) + "\n" for line in lines).encode()
        try:
            files.put(url, lambda content=content: [content], len(content))
        except ApiError as error:
            if error.status != 409:  # it was started already: its files are fixed
                raise
    [state] = poll(api, start(api, TYPE, dataset_id))
    assert state.status == "completed"
    return group_files(api, files, TYPE, dataset_id, [[], ["g0"], ["g1"], ["unknown"]])


def read_scores(api: DataApi, files: Transfers, seed: int) -> Any:
    pages = api.pages("sessions/scores", {"limit": 5})
    return sorted(record["session_id"] for page in pages for record in page.data)


def change(api: DataApi, files: Transfers, seed: int) -> Any:
    sessions = [{"session_id": "s1", "user_id": "u1", "metadata": {"seed": seed}}]
    answered = api.call("jobs/sessions/metadata", "set", {"session_metadata": sessions}).data
    return sorted(answered)


def list_jobs(api: DataApi, files: Transfers, seed: int) -> Any:
    return sorted({job["status"] for job in find_jobs(api, statuses=["halted"])})


CALLS = [build_and_read, build_and_read, build_and_read, read_scores, change, list_jobs]


def expected(world: Any) -> dict[Callable[..., Any], Any]:
    return {call: call(*world.clients(world.transport, random.Random(0)), 10_000 + SCRIPTS) for call in set(CALLS)}


@pytest.fixture(scope="module")
def results(world) -> dict[Callable[..., Any], Any]:
    return expected(world)


def test_each_call_gives_its_result_without_faults(world, results) -> None:
    root, first, _, unknown = results[build_and_read]
    assert (root["rows_total"], first["group_path"], unknown) == (3, ["g0"], None)
    assert results[read_scores] == sorted(f"s{number}" for number in range(12))
    assert results[change] == ["job_reference"]


def attempt(call: Callable[..., Any], *arguments: Any) -> tuple[Any, LearnosityError | None]:
    try:
        return call(*arguments), None
    except LearnosityError as error:
        return None, error


def told(error: LearnosityError | None) -> str:
    return f"{error} {error!r} {error and vars(error)}"


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_scripts_of_faults_end_in_the_right_result_or_in_an_error_of_ours(
    portion, world, results, caplog, figures
) -> None:
    caplog.set_level(logging.DEBUG)
    outcomes: Counter[str] = Counter()
    for seed in range(portion, SCRIPTS, PORTIONS):
        world.sleep(0)  # a job left by an earlier script would change the sessions while they are read
        dice = random.Random(seed)
        call = dice.choice(CALLS)
        transport = FaultTransport(world, *script(dice))
        api, files = world.clients(transport, dice)
        began, before = world.seconds, world.jobs()
        found, error = attempt(call, api, files, seed)
        outcomes[type(error).__name__] += 1
        if error is None:
            assert found == results[call], f"script {seed} gave another result"
        elif call is change and not isinstance(error, UncertainOutcome) and "may have been done" not in told(error):
            assert world.jobs() == before, f"script {seed}: a change that was reported as not done was done"
        assert "CANARY" not in told(error), seed
        assert world.seconds - began < LONGEST, seed
        assert sum((world.jobs() - before).values()) <= 1, f"script {seed} made a second job"
        if call is build_and_read:
            assert call(*world.clients(world.transport, dice), seed) == results[call], f"script {seed} left a mess"
            assert sum((world.jobs() - before).values()) == 1
    assert "CANARY" not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    figures["scripts that ended in the right result"] += outcomes["NoneType"]
    figures["scripts that ended in an error of ours"] += sum(outcomes.values()) - outcomes["NoneType"]
