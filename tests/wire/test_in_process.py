from __future__ import annotations

import functools
import hashlib
import json
import logging
import threading

import httpx
import pytest
import waitress
from werkzeug import Request, Response

from learnosity_nb.errors import ConnectionFailed, ServerError
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.in_process import InProcessTransport
from learnosity_nb.wire.retry import RetryPolicy
from learnosity_nb.wire.transfer import Transfers

MEGABYTE = 1 << 20


@Request.application
def observer(request):
    """Answer with what an application can see of a request."""
    digest = hashlib.sha256()
    size = 0
    while chunk := request.stream.read(MEGABYTE):
        digest.update(chunk)
        size += len(chunk)
    seen = {
        "method": request.method,
        "path": request.path,
        "path_info": request.environ["PATH_INFO"],
        "script_name": request.environ["SCRIPT_NAME"],
        "query": request.environ["QUERY_STRING"],
        "args": list(request.args.items(multi=True)),
        "host": request.host.partition(":")[0],
        "scheme": request.scheme,
        "length": request.content_length,
        "type": request.content_type,
        "header": request.headers.get("X-Odd"),
        "protocol": request.environ["SERVER_PROTOCOL"],
        "size": size,
        "sha256": digest.hexdigest(),
    }
    return Response(json.dumps(seen), status=207, headers=[("X-Two", "1"), ("X-Two", "2")])


def bare(environ, start_response):
    """A small application without any library: reads by lines, answers from a generator."""
    lines = environ["wsgi.input"].readlines()
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b""
    yield f"{len(lines)} lines of {environ['CONTENT_LENGTH']} bytes at ".encode()
    yield environ["PATH_INFO"].encode("latin-1")


@pytest.fixture(scope="module")
def served():
    """Serve an application on a port: ``base_url = served(application)``."""
    servers = []

    @functools.cache
    def start(application) -> str:
        server = waitress.create_server(
            application, host="127.0.0.1", port=0, threads=2, clear_untrusted_proxy_headers=True
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.effective_port}"

    yield start
    for server, thread in servers:
        server.close()
        thread.join(10)


@pytest.fixture(scope="module", params=["in process", "on a socket"])
def visit(request, served):
    """Return a function that sends a request to an application, by one way or the other."""
    clients = []

    def send(application, method, path, **options):
        if request.param == "in process":
            client = httpx.Client(transport=InProcessTransport(application), base_url="http://127.0.0.1")
        else:
            client = httpx.Client(base_url=served(application), trust_env=False)
        clients.append(client)
        return client.request(method, path, **options)

    yield send
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    ("path", "decoded", "args"),
    [
        ("/", "/", []),
        ("/a/b", "/a/b", []),
        ("/名/é%2F", "/名/é/", []),
        ("/%E5%90%8D", "/名", []),
        ("/100%25", "/100%", []),
        ("/%2525", "/%25", []),
        ("/a+b", "/a+b", []),
        ("/a;b=c", "/a;b=c", []),
        ("/course-v1:edX+Demo+1/", "/course-v1:edX+Demo+1/", []),
        ("/a%20b", "/a b", []),
        ("/a?", "/a", []),
        ("/a?x=1&x=2&y=", "/a", [["x", "1"], ["x", "2"], ["y", ""]]),
        ("/a?name=%C3%A9+%2B%26", "/a", [["name", "é +&"]]),
        ("/a?é=名", "/a", [["é", "名"]]),
        ("/a?b?c=/", "/a", [["b?c", "/"]]),
    ],
)
def test_odd_paths_and_queries_arrive_as_over_a_socket(visit, path, decoded, args):
    seen = visit(observer, "GET", path).json()
    assert (seen["path"], seen["args"]) == (decoded, args)


def test_everything_else_arrives_as_over_a_socket(visit):
    answer = visit(observer, "PUT", "/p?q=1", content=b"abc", headers={"Content-Type": "text/x", "X-Odd": "v, w"})
    seen = answer.json()
    assert answer.status_code == 207
    assert answer.headers.get_list("x-two") == ["1", "2"]
    assert seen == {
        "method": "PUT",
        "path": "/p",
        "path_info": "/p",
        "script_name": "",
        "query": "q=1",
        "args": [["q", "1"]],
        "host": "127.0.0.1",
        "scheme": "http",
        "length": 3,
        "type": "text/x",
        "header": "v, w",
        "protocol": "HTTP/1.1",
        "size": 3,
        "sha256": hashlib.sha256(b"abc").hexdigest(),
    }


def test_a_bare_application_gets_lines_and_may_answer_from_a_generator(visit):
    answer = visit(bare, "POST", "/caf%C3%A9", content=b"one\ntwo\nthree")
    assert answer.text == "3 lines of 13 bytes at /café"


@pytest.mark.parametrize("declared", [True, False], ids=["with a length", "chunked"])
def test_a_streamed_put_of_50_megabytes_arrives_whole(visit, declared):
    chunk = bytes(range(256)) * 256
    count = 50 * MEGABYTE // len(chunk)
    headers = {"Content-Length": str(50 * MEGABYTE)} if declared else {}
    seen = visit(observer, "PUT", "/file", content=(chunk for _ in range(count)), headers=headers).json()
    assert seen["size"] == 50 * MEGABYTE
    assert seen["sha256"] == hashlib.sha256(chunk * count).hexdigest()


