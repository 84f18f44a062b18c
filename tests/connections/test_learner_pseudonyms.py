"""Learners by pseudonyms: who is hidden, what a search finds, and the way back for calls on one learner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb

COURSE = "X/Y/Z"
MODES = ["audit", "audit", "honor", "audit", "audit", "audit"]
COHORTS = ["A", "A", "B", "A", "C", "C"]


def open_course(state: Path) -> lnb.Connection:
    names = ["ada", "bo", "cy", "dan", "eve", "flo"]
    people = pd.DataFrame({"course_id": COURSE, "username": names, "enrollment_mode": MODES, "cohort": COHORTS})
    people = people.assign(name=[f"{name} Smith" for name in names], email=[f"{name}@x.test" for name in names])
    deeds = (
        people[["course_id", "username"]]
        .iloc[:4]
        .assign(date="2026-02-15", entity_type="video", event="viewed", entity_id=["v", "v", "w", "w"], count=1)
    )
    more = deeds.iloc[2:3].assign(entity_id="u")
    return lnb.connect_local(learners=people, engagement=pd.concat([deeds, more]), state=state, progress=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def lrn(folder: Path) -> Iterator[lnb.Connection]:
    with open_course(folder) as connection:
        yield connection


def test_pseudonyms_stand_in_place_of_all_that_names(lrn: lnb.Connection) -> None:
    named, hidden = lrn.learners(COURSE), lrn.learners(COURSE, pseudonyms=True)
    assert [*named.columns.drop(["name", "email", "account_url"])] == [*hidden.columns]
    assert hidden["username"].str.fullmatch("[A-Z2-7]{10}").all()
    assert hidden["username"].is_monotonic_increasing
    assert sorted(hidden["videos_viewed"]) == sorted(named["videos_viewed"])
    assert_frame_equal(lrn.learners(COURSE, pseudonyms=True), hidden)


def test_equal_rows_stand_by_pseudonym(lrn: lnb.Connection) -> None:
    frame = lrn.learners(COURSE, pseudonyms=True, order_by="videos_viewed", sort_order="desc")
    assert frame["videos_viewed"].tolist() == [2, 1, 1, 1, 0, 0]
    assert frame["username"].iloc[1:4].is_monotonic_increasing


def test_a_search_finds_pseudonyms_and_no_names(lrn: lnb.Connection) -> None:
    one = lrn.learners(COURSE, pseudonyms=True)["username"].iloc[2]
    for text in ("smith", "ada", "ada@x.test", one[:4]):
        assert lrn.learners(COURSE, text_search=text, pseudonyms=True).empty
    for text in ("smi", "ada", "ada@"):
        assert lrn.learners(COURSE, text_search=text, begins=True, pseudonyms=True).empty
    assert lrn.learners(COURSE, text_search=one.lower(), pseudonyms=True)["username"].tolist() == [one]
    assert lrn.learners(COURSE, text_search=one[:6], begins=True, pseudonyms=True)["matched"].tolist() == ["username"]


def test_the_beginning_is_enough_where_that_is_asked_for(lrn: lnb.Connection) -> None:
    assert lrn.learners(COURSE, text_search="smi").empty
    found = lrn.learners(COURSE, text_search="smi", begins=True, cohort="A", limit=2)
    assert (found["username"].tolist(), found["matched"].tolist()) == (["ada", "bo"], ["name", "name"])


def test_the_calls_on_one_learner_take_pseudonyms(lrn: lnb.Connection) -> None:
    hidden = lrn.learners(COURSE, pseudonyms=True)
    busy = hidden.loc[hidden["videos_viewed"].eq(2), "username"].iloc[0]
    assert_frame_equal(lrn.engagement_timeline(COURSE, busy, pseudonyms=True), lrn.engagement_timeline(COURSE, "cy"))
    assert_frame_equal(lrn.why(COURSE, busy, pseudonyms=True), lrn.why(COURSE, "cy"))


def test_a_pseudonym_is_found_again_by_another_connection(lrn: lnb.Connection, folder: Path) -> None:
    hidden = lrn.learners(COURSE, pseudonyms=True)
    busy = hidden.loc[hidden["videos_viewed"].eq(2), "username"].iloc[0]
    with open_course(folder) as other:
        assert other.engagement_timeline(COURSE, busy, pseudonyms=True)["videos_viewed"].tolist() == [2]


@pytest.mark.parametrize("call", ["engagement_timeline", "why"])
def test_an_unknown_pseudonym_is_an_error(lrn: lnb.Connection, call: str) -> None:
    with pytest.raises(lnb.InputError, match="has the pseudonym 'ada'"):
        getattr(lrn, call)(COURSE, "ada", pseudonyms=True)


def test_no_days_are_an_error_unless_they_are_allowed(lrn: lnb.Connection) -> None:
    with pytest.raises(lnb.ApiError, match="no_learner_engagement_timeline"):
        lrn.engagement_timeline(COURSE, "eve")
    none = lrn.engagement_timeline(COURSE, "eve", allow_empty=True)
    assert_frame_equal(none, lrn.engagement_timeline(COURSE, "ada").iloc[:0], check_freq=False)


@pytest.mark.parametrize("field", ["email", "attempt_ratio_order"])
def test_an_order_that_would_tell_names_is_refused(lrn: lnb.Connection, field: str) -> None:
    with pytest.raises(lnb.InputError, match="appear by pseudonyms"):
        lrn.learners(COURSE, order_by=field, pseudonyms=True)


def test_small_groups_are_withheld_with_the_next_smallest(lrn: lnb.Connection) -> None:
    frame = lrn.learners(COURSE, min_population=2)
    assert frame["cohort"].fillna("-").tolist() == ["A", "A", "-", "A", "-", "-"]  # B is one learner: C goes too
    assert frame["enrollment_mode"].isna().all()
    assert lrn.learners(COURSE, min_population=2, cohort="B").empty
    assert len(lrn.learners(COURSE, min_population=2, cohort="A")) == 3
    with pytest.raises(lnb.InputError, match="min_population"):
        lrn.learners(COURSE, min_population=-1)


def test_a_connection_without_progress_knows_the_same_learners(lrn: lnb.Connection, monkeypatch: Any) -> None:
    quiet = lrn.without_progress()
    assert quiet.progress is False
    hidden = quiet.learners(COURSE, pseudonyms=True)["username"]
    monkeypatch.setattr(type(lrn), "_roster", lambda *_: pytest.fail("read again"))
    assert lrn.engagement_timeline(COURSE, hidden.iloc[0], pseudonyms=True, allow_empty=True) is not None
