from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest

from learnosity_nb.compute.engagement import EVENTS, METRICS, Activity, measure, read_activity

TRIED, SOLVED, WATCHED, POSTED = EVENTS
Row = tuple[str, int, tuple[str, str], str, int]


def table(rows: Iterable[Row]) -> pa.Table:
    names = [(user, day, kind, event, entity, count) for user, day, (kind, event), entity, count in rows]
    columns = [list(column) for column in zip(*names, strict=True)] or [[]] * 6
    kinds = [pa.string(), pa.int32(), pa.string(), pa.string(), pa.string(), pa.int64()]
    arrays = [pa.chunked_array([pa.array(c, k)]) for c, k in zip(columns, kinds, strict=True)]
    arrays[1] = arrays[1].cast(pa.date32())
    return pa.table(arrays, names=["username", "date", "entity_type", "event", "entity_id", "count"])


def activity(*rows: Row, users: str = "abc") -> Activity:
    return read_activity(table(rows), pa.array(list(users), pa.string()))


def figures(found: Activity, start: int, end: int, learner: int = 0) -> dict[str, float]:
    metrics = measure(found, start, end)
    return {name: getattr(metrics, name)[learner].item() for name in (*METRICS, "attempts", "attempt_ratio_order")}


def test_a_problem_tried_on_two_days_of_the_week_counts_once_and_its_attempts_add_up() -> None:
    found = activity(("a", 1, TRIED, "p", 2), ("a", 2, TRIED, "p", 3), ("a", 2, TRIED, "q", 1))
    assert figures(found, 0, 7)["problems_attempted"] == 2
    assert figures(found, 0, 7)["attempts"] == 6


def test_a_video_watched_ten_times_counts_once_and_ten_posts_are_ten() -> None:
    rows = [("a", 1, WATCHED, "v", 5), ("a", 2, WATCHED, "v", 5), ("a", 1, POSTED, "t", 5), ("a", 2, POSTED, "t", 5)]
    found = figures(activity(*rows), 0, 7)
    assert (found["videos_viewed"], found["discussion_contributions"]) == (1, 10)


def test_a_row_given_twice_counts_as_one_entity_and_both_counts() -> None:
    row = ("a", 1, TRIED, "p", 2)
    found = figures(activity(row, row), 0, 7)
    assert (found["problems_attempted"], found["attempts"]) == (1, 4)


def test_the_span_begins_with_its_first_day_and_ends_before_its_last() -> None:
    found = activity(*(("a", day, WATCHED, f"v{day}", 1) for day in range(10)))
    assert figures(found, 2, 5)["videos_viewed"] == 3
    assert found.active_between(9, 10).tolist() == [True, False, False]
    assert not found.active_between(10, 20).any()


@pytest.mark.parametrize(
    ("attempts", "completed", "ratio", "order"),
    [(6, 2, 3.0, 6), (1, 0, np.inf, -1), (0, 0, np.inf, 0), (0, 2, 0.0, 0), (1, 3, 1 / 3, 1)],
)
def test_the_ratio_of_attempts_and_its_tie_break(attempts: int, completed: int, ratio: float, order: int) -> None:
    rows = [("a", 1, SOLVED, f"p{number}", 1) for number in range(completed)]
    rows += [("a", 1, TRIED, "p", attempts)] if attempts else []
    found = figures(activity(*rows), 0, 7)
    assert found["problem_attempts_per_completed"] == ratio
    assert found["attempt_ratio_order"] == order


@pytest.mark.parametrize(
    "row",
    [
        ("a", 9, ("problem", "viewed"), "p", 1),
        ("a", 9, ("video", "attempted"), "v", 1),
        ("a", 9, ("page", "viewed"), "p", 1),
        ("a", 9, WATCHED, "v", 0),
        ("a", 9, WATCHED, "v", -1),
    ],
)
def test_a_row_of_no_known_action_is_no_activity(row: Row) -> None:
    found = activity(("a", 3, WATCHED, "v", 1), row)
    assert found.end == 4
    assert not found.active_between(4, 20).any()


def test_someone_who_is_no_learner_is_left_out_but_the_course_goes_on_to_that_day() -> None:
    found = activity(("a", 3, WATCHED, "v", 1), ("staff", 9, WATCHED, "w", 1))
    assert found.end == 10
    assert len(found.day) == 1


def test_without_a_row_there_is_no_end_and_everything_is_zero() -> None:
    found = activity()
    assert found.end is None
    assert found.learners == 3
    assert figures(found, 0, 7)["problems_attempted"] == 0
    assert not found.active_between(0, 7).any()


def test_without_a_learner_there_is_nothing() -> None:
    found = activity(("a", 3, WATCHED, "v", 1), users="")
    assert (found.learners, found.end) == (0, 4)
    assert len(measure(found, 0, 7).attempts) == 0


def test_the_activity_of_one_learner_gives_the_figures_of_that_learner() -> None:
    found = activity(
        ("b", 1, TRIED, "p", 2), ("a", 1, TRIED, "q", 1), ("b", 2, WATCHED, "v", 1), ("c", 1, POSTED, "t", 4)
    )
    for learner in range(3):
        assert figures(found.of(learner), 0, 7) == figures(found, 0, 7, learner)
        assert found.of(learner).end == 3


def test_texts_may_be_dictionaries_in_several_chunks() -> None:
    plain = table([("b", 1, TRIED, "p", 2), ("a", 2, WATCHED, "v", 1), ("b", 2, SOLVED, "p", 1)])
    names = ["username", "entity_type", "event", "entity_id"]
    chunks = pa.concat_tables([plain.slice(0, 1), plain.slice(1)])
    for name in names:
        at = chunks.schema.get_field_index(name)
        chunks = chunks.set_column(at, name, chunks[name].dictionary_encode())
    users = pa.array(["a", "b"])
    expected, found = measure(read_activity(plain, users), 0, 7), measure(read_activity(chunks, users), 0, 7)
    for name in (*METRICS, "attempts"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
