"""Random scripts of faults: each ends in the right result or in an error of ours, and shows no secret."""

from __future__ import annotations

import json
import logging
import random

import httpx
import pytest

from learnosity_nb.errors import LearnosityError
from learnosity_nb.wire.datasets import group_files, initialise
from learnosity_nb.wire.exchange import Limits
from learnosity_nb.wire.jobs import find_jobs
from learnosity_nb.wire.polling import poll

SCRIPTS = 200
URL = "https://files.test/f?AWSAccessKeyId=CANARY-key&Signature=CANARY-signature"
JOB = {"reference": "r", "status": "completed"}
GROUP = {
    "group_id": "g",
    "group_name": "",
    "group_path": [],
    "fields": ["group_id"],
    "sort_field": "population",
    "sort_order": "desc",
    "rows_per_page": 1000,
    "rows_total": 1,
    "self": ["g"],
    "rows": [["h"]],
}

CALLS = {
    "get": ([1], lambda api, files: api.call("jobs", "get", {}).data, [1]),
    "set": ([1], lambda api, files: api.call("jobs/sessions/metadata", "set", {}).data, [1]),
    "update": ([1], lambda api, files: api.call("x", "update", {}, repeatable=True).data, [1]),
    "jobs": ([JOB], lambda api, files: list(find_jobs(api)), [JOB]),
    "poll": ([JOB], lambda api, files: [state.status for state in poll(api, "r")], ["completed"]),
    "initialise": (
        {"dataset_id": "d", "input_files": [URL]},
        lambda api, files: initialise(api, {"dataset_id": "d"}).input_urls,
        (URL,),
    ),
    "put": ([], lambda api, files: files.put(URL, lambda: [b"x"], 1), None),
    "download": ([], lambda api, files: files.get(URL), json.dumps(GROUP).encode()),
    "group files": ([URL], lambda api, files: group_files(api, files, "kind", "d", [[]]), [GROUP]),
}


def network_faults(dice, fault, content):
    """Faults that may befall any exchange whose right answer is `content`."""
    asked = {"headers": [("Retry-After", dice.choice(["0", "2", "-1", "1e9", "nan", "soon"]))]}
    kind = dice.choice([httpx.PoolTimeout, httpx.WriteError, httpx.RemoteProtocolError, httpx.ProxyError])
    return [
        fault.refuse(),
        fault.unknown_host(),
        fault.bad_certificate(),
        fault.silence(dice.choice([1.0, 30.0])),
        fault.reset(dice.randrange(40)),
        fault.drip(content, pause=dice.choice([0.001, 60.0])),
        fault.bomb(1),
        fault.error(kind),
        fault.redirect("https://evil.test/?Signature=CANARY", dice.choice([301, 302, 307])),
        fault.status(dice.choice([400, 401, 403, 409, 410]), 20004, f"see {URL}"),
        fault.status(dice.choice([408, 425, 429, 500, 502, 503, 504]), 10000, **asked),
    ]


def envelope_faults(dice, fault, content):
    """Faults that only a reader of envelopes notices."""
    return [
        fault.html(),
        fault.body(content[: dice.randrange(len(content))]),
        fault.body(dice.choice([b"", b"[]", b"null", b"{}", b'{"meta": {"status": true}}', b"\xff\xfe\x00"])),
        fault.body(f'{{"meta": {{"status": true}}, "dat": ["{URL}"]}}'.encode()),
        fault.status(200, dice.choice([42000, 10000, 20004])),
    ]


def script(dice, fault, content, *makers):
    """Return up to six steps, each right one time in four, and then the right one."""
    steps = [
        fault.body(content)
        if dice.random() < 0.25
        else dice.choice([step for maker in makers for step in maker(dice, fault, content)])
        for _ in range(dice.randrange(7))
    ]
    return [*steps, fault.body(content)]


@pytest.mark.parametrize("seed", range(SCRIPTS))
def test_a_random_script_ends_in_the_right_result_or_a_typed_error(
    seed, scripted, transferring, fault, enveloped, time, caplog, shown
):
    caplog.set_level(logging.DEBUG)
    dice = random.Random(seed)
    data, make, result = CALLS[dice.choice(list(CALLS))]
    limits = Limits(cap=1 << 19)
    api, _ = scripted(*script(dice, fault, enveloped(data), network_faults, envelope_faults), limits=limits)
    files, _ = transferring(*script(dice, fault, json.dumps(GROUP).encode(), network_faults), limits=limits)
    try:
        outcome, error = make(api, files), None
    except LearnosityError as raised:
        outcome, error = None, raised
    assert error is not None or outcome == result
    assert "CANARY" not in (shown(error) if error else "")
    assert "CANARY" not in caplog.text
    assert time.seconds < 1000 + 3600


@pytest.mark.parametrize("name", CALLS)
def test_without_faults_each_call_succeeds(scripted, transferring, fault, enveloped, name):
    data, make, result = CALLS[name]
    api, _ = scripted(fault.body(enveloped(data)))
    files, _ = transferring(fault.body(json.dumps(GROUP).encode()))
    assert make(api, files) == result
