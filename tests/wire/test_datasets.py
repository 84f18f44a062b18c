from __future__ import annotations

import json

import httpx
import pytest

from learnosity_nb.domain.jobs import JobReference
from learnosity_nb.errors import ApiError, ProtocolError, UncertainOutcome
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.datasets import (
    descendant_distributions,
    descendant_rows,
    group_files,
    group_urls,
    initialise,
    start,
)
from learnosity_nb.wire.transfer import Transfers, UrlExpired

KIND = "sessions-summary-by-group"
ID = "ce6c3842-5366-486d-a68f-ab9e6160e9de"
FIELDS = ["group_id", "group_path", "group_name", "population"]


def group_file(path: list[str], **changes) -> dict:
    row = ["id", path, path[-1] if path else "", 2]
    return {
        "group_id": "id",
        "group_name": row[2],
        "group_path": path,
        "fields": FIELDS,
        "sort_field": "population",
        "sort_order": "desc",
        "rows_per_page": 1000,
        "rows_total": 1,
        "self": row,
        "rows": [["id2", [*path, "x"], "x", 2]],
    } | changes


class World(httpx.BaseTransport):
    """A service of group files: signs URLs for any path, and refuses those of an earlier round."""

    def __init__(self, groups: dict[str, dict], expires_after: int = 10**9) -> None:
        self.groups = groups
        self.requests: list[dict] = []
        self.expires_after = expires_after
        self.downloads = 0

    def handle_request(self, request):
        if request.method == "POST":
            form = dict(httpx.QueryParams(b"".join(request.stream).decode()))
            asked = json.loads(form["request"])
            self.requests.append(asked)
            data = [
                f"https://files.test/{'/'.join(path)}?Signature={len(self.requests)}" for path in asked["group_paths"]
            ]
            return httpx.Response(200, json={"meta": {"status": True}, "data": data})
        self.downloads += 1
        if self.downloads > self.expires_after and request.url.query == b"Signature=1":
            return httpx.Response(403)
        found = self.groups.get(request.url.path.strip("/"))
        return httpx.Response(404) if found is None else httpx.Response(200, content=json.dumps(found).encode())


@pytest.fixture
def world(time, consumer):
    def make(groups, **options):
        service = World(groups, **options)
        api = DataApi("https://data.test", "v1", consumer, service, timing=time.timing)
        return service, api, Transfers(service, timing=time.timing)

    return make


def test_a_dataset_is_initialised_with_the_parameters_as_they_are(scripted, fault, url):
    api, transport = scripted(fault.ok({"dataset_id": ID, "input_files": [url, url]}))
    made = initialise(api, {"dataset_type": KIND, "file_count": 2})
    assert (made.dataset_id, made.input_urls) == (ID, (url, url))
    assert transport.asked() == [{"dataset_type": KIND, "file_count": 2}]
    assert transport.forms()[0]["action"] == "set"
    assert "CANARY" not in repr(made)


def test_an_initialisation_with_an_id_of_its_own_is_repeated(scripted, fault):
    answer = fault.ok({"dataset_id": ID, "input_files": []})
    api, transport = scripted(fault.silence(), fault.status(502), answer)
    assert initialise(api, {"dataset_id": ID}).dataset_id == ID
    assert len(transport.requests) == 3


def test_t02_an_initialisation_without_an_id_is_not_repeated(scripted, fault):
    api, transport = scripted(fault.silence(), fault.ok())
    with pytest.raises(UncertainOutcome, match="reports/datasets"):
        initialise(api, {})
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"dataset_id": ID}, "input_files"),
        ({"input_files": []}, "dataset_id"),
        ({"dataset_id": ID, "input_files": "url"}, "input_files"),
        ({"dataset_id": ID, "input_files": [5]}, r"input_files\[0\]"),
        ([], "object"),
    ],
    ids=str,
)
def test_t09_an_initialisation_not_as_documented_is_named_by_its_key(scripted, fault, data, named):
    api, _ = scripted(fault.ok(data))
    with pytest.raises(ProtocolError, match=named):
        initialise(api, {"dataset_id": ID})


def test_starting_gives_the_jobs_reference_and_is_repeated(scripted, fault):
    answer = fault.ok({"job_reference": "402ead85", "dataset_type": KIND, "dataset_id": ID})
    api, transport = scripted(fault.reset(9), answer)
    reference = start(api, KIND, ID)
    assert reference == "402ead85"
    assert isinstance(reference, JobReference)
    assert transport.asked() == [{"dataset_type": KIND, "dataset_id": ID}] * 2
    assert str(transport.requests[0].url).endswith("/jobs/reports/datasets")


