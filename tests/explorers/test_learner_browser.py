"""A learner explorer driven from the browser: chips, replies, what a click sends."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.explorers.learner_explorer import LearnerExplorer

COURSE = "course-v1:Tests+T1+2026"

Look = Callable[..., LearnerExplorer]


@pytest.fixture
def explorer(look: Look) -> LearnerExplorer:
    made = look(page_size=10)
    made.settle(60)
    return made


def browser_sets(explorer: LearnerExplorer, **values: Any) -> None:
    """Let the browser write values of the table's face, as one message."""
    explorer._faces.table.set_state(values)
    explorer.settle(60)


def chips(explorer: LearnerExplorer) -> dict[str, dict[str, Any]]:
    return {chip["key"]: chip for chip in explorer._faces.table.view["chips"]}


def toggle(explorer: LearnerExplorer, key: str) -> None:
    on = [one for one, chip in chips(explorer).items() if chip["on"] != (one == key)]
    browser_sets(explorer, chips=on)


def test_a_chip_says_how_many_it_would_leave(explorer: LearnerExplorer) -> None:
    for key in ("segments:struggling", "hide_inactive:", "enrollment_mode:audit"):
        count = chips(explorer).get(key, {"count": None})["count"]
        if count is None:
            continue
        toggle(explorer, key)
        assert (len(explorer.value), chips(explorer)[key]["on"]) == (count, True)
        toggle(explorer, key)
    assert len(explorer.value) == 130


def test_chips_of_segments_add_up_and_others_narrow(explorer: LearnerExplorer) -> None:
    toggle(explorer, "segments:struggling")
    toggle(explorer, "segments:highly_engaged")
    assert explorer.segments == ("highly_engaged", "struggling")
    either = explorer.value
    assert (either["in_struggling"] | either["in_highly_engaged"]).all()
    cohort = next(key for key in chips(explorer) if key.startswith("cohort:"))
    toggle(explorer, cohort)
    assert explorer.cohort == cohort.partition(":")[2]
    assert 0 < len(explorer.value) < len(either)
    toggle(explorer, "segments:struggling")
    assert explorer.segments == ("highly_engaged",)


def test_the_newest_of_two_cohorts_counts(look: Look) -> None:
    explorer = look(show_names=True)
    explorer.settle(60)
    for name in ("C", "B: b", "<b>A</b>", "C"):
        toggle(explorer, f"cohort:{name}")
        assert explorer.cohort == name
        assert [key for key, chip in chips(explorer).items() if chip["on"]] == [f"cohort:{name}"]
    toggle(explorer, "cohort:C")
    assert explorer.cohort is None


def test_only_the_largest_cohorts_are_chips(look: Look) -> None:
    names = [f"cohort {number:02d}" for number in range(15) for _ in range(20 - number)]
    people = pd.DataFrame({"course_id": "X/Y/Z", "username": [f"u{one}" for one in range(len(names))], "cohort": names})
    with lnb.connect_local(learners=people, progress=False) as connection:
        explorer = look(connection, "X/Y/Z")
        explorer.cohort = "cohort 14"
        listed = [key for key in chips(explorer) if key.startswith("cohort:")]
        assert listed == [f"cohort:cohort {number:02d}" for number in (*range(12), 14)]
        assert any("12 largest of 15 cohorts" in note for note in explorer._faces.table.view["notes"])


def test_a_filter_goes_back_to_page_one_and_a_learner_keeps_it(explorer: LearnerExplorer) -> None:
    browser_sets(explorer, page=3)
    browser_sets(explorer, filter=explorer.value["username"].iloc[0][:1])
    assert (explorer.page, explorer._faces.table.page) == (1, 1)
    kept, learner = explorer.filter, explorer.value["username"].iloc[0]
    browser_sets(explorer, path=[learner])
    assert (explorer.learner, explorer.filter, explorer._faces.table.filter) == (learner, kept, "")
    browser_sets(explorer, path=[])
    assert (explorer.learner, explorer.filter, explorer._faces.table.filter) == (None, kept, kept)


def test_a_late_answer_is_dropped(look: Look, by_hand: Any) -> None:
    explorer = look(executor=by_hand)
    by_hand.run()
    explorer.settle(60)
    first, second = explorer.value["username"].head(2)
    explorer._faces.table.set_state({"path": [first]})
    assert explorer._faces.table.view["busy"]
    late = by_hand.waiting.pop()
    late[0].set_running_or_notify_cancel()
    explorer._faces.table.set_state({"path": [second]})
    by_hand.run()
    late[0].set_result(late[1]())
    explorer.settle(60)
    assert explorer.learner == second


