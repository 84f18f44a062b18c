from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.roster import encode_roster
from learnosity_nb.compute.summary import summarize
from learnosity_nb.domain.group_paths import group_id
from learnosity_nb.local.datasets import rendering
from learnosity_nb.local.datasets.compiled import CompiledDataset, write_compiled
from learnosity_nb.local.datasets.intake import level_columns, read_lines
from learnosity_nb.local.datasets.parameters import DatasetParameters, read_parameters
from learnosity_nb.local.datasets.rendering import render_group

PARAMETERS = read_parameters(
    {
        "dataset_type": "sessions-summary-by-group",
        "file_count": 1,
        "groups": [{"key": "a"}, {"key": "b"}],
        "options": {"fields": ["population", "mean_score", "group_count"], "user_fields": ["score", "max_score"]},
    }
)

scores = st.none() | st.integers(-3, 3) | st.floats(-10, 10).map(lambda x: round(x, 3))
users = st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("mnop"), scores), min_size=1, max_size=25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture(scope="module")
def compile_users(folder):
    """Compile users given as group path and score."""
    numbers = iter(range(10**9))

    def run(placed: list[tuple[str, str, float | None]], ids: Sequence[int] | None = None) -> CompiledDataset:
        ids = range(len(placed)) if ids is None else ids
        lines = folder / "lines"
        lines.write_text(
            "".join(
                json.dumps({"user_id": f"u{n:02}", "session_id": [f"s{n}"], "group_path": [a, b]}) + "\n"
                for n, (a, b, _) in zip(ids, placed, strict=True)
            ),
            encoding="utf-8",
        )
        sessions = pa.table(
            {
                "session_id": [f"s{n}" for n in ids],
                "user_id": [f"u{n:02}" for n in ids],
                "score": pa.array([score for *_, score in placed], pa.float64()),
                "max_score": pa.array([10.0] * len(placed)),
            }
        )
        roster = encode_roster(read_lines(lines, "0.ndjson", 2).lines, level_columns(2))
        summary = summarize(roster, sessions, PARAMETERS.group_fields(), distributions=True)
        written: list[str] = []
        path = write_compiled(folder, f"{next(numbers)}", summary, PARAMETERS, written.append)
        assert written == ["groups", "users", "score", "percent"]
        return CompiledDataset(path)

    return run


def expected_order(rows: list[tuple[str, float | None]], order: str) -> list[str]:
    sign = 1 if order == "asc" else -1
    return [name for name, value in sorted(rows, key=lambda row: (row[1] is None, sign * (row[1] or 0), row[0]))]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(placed=users, order=st.sampled_from(["asc", "desc"]))
def test_every_file_holds_its_children_and_users_in_order(compile_users, placed, order) -> None:
    compiled = compile_users(placed)
    parameters = replace(PARAMETERS, sort_field="mean_score", sort_order=order, users_sort_order=order)
    paths = {(): {a for a, *_ in placed}}
    for top in paths[()]:
        paths[(top,)] = {b for a, b, _ in placed if a == top}
    paths |= {(a, b): set() for a, b, _ in placed}
    for path, children in paths.items():
        row = compiled.find(group_id(path))
        file = render_group(compiled, parameters, row, extras={"distribution"})
        inside = [(f"u{n:02}", score) for n, (*where, score) in enumerate(placed) if tuple(where[: len(path)]) == path]
        assert (file["group_path"], file["self"][1]) == (path, path)
        assert file["self"][3] == len(inside)
        assert file["rows_total"] == len(children) == file["self"][5]
        assert [row[2] for row in file["rows"]] == expected_order([(row[2], row[4]) for row in file["rows"]], order)
        assert {tuple(row[1]) for row in file["rows"]} == {(*path, child) for child in children}
        assert all(row[0] == group_id(row[1]) for row in file["rows"])
        counts = dict(zip(*file["distribution"]["score"].values(), strict=True))
        known = [score for _, score in inside if score is not None]
        assert counts == {value: known.count(value) for value in known}
        if len(path) == 2:
            assert [row[0] for row in file["users"]["rows"]] == expected_order(inside, order)
            assert {row[0]: row[1] for row in file["users"]["rows"]} == dict(inside)
        else:
            assert "users" not in file
        assert json.dumps(file, allow_nan=False).count(".0,") == 0


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_pages_are_the_sorted_list_cut_and_each_reads_only_its_rows(compile_users, monkeypatch, order) -> None:
    """Names, ids and scores come in an order of their own; scores are few, so that most are ties, and some are null."""
    monkeypatch.setattr(rendering, "ROWS_PER_PAGE", 7)
    drawn = random.Random(1)
    marks = [None, -2, 0, 2.5]
    wide = [("x", f"{name:03}", drawn.choice(marks)) for name in drawn.sample(range(1000), 30)]
    crowded = [("y", "m", drawn.choice(marks)) for _ in range(30)]
    ids = drawn.sample(range(1000), 60)
    compiled = compile_users(wide + crowded, ids)
    read: list[int] = []
    for name in ("columns", "user_columns"):
        monkeypatch.setattr(compiled, name, partial(counted, getattr(compiled, name), read))
    parameters = replace(PARAMETERS, sort_field="mean_score", sort_order=order, users_sort_order=order)
    groups, users = [], []
    for page in range(1, 6):
        above = render_group(compiled, parameters, compiled.find(group_id(["x"])), page=page)
        last = render_group(compiled, parameters, compiled.find(group_id(["y", "m"])), page=page)
        groups += [row[2] for row in above["rows"]]
        users += [row[0] for row in last["users"]["rows"]]
    assert groups == expected_order([(name, score) for _, name, score in wide], order)
    scores = [score for *_, score in crowded]
    assert users == expected_order([(f"u{n:02}", score) for n, score in zip(ids[30:], scores, strict=True)], order)
    assert max(read) == 7


