"""A learner explorer driven from Python: traits, refusals, state, what is read and when."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.explorers.learner_explorer import LearnerExplorer

COURSE = "course-v1:Tests+T1+2026"
PRIVATE = {"pseudonyms": True, "min_population": 5}

Look = Callable[..., LearnerExplorer]


def view(explorer: LearnerExplorer) -> dict[str, Any]:
    shown: dict[str, Any] = explorer._faces.table.view
    return shown


def column(explorer: LearnerExplorer, key: str) -> list[Any]:
    at = [one["key"] for one in view(explorer)["columns"]].index(key)
    return [row["cells"][at] for row in view(explorer)["rows"]]


def run(explorer: LearnerExplorer) -> pd.DataFrame:
    scope: dict[str, Any] = {"lrn": explorer.connection}
    exec(explorer.code(), scope)
    frame: pd.DataFrame = scope["frame"]
    return frame


def test_it_says_that_it_reads_until_the_roster_is_there(look: Look, school: lnb.Connection, by_hand: Any) -> None:
    explorer = look(executor=by_hand)
    assert view(explorer)["busy"]
    assert "Reading 130 learners" in view(explorer)["message"]
    assert explorer._faces.drawn.chart["message"] == "The chart waits for the learners."
    by_hand.run()
    explorer.settle(60)
    assert not view(explorer)["busy"]
    assert_frame_equal(explorer.value, school.learners(COURSE, **PRIVATE))
    assert repr(explorer) == f"LearnerExplorer({COURSE!r}, 130 learners)"
    assert explorer.connection is school


def test_the_value_waits_for_the_roster(look: Look, by_hand: Any) -> None:
    explorer = look(executor=by_hand)
    assert len(explorer.value) == 130
    assert not view(explorer)["busy"]
    by_hand.run()  # the answer that nobody waits for any more
    explorer.settle(60)
    assert explorer.error is None


def test_a_course_that_is_not_there_is_an_error_at_once(look: Look) -> None:
    before = len(ipywidgets.widgets.widget._instances)
    with pytest.raises(lnb.ApiError, match="course_not_found"):
        look(course_id="course-v1:No+No+No")
    assert len(ipywidgets.widgets.widget._instances) == before


def test_a_roster_that_cannot_be_read_is_said_and_can_be_asked_for_again(
    look: Look, school: lnb.Connection, by_hand: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = look(executor=by_hand, strict=False)

    def fail(*_: Any, **__: Any) -> None:
        raise lnb.ConnectionFailed("nobody there")

    with monkeypatch.context() as patched:
        patched.setattr(type(school), "learners", fail)
        by_hand.run()
        explorer.settle(60)
        assert (explorer.error, view(explorer)["busy"]) == ("nobody there", False)
        with pytest.raises(lnb.ConnectionFailed):
            _ = explorer.value
    assert len(explorer.value) == 130
    assert (explorer.error, view(explorer)["error"]) == (None, None)


def test_the_roster_is_read_once(look: Look, school: lnb.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    kind = type(school)
    whole = kind.learners
    monkeypatch.setattr(kind, "learners", lambda self, *a, **o: reads.append(o) or whole(self, *a, **o))
    explorer = look()
    explorer.filter = "a"
    explorer.sort_field = "videos_viewed"
    explorer.segments = ("struggling",)
    explorer.settle(60)
    assert reads == [PRIVATE]


def test_every_filter_is_in_value_and_code(look: Look) -> None:
    explorer = look(show_names=True)
    explorer.segments = ("struggling", "highly_engaged", "struggling")
    assert explorer.segments == ("highly_engaged", "struggling")
    explorer.cohort, explorer.enrollment_mode = "B: b", "audit"
    explorer.hide_inactive = True
    explorer.filter = " SECRETNAME"
    explorer.sort_field, explorer.sort_order = "problems_attempted", "asc"
    filters = "cohort='B: b', enrollment_mode='audit', text_search='SECRETNAME', begins=True"
    assert explorer.code().splitlines() == [
        f"frame = lrn.learners({COURSE!r}, segments=['highly_engaged', 'struggling'], {filters})",
        "frame = frame[~frame['in_inactive']].reset_index(drop=True)",
        "frame = frame.sort_values(by=['problems_attempted', 'username'], ascending=[True, True], ignore_index=True)",
    ]
    assert 0 < len(explorer.value) < 40
    assert explorer.value["matched"].eq("name").all()
    assert_frame_equal(run(explorer), explorer.value)


def test_inactive_learners_alone_are_left_out_by_the_service(look: Look, school: lnb.Connection) -> None:
    explorer = look()
    explorer.hide_inactive = True
    assert "ignore_segments=['inactive']" in explorer.code()
    assert_frame_equal(explorer.value, school.learners(COURSE, ignore_segments=["inactive"], **PRIVATE))


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_learners_without_a_ratio_stand_as_the_service_has_them(look: Look, order: str) -> None:
    explorer = look(show_names=True)
    with explorer.hold_trait_notifications():
        explorer.sort_field, explorer.sort_order = "problem_attempts_per_completed", order
    ratios = explorer.value["problem_attempts_per_completed"]
    tried = explorer.value.loc[ratios.isna(), "problems_attempted"].tolist()
    up = order == "asc"
    assert ratios.dropna().tolist() == sorted(ratios.dropna(), reverse=not up)
    assert ratios.isna().tolist() == sorted(ratios.isna(), reverse=not up)
    assert tried == sorted(tried, reverse=not up)
    assert 0 in tried
    assert max(tried) > 0
    served = explorer.connection.learners(COURSE, order_by="problem_attempts_per_completed", sort_order=order)
    assert served["problem_attempts_per_completed"].fillna(-1).tolist() == ratios.fillna(-1).tolist()


def test_zones_are_those_of_label_engagement(look: Look, school: lnb.Connection) -> None:
    explorer = look(page_size=200)
    course = school.course_metadata(COURSE)
    labelled = lnb.label_engagement(explorer.value, course.engagement_ranges)
    metrics = course.engagement_ranges["metric"].unique()
    assert len(metrics) == 5
    for metric in metrics:
        cells = column(explorer, metric)
        zones = labelled[f"{metric}_range"].astype(object)
        assert [cell["zone"] for cell in cells] == [None if pd.isna(zone) else zone.split("_")[0] for zone in zones]
        assert [cell["value"] for cell in cells] == [None if pd.isna(one) else one for one in labelled[metric]]
    assert {cell["zone"] for cell in column(explorer, "problems_attempted")} >= {"average", "above"}


def test_notes_say_the_week_the_zones_and_what_is_not_available(look: Look) -> None:
    explorer = look()
    assert explorer.value is not None
    notes = " ".join(view(explorer)["notes"])
    assert "Activity from 2026-02-09 to 2026-02-15" in notes
    assert "▼ below, ■ average and ▲ above" in notes
    assert "(N/A)" in notes
    assert "nothing to divide by" in notes


def test_a_learners_page_has_days_week_and_reasons(look: Look, school: lnb.Connection) -> None:
    explorer = look(show_names=True)
    learner = explorer.value.query("in_struggling or in_highly_engaged")["username"].iloc[0]
    explorer.learner = learner
    assert_frame_equal(explorer.value, school.engagement_timeline(COURSE, learner).iloc[::-1])
    assert explorer.code() == f"frame = lrn.engagement_timeline({COURSE!r}, {learner!r})\nframe = frame.iloc[::-1]"
    shown = view(explorer)
    assert [crumb["to"] for crumb in shown["crumbs"]] == [[], [learner]]
    week = lnb.label_engagement(school.learner(COURSE, learner), school.course_metadata(COURSE).engagement_ranges)
    for cell, key in zip(shown["own"]["cells"][1:], [one["key"] for one in shown["columns"][1:]], strict=True):
        assert cell == {"value": week[key].iloc[0], "zone": week[f"{key}_range"].iloc[0].split("_")[0]}
    why = school.why(COURSE, learner)
    assert_frame_equal(explorer.reasons(), why)
    assert all(any(reason in note for note in shown["notes"]) for reason in why["reason"])
    assert (shown["chips"], shown["filter_label"]) == ([], None)
    assert [kind["key"] for kind in explorer._faces.drawn.chart["kinds"]] == ["timeline", "weeks"]
    rows = explorer._faces.drawn.chart["datasets"]
    assert len({row["metric"] for row in rows["days"]}) == len(rows["average"]) == 4


def test_back_from_a_learner_the_roster_is_as_it_was(look: Look) -> None:
    explorer = look(page_size=10)
    explorer.hide_inactive, explorer.sort_field = True, "videos_viewed"
    explorer.page = 4
    before, page = explorer.value, [row["id"] for row in view(explorer)["rows"]]
    explorer.learner = page[3]
    assert explorer.page == 1
    explorer.learner = None
    assert_frame_equal(explorer.value, before)
    assert (explorer.page, [row["id"] for row in view(explorer)["rows"]]) == (4, page)


def test_a_learner_who_was_never_active_has_no_days_and_a_word_why(look: Look, school: lnb.Connection) -> None:
    explorer = look()
    quiet = explorer.value.query("in_inactive")["username"]
    learner = next(
        one for one in quiet if school.engagement_timeline(COURSE, one, pseudonyms=True, allow_empty=True).empty
    )
    explorer.learner = learner
    assert explorer.value.empty
    assert "allow_empty=True" in explorer.code()
    assert_frame_equal(run(explorer), explorer.value)
    assert any("never active" in note for note in view(explorer)["notes"])
    assert any("inactive: no active days" in note for note in view(explorer)["notes"])


@pytest.fixture(scope="module")
def refusing(school: lnb.Connection) -> Iterator[LearnerExplorer]:
    """An explorer for tests that leave it as it is."""
    explorer = LearnerExplorer(school, COURSE, strict=True)
    yield explorer
    explorer.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learner", "nobody"),
        ("segments", ("struggeling",)),
        ("segments", (1,)),
        ("cohort", "D"),
        ("cohort", "two"),
        ("enrollment_mode", "scholarship"),
        ("sort_field", "problems"),
        ("sort_field", "segments"),
        ("sort_field", "email"),
        ("sort_order", "up"),
        ("chart", "pie"),
        ("page", 0),
    ],
)
def test_what_cannot_be_shown_is_refused(refusing: LearnerExplorer, name: str, value: Any) -> None:
    explorer = refusing
    shown, before = explorer.value, getattr(explorer, name)
    with pytest.raises(lnb.InputError):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before
    assert explorer.value is shown
    with pytest.raises(lnb.InputError), explorer.hold_trait_notifications():  # noqa: PT012
        explorer.hide_inactive = True
        setattr(explorer, name, value)
    assert (explorer.hide_inactive, explorer.value is shown) == (False, True)


@pytest.mark.parametrize("options", [{"page_size": 0}, {"page_size": True}, {"min_population": -1}])
def test_options_that_cannot_be_used_are_refused(look: Look, options: dict[str, Any]) -> None:
    with pytest.raises(lnb.InputError):
        look(**options)


def test_reasons_need_a_learner(look: Look) -> None:
    with pytest.raises(lnb.InputError, match="Open a learner first"):
        look().reasons()


def test_what_is_there_no_more_is_left_out_of_a_state_with_a_note(look: Look, school: lnb.Connection) -> None:
    state = {"version": 1, "learner": "GONE", "cohort": "gone", "enrollment_mode": "audit", "page": 2}
    explorer = LearnerExplorer.from_state(school, COURSE, state)
    assert (explorer.learner, explorer.cohort, explorer.enrollment_mode, explorer.page) == (None, None, "audit", 1)
    assert sum("is there no more" in note for note in view(explorer)["notes"]) == 2
    explorer.page = 2
    assert not any("is there no more" in note for note in view(explorer)["notes"])
    explorer.close()


@pytest.mark.parametrize("state", [{}, {"version": 1, "hide_inactive": 1}, {"version": 1, "sort_field": "odd"}, "x"])
def test_a_state_that_does_not_fit_is_refused(school: lnb.Connection, state: Any) -> None:
    before = len(ipywidgets.widgets.widget._instances)
    with pytest.raises(lnb.InputError):
        LearnerExplorer.from_state(school, COURSE, state)
    assert len(ipywidgets.widgets.widget._instances) == before


def test_closing_closes_every_widget_and_leaves_the_connection_open(school: lnb.Connection) -> None:
    before = set(ipywidgets.widgets.widget._instances)
    explorer = LearnerExplorer(school, COURSE)
    explorer.settle(120)
    explorer.learner = explorer.value["username"].iloc[0]
    explorer.close()
    explorer.close()
    assert set(ipywidgets.widgets.widget._instances) - before == set()
    assert len(school.learners(COURSE)) == 130


@pytest.mark.parametrize("kind", ["problem_attempts_per_completed", "videos_viewed", "segments", "weeks"])
def test_each_chart_of_the_roster_is_drawn_and_said_in_words(look: Look, kind: str) -> None:
    explorer = look()
    explorer.chart = kind
    drawn = explorer._faces.drawn.chart
    assert (drawn["kind"], drawn["message"]) == (kind, None)
    assert drawn["summary"]
    assert sum(len(rows) for rows in drawn["datasets"].values()) > 1
    assert not any(name in json.dumps(drawn["spec"]) for name in explorer.value["username"])
    assert drawn["title"].endswith("50 learners of this page" if kind == "weeks" else "130 learners")


def test_week_over_week_is_the_mean_of_the_learners_on_the_page(look: Look, school: lnb.Connection) -> None:
    explorer = look(page_size=3, show_names=True)
    with explorer.hold_trait_notifications():
        explorer.chart, explorer.sort_field = "weeks", "videos_viewed"
    names = explorer.value["username"].head(3)
    days = [school.engagement_timeline(COURSE, name) for name in names]
    mean = sum(int(one.loc["2026-02-09":"2026-02-15", "videos_viewed"].sum()) for one in days) / 3
    rows = {row["name"]: row for row in explorer._faces.drawn.chart["datasets"]["weeks"]}
    assert rows["Videos viewed"]["after"] == pytest.approx(mean)
    assert set(rows) >= {"Active days", "Problems attempted"}
    explorer.page = 2
    assert explorer._faces.drawn.chart["datasets"]["weeks"] != list(rows.values())


def test_a_chart_that_a_learner_lacks_is_back_on_the_roster(look: Look) -> None:
    explorer = look()
    explorer.chart = "segments"
    explorer.learner = explorer.value["username"].iloc[1]
    assert (explorer.chart, explorer._faces.drawn.chart["kind"]) == ("segments", "timeline")
    explorer.learner = None
    assert explorer._faces.drawn.chart["kind"] == "segments"


def test_a_course_without_activity_can_be_looked_at() -> None:
    learners = pd.DataFrame({"course_id": "X/Y/Z", "username": ["a", "b"]})
    with lnb.connect_local(learners=learners, progress=False) as connection:
        explorer = LearnerExplorer(connection, "X/Y/Z", show_names=True, strict=True)
        assert len(explorer.value) == 2
        for kind in ("videos_viewed", "segments", "weeks"):
            explorer.chart = kind
        assert "no weeks to compare" in explorer._faces.drawn.chart["message"]
        explorer.learner = "a"
        assert "Nobody was ever active" in str(view(explorer)["notes"]) or "nobody was ever" in str(
            view(explorer)["notes"]
        )
        assert_frame_equal(run(explorer), explorer.value)
        explorer.close()


def test_a_page_stands_with_its_provenance(look: Any, tmp_path: Path) -> None:
    explorer = look()
    explorer.settle(60)
    found = lnb.verify(explorer.to_html(tmp_path / "page.html"))
    assert found
    assert found.provenance.code == explorer.code()
    assert found.provenance.tables[0].rows == len(explorer.value)
