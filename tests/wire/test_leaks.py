"""No secret, signature or pre-signed query in any error, verbose traceback or log."""

from __future__ import annotations

import logging

import httpx
import pytest

from learnosity_nb.credentials import Consumer
from learnosity_nb.errors import LearnosityError
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.datasets import group_files, group_urls, initialise
from learnosity_nb.wire.exchange import Limits
from learnosity_nb.wire.retry import RetryPolicy
from learnosity_nb.wire.transfer import Transfers

SIGNED = "AWSAccessKeyId=CANARY-key&Expires=1&Signature=CANARY-signature"
URL = f"https://files.test/f?{SIGNED}"


STEPS = {
    "refused": lambda fault: fault.refuse(),
    "late": lambda fault: fault.silence(),
    "broken": lambda fault: fault.error(httpx.ReadError),
    "tls": lambda fault: fault.bad_certificate(),
    "html with a url": lambda fault: fault.body(f"<a href='{URL}'>".encode()),
    "json with a url": lambda fault: fault.body(f'{{"meta": {{}}, "data": ["{URL}"]}}'.encode()),
    "other data": lambda fault: fault.ok({"dataset_id": 5, "input_files": [URL], "pupil": "CANARY-pupil"}),
    "error with a url": lambda fault: fault.status(400, 20004, f"{URL} is wrong"),
    "redirect": lambda fault: fault.redirect(f"https://evil.test/?{SIGNED}"),
    "server error": lambda fault: fault.body(f"<Error>{SIGNED}</Error>".encode(), 500),
    "refusal": lambda fault: fault.body(f"<Error>{SIGNED}</Error>".encode(), 403),
    "bomb": lambda fault: fault.bomb(65),
}

CALLS = {
    "get": lambda api, files: api.call("jobs", "get", {}).read(int),
    "set": lambda api, files: api.call("jobs", "set", {}).read(int),
    "initialise": lambda api, files: initialise(api, {}),
    "urls": lambda api, files: group_urls(api, "kind", "d", [[], []]),
    "put": lambda api, files: files.put(str(URL), lambda: [b"CANARY-pupil"], 12),
    "download": lambda api, files: files.get(str(URL)),
    "downloads": lambda api, files: files.get_many([str(URL)] * 2),
    "insecure": lambda api, files: files.get(URL.replace("https", "http")),
}


FILE_CALLS = {"put", "download", "downloads"}
BELIEVED_FILES = {"html with a url", "json with a url", "other data"}
PAIRS = [(call, step) for call in CALLS for step in STEPS if not (call in FILE_CALLS and step in BELIEVED_FILES)]


@pytest.mark.parametrize(("call", "step"), PAIRS)
def test_no_error_shows_what_is_secret(scripted, transferring, fault, caplog, shown, call, step):
    caplog.set_level(logging.DEBUG)
    api, _ = scripted(STEPS[step](fault), policy=RetryPolicy(attempts=1))
    files, _ = transferring(STEPS[step](fault), policy=RetryPolicy(attempts=1), limits=Limits())
    with pytest.raises(LearnosityError) as caught:
        CALLS[call](api, files)
    assert "CANARY" not in shown(caught.value), shown(caught.value)
    assert "CANARY" not in caplog.text


def test_a_group_file_that_is_wrong_does_not_show_its_rows(scripted, transferring, fault, shown):
    api, _ = scripted(fault.ok([URL]))
    files, _ = transferring(fault.body(b'{"group_id": "CANARY-pupil", "rows": [["CANARY-pupil"]]}'))
    with pytest.raises(LearnosityError) as caught:
        group_files(api, files, "kind", "d", [[]])
    assert "CANARY" not in shown(caught.value)


@pytest.mark.parametrize("call", sorted(set(CALLS) - {"insecure"}))
def test_ctrl_c_does_not_show_what_is_secret(scripted, transferring, fault, shown, call):
    api, _ = scripted(fault.interrupt())
    files, _ = transferring(fault.interrupt())
    with pytest.raises(KeyboardInterrupt) as caught:
        CALLS[call](api, files)
    assert "CANARY" not in shown(caught.value), shown(caught.value)


def test_the_logs_of_real_calls_show_no_query_and_no_secret(raw_server, http, enveloped, consumer, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)

    def handle(connection):
        while head := http[0](connection)[0]:
            redirected = b"first" in head
            connection.sendall(
                http[1](b"", f"Location: /second?{SIGNED}", status="302 Found")
                if redirected
                else http[1](enveloped([URL]), f"X-Echo: {URL}")
            )

    server = raw_server(handle)
    address = f"http://127.0.0.1:{server.port}"
    with DataApi(address, "v1", consumer) as api:
        api.call("jobs", "get", {})
    with Transfers() as files:
        files.get(f"{address}/first?{SIGNED}")
        files.put(f"{address}/second?{SIGNED}", lambda: [b"x"], 1)
    assert "receive_response_headers" in caplog.text
    assert "CANARY" not in caplog.text


def test_a_consumer_stays_hidden_in_everything_a_client_holds(scripted, fault):
    api, _ = scripted(fault.ok())
    assert "CANARY" not in repr(vars(api))
    assert "CANARY" not in repr(Consumer("key", "CANARY"))