def counted(read_columns, read, rows, names):
    read.append(len(rows))
    return read_columns(rows, names)


def test_descendants_come_with_their_distributions_in_shorter_pages(compile_users, monkeypatch) -> None:
    monkeypatch.setattr(rendering, "DISTRIBUTIONS_PER_PAGE", 2)
    compiled = compile_users([(top, name, score) for top in "xy" for name, score in [("m", 1), ("n", 2), ("n", 2)]])
    both = {"descendants", "distribution"}
    pages = [render_group(compiled, PARAMETERS, 0, page=page, extras=both) for page in range(1, 5)]
    assert pages.pop() is None
    for below in (page["descendants"] for page in pages):
        assert below["rows_per_page"] == len(below["rows"]) == 2
        for row, spread in zip(below["rows"], below["distributions"], strict=True):
            own = render_group(compiled, PARAMETERS, compiled.find(row[0]), extras={"distribution"})
            assert spread == own["distribution"]


@pytest.mark.parametrize("path", [[], ["x"], ["x", "m"]])
def test_descendants_are_the_rows_of_all_groups_below_by_level_and_path(compile_users, monkeypatch, path) -> None:
    monkeypatch.setattr(rendering, "DESCENDANTS_PER_PAGE", 4)
    places = [(top, name, 1) for top in ["x", "a", "y"] for name in ["m", "n", "k"]]
    compiled = compile_users(places)
    below = {(top,) for top, *_ in places} | {(top, name) for top, name, _ in places}
    expected = sorted((p for p in below if [*p[: len(path)]] == path != [*p]), key=lambda p: (len(p), p))
    pages = [
        render_group(compiled, PARAMETERS, compiled.find(group_id(path)), page=page, extras={"descendants"})
        for page in range(1, 6)
    ]
    found = [page["descendants"] for page in pages if page is not None]
    assert [len(page["rows"]) for page in found] == [
        len(expected[at : at + 4]) for at in range(0, max(len(expected), 1), 4)
    ]
    assert {page["rows_total"] for page in found} == {len(expected)}
    rows = [row for page in found for row in page["rows"]]
    assert [tuple(row[1]) for row in rows] == expected
    for row in rows:
        assert row == render_group(compiled, PARAMETERS, compiled.find(group_id(row[1])))["self"]


@pytest.mark.parametrize(
    ("score", "written"),
    [
        (2.00000090071993e22, b"2.00000090071993e22"),
        (-1e300, b"-1e300"),
        (9.00719925474099e15, b"9007199254740990"),
        (123456789012345.0, b"123456789012345"),
        (-11.0, b"-11"),
    ],
)
def test_a_whole_number_has_no_digits_that_it_does_not_hold(compile_users, score, written) -> None:
    """From 2**53 on not every whole number is one of a float: written out, its last digits would be invented."""
    compiled = compile_users([("x", "m", score)])
    file = render_group(compiled, PARAMETERS, compiled.find(group_id(["x", "m"])))
    [[_, shown, _]] = file["users"]["rows"]
    assert msgspec.json.encode(shown) == written


def test_an_unknown_group_is_not_found(compile_users) -> None:
    compiled = compile_users([("x", "m", 1)])
    assert compiled.find(group_id(["x", "n"])) is None
    assert compiled.find("") is None


def test_no_users_are_shown_without_user_fields(compile_users) -> None:
    compiled = compile_users([("x", "m", 1)])
    row = compiled.find(group_id(["x", "m"]))
    bare: DatasetParameters = replace(PARAMETERS, user_fields=(), users_sort_field=None)
    file = render_group(compiled, bare, row)
    assert list(file)[-1] == "rows"
    assert (file["rows"], file["rows_total"]) == ([], 0)


def test_a_page_past_the_end_is_none_and_the_first_of_an_empty_group_is_not(compile_users) -> None:
    compiled = compile_users([("x", "m", None)])
    for path, page in product([[], ["x"], ["x", "m"]], [1, 2]):
        found = render_group(compiled, PARAMETERS, compiled.find(group_id(path)), page=page)
        assert (found is None) == (page == 2)


def test_the_columns_of_groups_are_read_from_the_file(compile_users) -> None:
    compiled = compile_users([("x", "m", 1), ("x", "n", None), ("y", "m", 3)])
    assert compiled.columns(np.arange(3), ["group_name", "population"]) == [["", "x", "y"], [3, 2, 1]]
    assert [compiled.path(row) for row in range(6)] == [(), ("x",), ("y",), ("x", "m"), ("x", "n"), ("y", "m")]
