from __future__ import annotations

from uuid import uuid4

import pytest

from learnosity_nb.local.datasets import uploads
from learnosity_nb.local.datasets.files import input_path, output_path

USER = {"user_id": "u1", "session_id": ["s1"], "group_path": ["x", "y"]}
TYPE = "sessions-summary-by-group"
ROOT = "d751713988987e9331980363e24189ce"


@pytest.fixture
def signed(desk):
    def sign(method: str, path: str, consumer: str = "key") -> str:
        return desk.service.presigner.sign("http://local.invalid", method, path, consumer)

    return sign


def test_an_upload_urls_hour_passes(desk, clock) -> None:
    [url] = desk.initialise()["input_files"]
    clock.now += 3601
    assert desk.http.put(url, content=b"").status_code == 200
    clock.now += 1
    late = desk.http.put(url, content=b"")
    assert (late.status_code, late.headers["Content-Type"]) == (403, "application/xml; charset=utf-8")
    assert late.text.endswith("<Error><Code>AccessDenied: Request has expired</Code></Error>")


def test_a_group_files_hour_passes_and_a_new_url_is_given(desk, clock) -> None:
    dataset_id = desk.build(USER)
    url = desk.url(dataset_id, [])
    clock.now += 3602
    assert desk.http.get(url).status_code == 403
    assert desk.http.get(desk.url(dataset_id, [])).status_code == 200


@pytest.mark.parametrize("number", [1, 99, 999])
def test_a_number_past_the_file_count_is_absent(desk, signed, number) -> None:
    dataset_id = desk.initialise()["dataset_id"]
    answer = desk.http.put(signed("PUT", input_path(7, TYPE, dataset_id, number)), content=b"")
    assert (answer.status_code, "NoSuchKey" in answer.text) == (404, True)


@pytest.mark.parametrize("path", ["/reports/x", "/reports/0007/x/y/infiles/0.ndjson", "/reports/"])
def test_a_path_that_names_no_file_is_absent(desk, signed, path) -> None:
    assert desk.http.put(signed("PUT", path), content=b"").status_code == 404


def test_a_dataset_that_is_unknown_or_of_another_consumer_is_absent(desk, signed) -> None:
    dataset_id = desk.build(USER)
    for url in (
        signed("GET", output_path(7, TYPE, str(uuid4()), ROOT, 1)),
        signed("GET", output_path(7, TYPE, dataset_id, ROOT, 1), "bare"),
    ):
        assert desk.http.get(url).status_code == 404
    assert desk.http.get(signed("GET", output_path(7, TYPE, dataset_id, ROOT, 1))).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", input_path(7, TYPE, "{}", 0)), ("PUT", output_path(7, TYPE, "{}", ROOT, 1)), ("DELETE", None)],
)
def test_a_method_that_the_file_does_not_take_is_refused(desk, signed, method, path) -> None:
    dataset_id = desk.build(USER)
    path = (path or input_path(7, TYPE, "{}", 0)).format(dataset_id)
    answer = desk.http.request(method, signed(method, path))
    assert (answer.status_code, "MethodNotAllowed" in answer.text) == (405, True)


def test_a_consumer_without_organisations_has_files_too(desk) -> None:
    request = {"dataset_type": TYPE, "file_count": 1, "groups": [{"key": "a"}, {"key": "b"}]}
    made = desk.call("reports/datasets", request, "set", consumer="bare").json()["data"]
    [url] = made["input_files"]
    assert "/reports/0000/" in url
    assert desk.http.put(url, content=b"").status_code == 200


def test_a_file_over_the_cap_is_refused_and_nothing_of_it_is_kept(desk, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 30_000)
    made = desk.initialise()
    [url] = made["input_files"]
    assert desk.http.put(url, content=b"\n" * 30_000).status_code == 200
    kept = desk.files(made["dataset_id"], "infiles")
    answer = desk.http.put(url, content=iter([b"\n" * 10_000] * 3 + [b"\n"]))
    assert answer.status_code == 413
    assert "30,000" in answer.text
    assert desk.files(made["dataset_id"], "infiles") == kept
    assert len(kept) == 2


def test_an_upload_that_breaks_off_is_not_kept(desk) -> None:
    def pieces():
        yield b'{"user_id": "u1", '
        raise OSError("the client went away")

    made = desk.initialise()
    [url] = made["input_files"]
    assert desk.http.put(url, content=pieces()).status_code == 500
    assert desk.files(made["dataset_id"], "infiles") == []