def test_urls_come_in_the_order_of_the_paths(world):
    service, api, _ = world({})
    urls = group_urls(api, KIND, ID, [[], ["b"], ("a", "é")])
    assert [httpx.URL(str(url)).path for url in urls] == ["/", "/b", "/a/é"]
    assert service.requests == [{"dataset_type": KIND, "dataset_id": ID, "group_paths": [[], ["b"], ["a", "é"]]}]
    assert "Signature" not in repr(urls)


def test_extensions_are_sent_only_where_they_are_asked_for(world):
    service, api, _ = world({})
    group_urls(api, KIND, ID, [[]], include=["distribution"], page=3)
    assert service.requests[0]["include"] == ["distribution"]
    assert service.requests[0]["page"] == 3


@pytest.mark.parametrize("data", [[], ["https://a.test", "https://b.test"]], ids=str)
def test_t09_another_number_of_urls_is_an_error(scripted, fault, data):
    api, _ = scripted(fault.ok(data))
    with pytest.raises(ProtocolError, match=f"{len(data)} URLs for 1 group paths"):
        group_urls(api, KIND, ID, [[]])


def test_t09_urls_that_are_no_texts_are_an_error(scripted, fault):
    api, _ = scripted(fault.ok([5]))
    with pytest.raises(ProtocolError, match=r"\$\[0\]"):
        group_urls(api, KIND, ID, [[]])


def test_group_files_come_in_order_with_none_for_groups_that_are_not_there(world):
    groups = {"": group_file([]), "a/b": group_file(["a", "b"])}
    _, api, transfers = world(groups)
    files = group_files(api, transfers, KIND, ID, [["a", "b"], ["gone"], []])
    assert files == [groups["a/b"], None, groups[""]]


def test_group_files_keep_users_and_distribution(world):
    more = {
        "users": {"fields": ["user_id"], "rows": [["u"]]},
        "distribution": {"score": {"values": [1.5], "counts": [2]}},
    }
    _, api, transfers = world({"": group_file([], **more)})
    [file] = group_files(api, transfers, KIND, ID, [[]])
    assert file["users"] == more["users"]
    assert file["distribution"] == more["distribution"]


def test_many_paths_are_asked_for_500_at_a_time(world):
    groups = {str(number): group_file([str(number)]) for number in range(1201)}
    service, api, transfers = world(groups)
    files = group_files(api, transfers, KIND, ID, [[str(number)] for number in range(1201)])
    assert [file["group_path"] for file in files] == [[str(number)] for number in range(1201)]
    assert [len(request["group_paths"]) for request in service.requests] == [500, 500, 201]


def test_urls_that_expire_on_the_way_are_asked_for_once_more(world):
    groups = {str(number): group_file([str(number)]) for number in range(30)}
    service, api, transfers = world(groups, expires_after=20)
    files = group_files(api, transfers, KIND, ID, [[str(number)] for number in range(30)])
    assert [file["group_path"] for file in files] == [[str(number)] for number in range(30)]
    assert len(service.requests) == 2
    assert len(service.requests[1]["group_paths"]) == 10


def test_files_that_stay_refused_are_an_error(time, consumer, world, fault, transferring):
    _, api, _ = world({})
    transfers, _ = transferring(fault.body(b"", 403))
    with pytest.raises(UrlExpired):
        group_files(api, transfers, KIND, ID, [[]])


@pytest.mark.parametrize("key", sorted(group_file([])))
def test_t09_a_group_file_without_a_documented_key_is_an_error_naming_it(world, key):
    file = group_file([])
    del file[key]
    _, api, transfers = world({"": file})
    with pytest.raises(ProtocolError, match=f"`{key}`"):
        group_files(api, transfers, KIND, ID, [[]])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"rows": {}}, r"\$\.rows"),
        ({"fields": [1]}, r"\$\.fields"),
        ({"rows_total": "1"}, r"\$\.rows_total"),
        ({"rows": [["id", [], ""]]}, "another number of values"),
        ({"self": []}, "another number of values"),
    ],
    ids=str,
)
def test_t09_a_group_file_of_another_shape_is_an_error(world, changes, named):
    _, api, transfers = world({"": group_file([], **changes)})
    with pytest.raises(ProtocolError, match=named):
        group_files(api, transfers, KIND, ID, [[]])


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"group_id": ', b"[]", b"\xff", b"[" * 100_000])
def test_t07_a_group_file_that_is_no_json_object_is_an_error(world, transferring, fault, content):
    _, api, _ = world({})
    transfers, _ = transferring(fault.body(content))
    with pytest.raises(ProtocolError, match="A group file"):
        group_files(api, transfers, KIND, ID, [[]])


