from __future__ import annotations

from typing import Any

import pytest

from learnosity_nb.domain.left_out import describe_left_out

END = " They do not count."


@pytest.mark.parametrize(
    ("counts", "ids", "said"),
    [
        ((0, 0, 0), {}, None),
        ((9, 0, 0), {"recorded_session": "s1"}, None),
        (
            (9000, 3, 2),
            {"unknown_session": "s1", "mismatched_session": "s2", "recorded_session": "s2"},
            "3 of 9,000 listed sessions are not in sessions (such as 's1'); "
            + "2 are recorded for another user (such as 's2'). They do not count.",
        ),
        ((2, 1, 1), {}, "1 of 2 listed sessions is not in sessions; 1 is recorded for another user." + END),
        ((9, 0, 2), {}, "2 of 9 listed sessions are recorded for another user. They do not count."),
        ((2, 0, 2), {}, "2 of 2 listed sessions are recorded for another user. They do not count."),
        (
            (9, 9, 0),
            {"unknown_session": "s1", "recorded_session": "S-1"},
            "None of the 9 listed sessions is in sessions: the roster lists 's1', sessions has 'S-1'. "
            + "They do not count.",
        ),
        ((9, 9, 0), {}, "None of the 9 listed sessions is in sessions. They do not count."),
    ],
)
def test_what_is_left_out_is_said_with_numbers_and_examples(
    counts: tuple[int, int, int], ids: dict[str, Any], said: str | None
) -> None:
    assert describe_left_out(*counts, **ids) == said
