"""Groups, learners and names for charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from learnosity_nb.domain.group_paths import group_id

Make = Callable[..., pd.DataFrame]


@pytest.fixture
def groups() -> Make:
    """Make rows as `Dataset.groups` gives them: names, and the figures given."""

    def make(names: Sequence[str], parent: tuple[str, ...] = (), **figures: Any) -> pd.DataFrame:
        paths = [(*parent, name) if name else parent for name in names]
        base = {
            "group_id": [group_id(path) for path in paths],
            "level": [len(path) for path in paths],
            "group_name": pd.Series(list(names), dtype="str"),
            "group_path": pd.Series(paths, dtype="object"),
        }
        frame = pd.DataFrame(base | {name: list(values) for name, values in figures.items()})
        return frame.astype({"population": "Int64"}) if "population" in figures else frame

    return make


@pytest.fixture
def classes(groups: Make) -> pd.DataFrame:
    """Three classes with every figure that a chart of groups can draw."""
    return groups(
        ["7a", "7b", "8a"],
        parent=("Oregon",),
        population=[20, 25, 3],
        mean_percent=[50.0, 62.5, 90.0],
        stddev_percent=[10.0, 12.0, 5.0],
        lowest_percent=[20.0, 30.0, 85.0],
        p25_percent=[44.0, 55.0, 87.0],
        median_percent=[51.0, 62.0, 90.0],
        p75_percent=[57.0, 70.0, 92.0],
        highest_percent=[80.0, 95.0, 95.0],
        mean_attempted_percent=[80.0, 90.0, 99.0],
    )


@pytest.fixture
def school(groups: Make) -> pd.DataFrame:
    """The group above the three classes."""
    return groups(
        ["Oregon"],
        population=[48],
        mean_percent=[59.0],
        median_percent=[58.0],
        mean_attempted_percent=[86.0],
        stddev_percent=[14.0],
    )


@pytest.fixture
def spread() -> Callable[[Sequence[float]], pd.DataFrame]:
    """Make a distribution of values, as `Dataset.distribution` gives it."""

    def make(values: Sequence[float]) -> pd.DataFrame:
        found, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
        return pd.DataFrame({"value": found, "count": counts})

    return make


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "${7*7}",
    "{{7*7}}",
    "&lt;b&gt;",
    'datum["a\'b"]',
    "datum.value",
    "a.b[0]:Q",
    "__proto__",
    "constructor",
    "toString",
    "'; DROP TABLE jobs;--",
    "%s%n",
    "line\nbreak",
    "\u202eright to left",
    "👩‍👩‍👧 family",
    "null",
    "0",
    "x" * 300,
]
"""Names that must stay text wherever they are drawn."""


@pytest.fixture
def hostile() -> list[str]:
    return list(HOSTILE)