def test_what_is_at_hand_needs_no_thread(look: Look, by_hand: Any) -> None:
    explorer = look(executor=by_hand)
    by_hand.run()
    explorer.settle(60)
    for values in (
        {"filter": "a"},
        {"sort": {"field": "videos_viewed", "order": "desc"}},
        {"chips": ["hide_inactive:"]},
    ):
        explorer._faces.table.set_state(values)
        assert not by_hand.waiting
    assert (explorer.filter, explorer.sort_field, explorer.hide_inactive) == ("a", "videos_viewed", True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"path": ["nobody"]}, "no learner with the pseudonym 'nobody'"),
        ({"sort": {"field": "odd", "order": "asc"}}, "no column 'odd'"),
        ({"chips": ["cohort:nowhere"]}, "no cohort 'nowhere'"),
        ({"page": 0}, "Pages count from 1"),
    ],
)
def test_a_click_that_cannot_be_shown_is_said_and_all_stays(
    explorer: LearnerExplorer, asked: dict[str, Any], said: str
) -> None:
    before = explorer.state_dict()
    with pytest.raises(lnb.LearnosityError, match=said):
        browser_sets(explorer, **asked)
    assert said in explorer.error
    assert explorer.state_dict() == before
    table = explorer._faces.table
    assert (table.path, table.sort, table.page, table.chips) == ([], None, 1, [])


def test_the_chart_is_chosen_in_the_browser_and_changes_with_the_rows(look: Look) -> None:
    explorer = look()
    explorer.settle(120)
    face = explorer._faces.chart
    face.set_state({"kind": "segments"})
    explorer.settle(60)
    assert explorer.chart == "segments"
    browser_sets(explorer, path=[explorer.value["username"].iloc[0]])
    assert (explorer.chart, face.kind) == ("segments", "timeline")
    face.set_state({"kind": "weeks"})
    explorer.settle(60)
    assert (explorer.chart, face.kind) == ("weeks", "weeks")
    browser_sets(explorer, path=[])
    assert face.kind == "weeks"
    assert face.title == "Week over week: 50 learners of this page"


@pytest.mark.parametrize("what", ["csv", "html", "code"])
def test_a_button_is_answered(explorer: LearnerExplorer, what: str) -> None:
    explorer._faces.table.set_state({"ask": [{"n": 4, "what": what}]})
    explorer.settle(120)
    reply = explorer._faces.table.reply
    assert (reply["n"], reply["what"]) == (4, what)
    if what == "code":
        assert (reply["name"], reply["text"]) == (None, explorer.code())
    else:
        assert reply["name"] == f"course-v1-Tests-T1-2026.{what}"
    if what == "csv":
        assert pd.read_csv(io.StringIO(reply["text"]))["username"].tolist() == explorer.value["username"].tolist()


def test_the_days_of_a_learner_are_a_csv_and_a_page_too(explorer: LearnerExplorer, tmp_path: Any) -> None:
    explorer.learner = explorer.value.query("in_highly_engaged")["username"].iloc[0]
    days = pd.read_csv(explorer.to_csv(tmp_path / "days.csv"), index_col="date", parse_dates=True)
    assert days.to_numpy().tolist() == explorer.value.to_numpy().tolist()
    assert days.index.tolist() == explorer.value.index.tolist()
    assert f"Days of {explorer.learner}" in explorer.to_html(tmp_path / "days.html").read_text(encoding="utf-8")


def test_a_button_that_is_not_there_is_an_error(explorer: LearnerExplorer) -> None:
    explorer._faces.table.set_state({"ask": [{"n": 1, "what": "secrets"}]})
    with pytest.raises(lnb.InputError, match="secrets"):
        explorer.settle(60)


def test_a_click_sends_less_than_64_kb(look: Look, sent: list[dict[str, Any]]) -> None:
    explorer = look(show_names=True)
    explorer.settle(120)
    assert len(explorer._faces.table.view["rows"]) == 50
    for values in (
        {"page": 2},
        {"chips": ["segments:inactive"]},
        {"chips": []},
        {"path": [explorer.value["username"].iloc[7]]},
    ):
        sent.clear()
        browser_sets(explorer, **values)
        assert len(json.dumps(sent)) < 64 * 1024, values
