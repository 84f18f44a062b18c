from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnosity_nb.compute.rows_by_id import RowsById
from learnosity_nb.local.sessions.listing import SessionFilter, SessionListing, read_token, write_token

START = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TIME = pa.timestamp("us", "UTC")
EVERY = SessionFilter()


def listing_of(rows: list[dict], *names: str) -> SessionListing:
    kinds = {"dt_updated": TIME, "dt_started": TIME}
    columns = ["session_id", "dt_updated", *names]
    table = pa.table(
        {name: pa.array([row.get(name) for row in rows], kinds.get(name, pa.string())) for name in columns}
    )
    return SessionListing(table, RowsById(table["session_id"]))


def walk(listing: SessionListing, asked: SessionFilter, limit: int, *, descending: bool) -> list[str]:
    found, after = [], None
    while True:
        rows = listing.page(asked, descending=descending, limit=limit, after=after)
        if not len(rows):
            return found
        assert len(rows) <= limit
        found += [listing.table["session_id"][int(row)].as_py() for row in rows]
        after = read_token(write_token(listing.place(rows[-1])))


ROWS = st.dictionaries(
    st.text("abé\U0001f600", min_size=1, max_size=3), st.one_of(st.none(), st.integers(-3, 3)), max_size=25
)


@settings(deadline=None)
@given(ROWS, st.integers(1, 7), st.booleans())
def test_pages_hold_every_session_once_in_order(times, limit, descending) -> None:
    rows = [
        {"session_id": name, "dt_updated": None if late is None else START + late * SECOND}
        for name, late in times.items()
    ]
    early = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(rows, key=lambda row: (row["dt_updated"] or early, row["session_id"]), reverse=descending)
    found = walk(listing_of(rows), EVERY, limit, descending=descending)
    assert found == [row["session_id"] for row in ordered]


def test_a_session_that_left_the_listing_does_not_stop_the_pages_after_it() -> None:
    rows = [{"session_id": f"s{number}", "dt_updated": START + number * SECOND} for number in range(6)]
    place = listing_of(rows).place(2)
    shorter = listing_of([row for row in rows if row["session_id"] != "s2"])
    assert shorter.table["session_id"].take(
        shorter.page(EVERY, descending=False, limit=9, after=place)
    ).to_pylist() == ["s3", "s4", "s5"]
    assert shorter.table["session_id"].take(shorter.page(EVERY, descending=True, limit=9, after=place)).to_pylist() == [
        "s1",
        "s0",
    ]


def test_bounds_are_compared_in_the_seconds_that_are_shown() -> None:
    half = timedelta(milliseconds=500)
    rows = [{"session_id": "s", "dt_updated": START + half, "dt_started": START + half}]
    listing = listing_of(rows, "dt_started")
    for bounds, inside in (
        ((START, START), True),
        ((START + half, START + half), True),
        ((START + SECOND, None), False),
        ((None, START - half), False),
        ((None, None), True),
    ):
        asked = SessionFilter(bounds=(("dt_started", *bounds),))
        assert bool(len(listing.page(asked, descending=False, limit=1, after=None))) is inside


def test_a_column_that_is_not_there_lets_nothing_pass_but_every_session_is_completed() -> None:
    listing = listing_of([{"session_id": "s", "dt_updated": START}])
    for asked, inside in (
        (SessionFilter(activity_id=("a",)), False),
        (SessionFilter(bounds=(("dt_completed", START, None),)), False),
        (SessionFilter(status=("Completed",)), True),
        (SessionFilter(status=("Incomplete",)), False),
    ):
        assert bool(len(listing.page(asked, descending=False, limit=1, after=None))) is inside
    assert listing.value(0, "activity_id") is None


def test_the_pages_of_one_listing_share_the_work_of_its_filter(monkeypatch) -> None:
    listing = listing_of([{"session_id": f"s{number:02d}", "dt_updated": START} for number in range(20)])
    masks = []
    mask = listing._mask
    monkeypatch.setattr(listing, "_mask", lambda asked: masks.append(asked) or mask(asked))
    assert len(walk(listing, EVERY, 2, descending=False)) == 20
    assert masks == [EVERY]
    for number in range(8):
        walk(listing, SessionFilter(session_id=(f"s{number}",)), 2, descending=False)
    walk(listing, EVERY, 20, descending=False)
    assert masks.count(EVERY) == 2


@pytest.mark.parametrize("place", [None, (0, ""), (-(2**63), "é\U0001f600"), (1_700_000_000_000_000, 'a/b"c')])
def test_a_token_is_read_as_it_was_written(place) -> None:
    assert read_token(write_token(place)) == place


@pytest.mark.parametrize(
    "text", ["", "?", "WzFd", "e30=", "WyJhIiwiYiJd", "WzEsMl0=", "WzEuNSwiYSJd", "W3RydWUsImEiXQ==", "é"]
)
def test_another_text_is_no_token(text) -> None:
    with pytest.raises(ValueError):
        read_token(text)