class PagedWorld(httpx.BaseTransport):
    """A service whose root file lists these descendants, two on a page, and their distributions where it has them."""

    def __init__(self, rows: list | None, total: int = 0, spreads: list | None = None, *, strict: int = 0) -> None:
        self.rows, self.total, self.spreads, self.strict = rows, total, spreads, strict

    def handle_request(self, request):
        if request.method == "POST":
            asked = json.loads(dict(httpx.QueryParams(b"".join(request.stream).decode()))["request"])
            if self.strict and asked.keys() - {"dataset_type", "dataset_id", "group_paths"}:
                meta = {"status": False, "code": self.strict, "message": "unknown"}
                return httpx.Response(400, json={"meta": meta})
            assert self.strict or asked["include"][0] == "descendants"
            data = [f"https://files.test/{asked.get('page', 1)}"]
            return httpx.Response(200, json={"meta": {"status": True}, "data": data})
        file = group_file([])
        if self.rows is not None:
            start = 2 * int(request.url.path[1:]) - 2
            shown = self.rows[start : start + 2]
            file["descendants"] = {"rows_per_page": 2, "rows_total": self.total, "rows": shown}
            if self.spreads is not None:
                file["distribution"] = SPREADS[0]
                file["descendants"]["distributions"] = self.spreads[start : start + 2]
        return httpx.Response(200, content=json.dumps(file).encode())


@pytest.fixture
def paged(time, consumer):
    def ask(rows: list | None, total: int = 0, spreads: list | None = None, *, read=descendant_rows):
        service = PagedWorld(rows, total, spreads)
        api = DataApi("https://data.test", "v1", consumer, service, timing=time.timing)
        return read(api, Transfers(service, timing=time.timing), KIND, ID, [])

    return ask


SPREADS = [{"score": {"values": [float(number)], "counts": [1]}} for number in range(4)]
ROWS = [["id", ["x"], "x", 2], ["id", ["y"], "y", 1], ["id", ["x", "m"], "m", 1]]


def test_descendants_come_from_all_pages(paged) -> None:
    assert paged(ROWS, 3) == ROWS


def test_a_service_without_descendants_gives_none(paged) -> None:
    assert paged(None) is None


@pytest.mark.parametrize("code", [20003, 20004, 20009])
def test_a_service_that_refuses_what_it_does_not_know_is_asked_for_the_plain_file(time, consumer, code) -> None:
    service = PagedWorld(None, strict=code)
    api = DataApi("https://data.test", "v1", consumer, service, timing=time.timing)
    transfers = Transfers(service, timing=time.timing)
    assert descendant_rows(api, transfers, KIND, ID, []) is None
    [file] = group_files(api, transfers, KIND, ID, [[]], include=["distribution"], page=2)
    assert file is not None
    assert "distribution" not in file


def test_another_refusal_stays_one(time, consumer) -> None:
    service = PagedWorld(None, strict=20002)
    api = DataApi("https://data.test", "v1", consumer, service, timing=time.timing)
    with pytest.raises(ApiError, match="unknown"):
        descendant_rows(api, Transfers(service, timing=time.timing), KIND, ID, [])


def test_distributions_come_with_the_group_and_all_below_it_from_all_pages(paged) -> None:
    found = paged(ROWS, 3, SPREADS[1:], read=descendant_distributions)
    assert list(found) == list(zip([(), ("x",), ("y",), ("x", "m")], SPREADS, strict=True))


@pytest.mark.parametrize("rows", [None, ROWS], ids=["no descendants", "no distributions"])
def test_a_service_without_distributions_gives_none(paged, rows) -> None:
    assert list(paged(rows, 3, read=descendant_distributions)) == []


def test_each_descendant_has_a_distribution(paged) -> None:
    with pytest.raises(ProtocolError, match="not one distribution for each"):
        list(paged(ROWS, 3, SPREADS[1:3], read=descendant_distributions))


@pytest.mark.parametrize(("rows", "total", "said"), [(ROWS, 5, "counts 5"), ([["id", ["x"], "x"]], 1, "a row has")])
def test_descendants_that_lack_rows_or_values_are_refused(paged, rows, total, said) -> None:
    with pytest.raises(ProtocolError, match=said):
        paged(rows, total)
