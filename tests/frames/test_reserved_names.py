"""No level may be called like a column that stands beside the level columns."""

from __future__ import annotations

from learnosity_nb.domain.group_paths import RESERVED_KEYS
from learnosity_nb.frames.columns import GROUP_COLUMNS, USER_FIELD_COLUMNS
from learnosity_nb.frames.comparison import DATASETS_COLUMNS, GROUPS_COLUMNS


def test_every_column_beside_the_levels_is_reserved() -> None:
    beside = {column.name for column in (*GROUP_COLUMNS, *DATASETS_COLUMNS, *GROUPS_COLUMNS)} | {*USER_FIELD_COLUMNS}
    assert beside | {"withheld", "file", "session_id"} == RESERVED_KEYS
