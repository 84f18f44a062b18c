"""What the reader of a dataset's group files keeps, and when it reads anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from learnosity_nb.connections.group_reading import CHAIN_SECONDS, GroupReader
from learnosity_nb.credentials import Consumer
from learnosity_nb.domain.group_paths import group_id
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.timing import Timing
from learnosity_nb.wire.transfer import Transfers

FIELDS = ["group_id", "group_path", "group_name", "population"]
Tree = dict[tuple[str, ...], int]
BEFORE: Tree = {(): 30, ("x",): 20, ("y",): 10, ("x", "a"): 12, ("x", "b"): 8}


class Storage(httpx.BaseTransport):
    """A service with one dataset, whose groups a test may replace."""

    def __init__(self) -> None:
        self.tree = BEFORE
        self.seconds = 0.0
        self.asked: list[Any] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            form = httpx.QueryParams(request.read().decode())
            paths = json.loads(form["request"])["group_paths"]
            self.asked += paths
            urls = [f"https://files.invalid/{json.dumps(path).encode().hex()}" for path in paths]
            return httpx.Response(200, json={"meta": {"status": True, "records": len(urls)}, "data": urls})
        path = tuple(json.loads(bytes.fromhex(request.url.path[1:])))
        return httpx.Response(200, json=self.file(path)) if path in self.tree else httpx.Response(404)

    def file(self, path: tuple[str, ...]) -> dict[str, Any]:
        rows = [self.row(one) for one in self.tree if one and one[:-1] == path]
        named = {"group_id": group_id(path), "group_name": path[-1] if path else "", "group_path": list(path)}
        paging = {"sort_field": "population", "sort_order": "desc", "rows_per_page": 1000, "rows_total": len(rows)}
        return {**named, "fields": FIELDS, **paging, "self": self.row(path), "rows": rows}

    def row(self, path: tuple[str, ...]) -> list[Any]:
        return [group_id(path), list(path), path[-1] if path else "", self.tree[path]]

    def take_asked(self) -> list[Any]:
        asked, self.asked = self.asked, []
        return asked


@pytest.fixture
def storage() -> Storage:
    return Storage()


@pytest.fixture
def reader(storage: Storage) -> Iterator[GroupReader]:
    timing = Timing(clock=lambda: storage.seconds)
    with_time = {"timing": timing}
    api = DataApi("https://data.invalid", "v1", Consumer("key", "a secret of this test"), storage, **with_time)
    return GroupReader(api, Transfers(storage, **with_time), "sessions-summary-by-group", "d")


def population(file: dict[str, Any]) -> int:
    return file["self"][-1]


def test_the_chain_down_to_a_group_is_read_once_for_the_reads_of_a_moment(storage, reader) -> None:
    reader.place(("x", "a"), 5)
    assert storage.take_asked() == [[], ["x"], ["x", "a"]]
    reader.place(("x", "a"), 5)
    assert storage.take_asked() == []
    reader.place(("x", "a"), 5, include=["distribution"])
    assert storage.take_asked() == [["x", "a"]]
    reader.place(("x", "b"), 5)
    assert storage.take_asked() == [[], ["x"], ["x", "b"]]


def test_a_dataset_that_was_compiled_anew_is_read_anew(storage, reader) -> None:
    file, withheld = reader.place(("x", "a"), 9)
    assert (population(file), withheld) == (12, True)  # b has 8, and a alone would tell of it
    storage.tree = {**BEFORE, ("x",): 24, ("x", "b"): 12}
    storage.seconds += CHAIN_SECONDS
    storage.take_asked()
    assert reader.place(("x", "a"), 9)[1] is False
    assert storage.take_asked() == [[], ["x"], ["x", "a"]]


@pytest.mark.parametrize(
    "after",
    [
        {(): 31, ("x",): 21, ("y",): 10, ("x", "a"): 13, ("x", "b"): 8},
        {(): 30, ("x",): 20, ("y",): 10, ("x", "a"): 12, ("x", "b"): 8, ("x", "a", "1"): 12},
    ],
    ids=["other figures", "other groups below"],
)
def test_a_file_that_does_not_fit_its_chain_is_read_with_a_new_one(storage, reader, after) -> None:
    reader.place(("x", "a"), 5)
    storage.tree = after
    storage.take_asked()
    file, _ = reader.place(("x", "a"), 5, include=["distribution"])
    assert file == storage.file(("x", "a"))
    assert storage.take_asked() == [["x", "a"], [], ["x"], ["x", "a"]]
    assert reader.place(("x", "a"), 5)[0] == file


def test_a_group_that_went_with_a_new_compilation_is_missed(storage, reader) -> None:
    reader.place(("x", "a"), 5)
    storage.tree = {(): 10, ("x",): 10, ("x", "b"): 10}
    storage.seconds += CHAIN_SECONDS
    with pytest.raises(KeyError, match="There is no group 'a'"):
        reader.place(("x", "a"), 5)


def test_without_a_floor_nothing_is_kept(storage, reader) -> None:
    for _ in range(2):
        reader.place(("x",), 0)
    assert storage.take_asked() == [["x"], ["x"]]