def test_a_body_that_the_application_leaves_unread_does_no_harm(visit):
    def deaf(environ, start_response):
        start_response("204 No Content", [])
        return []

    assert visit(deaf, "PUT", "/", content=b"x" * 10_000).status_code == 204


def in_process(application) -> httpx.Client:
    return httpx.Client(transport=InProcessTransport(application), base_url="http://local.invalid")


def fails_at_once(environ, start_response):
    raise RuntimeError("broken")


def fails_before_the_first_byte(environ, start_response):
    start_response("200 OK", [])
    raise RuntimeError("broken")
    yield b""


def starts_twice(environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


def never_starts(environ, start_response):
    return [b"body"]


@pytest.mark.parametrize(
    "application",
    [fails_at_once, fails_before_the_first_byte, starts_twice, never_starts],
    ids=lambda app: app.__name__,
)
def test_an_application_that_fails_is_a_500_with_a_logged_traceback(application, caplog):
    with in_process(application) as client:
        answer = client.get("/reports?Signature=CANARY")
    assert answer.status_code == 500
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert record.getMessage() == "The application failed: GET /reports"


def fails_midway(environ, start_response):
    start_response("200 OK", [])
    yield b"half"
    raise RuntimeError("broken")


def test_an_application_that_fails_midway_breaks_the_answer_off(consumer, caplog, time):
    transport = InProcessTransport(fails_midway)
    api = DataApi("http://local.invalid", "v1", consumer, transport, policy=RetryPolicy(attempts=1))
    with pytest.raises(ConnectionFailed, match="broken off"):
        api.call("jobs", "get", {})
    assert "RuntimeError" in caplog.text


def test_an_application_may_replace_its_answer_while_nothing_is_sent(caplog):
    def recovers(environ, start_response):
        start_response("200 OK", [])
        try:
            raise RuntimeError("late thought")
        except RuntimeError as error:
            start_response("503 Busy", [("Retry-After", "1")], (RuntimeError, error, error.__traceback__))
        return [b"busy"]

    with in_process(recovers) as client:
        answer = client.get("/")
    assert (answer.status_code, answer.headers["retry-after"], answer.text) == (503, "1", "busy")


def test_bytes_given_to_write_come_first():
    def writes(environ, start_response):
        write = start_response("200 OK", [])
        write(b"one ")
        return [b"two"]

    with in_process(writes) as client:
        assert client.get("/").text == "one two"


class Body:
    def __init__(self, chunks) -> None:
        self.chunks = chunks
        self.taken = 0
        self.closed = 0

    def __iter__(self):
        for chunk in self.chunks:
            self.taken += 1
            yield chunk

    def close(self) -> None:
        self.closed += 1


def test_the_applications_iterable_is_streamed_and_closed_once():
    body = Body([b"x"] * 100)

    def application(environ, start_response):
        start_response("200 OK", [])
        return body

    with in_process(application) as client:
        with client.stream("GET", "/") as answer:
            assert body.taken == 1
            assert next(answer.iter_bytes()) == b"x"
            assert body.taken < 100
            assert body.closed == 0
        assert body.closed == 1


def test_the_iterable_of_a_failing_application_is_closed_too():
    def chunks():
        raise RuntimeError("broken")
        yield b""

    body = Body(chunks())

    def application(environ, start_response):
        return body

    with in_process(application) as client:
        assert client.get("/").status_code == 500
    assert body.closed == 1


def test_ctrl_c_in_the_application_is_not_swallowed():
    def application(environ, start_response):
        raise KeyboardInterrupt

    with in_process(application) as client, pytest.raises(KeyboardInterrupt):
        client.get("/")


def test_the_environment_names_the_raw_address():
    seen = {}

    def application(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [])
        return []

    with in_process(application) as client:
        client.get("https://local.invalid/é%2F?a=%20")
    assert seen["REQUEST_URI"] == seen["RAW_URI"] == "/%C3%A9%2F?a=%20"
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"], seen["wsgi.url_scheme"]) == ("local.invalid", "443", "https")


def test_the_client_and_its_transfers_work_over_an_application(consumer):
    files: dict[str, bytes] = {}

    @Request.application
    def service(request):
        if request.method == "PUT":
            files[request.path] = request.get_data()
            return Response(status=200)
        if request.method == "GET":
            found = files.get(request.path)
            return Response(status=404) if found is None else Response(found)
        return Response(json.dumps({"meta": {"status": True}, "data": [json.loads(request.form["request"])["name"]]}))

    transport = InProcessTransport(service)
    transfers = Transfers(transport)
    transfers.put("http://local.invalid/a?Signature=x", lambda: [b"one", b"two"], 6)
    assert transfers.get_many(["http://local.invalid/a?Signature=x", "http://local.invalid/b"]) == [b"onetwo", None]
    assert DataApi("http://local.invalid", "v1", consumer, transport).call("jobs", "get", {"name": "é"}).data == ["é"]


def test_a_500_of_the_application_is_a_server_error(consumer, time):
    transport = InProcessTransport(fails_at_once)
    with pytest.raises(ServerError):
        DataApi("http://local.invalid", "v1", consumer, transport, timing=time.timing).call("jobs", "get", {})
