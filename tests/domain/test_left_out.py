from __future__ import annotations

from typing import Any

import pytest

from learnosity_nb.domain.left_out import describe_left_out


@pytest.mark.parametrize(
    ("counts", "ids", "said"),
    [
        ((0, 0, 0), {}, None),
        ((9, 0, 0), {"recorded_session": "s1"}, None),
        (
            (90, 3, 2),
            {"unknown_session": "a", "mismatched_session": "b", "recorded_session": "b"},
            "3 of 90 listed sessions are not in sessions (such as 'a'); 2 are recorded for another user (such as 'b').",
        ),
        ((2, 1, 1), {}, "1 of 2 listed sessions is not in sessions; 1 is recorded for another user."),
        ((9, 0, 2), {}, "2 of 9 listed sessions are recorded for another user."),
        ((2, 0, 2), {}, "2 of 2 listed sessions are recorded for another user."),
        (
            (9, 9, 0),
            {"unknown_session": "s1", "recorded_session": "S-1"},
            "None of the 9 listed sessions is in sessions: the roster lists 's1', sessions has 'S-1'.",
        ),
        ((9, 2, 1), {"uncounted": 5}, "2 of 9 listed sessions are not in sessions; 1 is recorded for another user."),
        ((9, 0, 0), {"uncounted": 8}, None),
        ((9, 9, 0), {}, "None of the 9 listed sessions is in sessions."),
    ],
)
def test_what_is_left_out_is_said_with_numbers_and_examples(
    counts: tuple[int, int, int], ids: dict[str, Any], said: str | None
) -> None:
    expected = None if said is None else f"{said} They do not count."
    assert describe_left_out(*counts, **ids) == expected


@pytest.mark.parametrize(
    ("counts", "uncounted", "said"),
    [
        ((9, 0, 0), 9, "9 are left out by status or time."),
        ((1, 0, 0), 1, "1 is left out by status or time."),
        ((9, 2, 1), 6, "2 are not in sessions; 1 is recorded for another user; 6 are left out by status or time."),
    ],
)
def test_that_no_session_counts_is_said_also_of_those_left_out_by_status_or_time(
    counts: tuple[int, int, int], uncounted: int, said: str
) -> None:
    expected = f"None of the {counts[0]} listed sessions counts: {said}"
    assert describe_left_out(*counts, uncounted=uncounted) == expected
