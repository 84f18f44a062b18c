"""One course, indexed: its roster by username, the figures of its week, and the orders it is read in."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...compute.arrays import Bools, encode_sorted, whole
from ...compute.course import summarize_course
from ...compute.engagement import COUNTS, RATIO
from ...compute.segments import SEGMENTS
from .parameters import RosterQuery
from .words import NameWords

__all__ = ["Course"]

TEXTS: Final = ("username", "name", "email", "enrollment_mode", "cohort")
TIME: Final = pa.timestamp("us", "UTC")
DAY: Final = "%Y-%m-%d"
MOMENT: Final = "%Y-%m-%d %H:%M:%S"  # Arrow adds the microseconds, as in the specification's example

Order = npt.NDArray[np.int32]


class Course:
    """A course as the endpoints read it. Rows are learners in the order of their usernames, by code point.

    Parameters
    ----------
    learners, engagement
        The course's rows of both tables.

    Attributes
    ----------
    roster : pyarrow.Table
        ``username``, ``name``, ``email``, ``enrollment_mode``, ``cohort`` and ``enrollment_date``, all text.
    figures : CourseFigures
        The week's figures, by row.
    tallies
        How many learners have each ``cohort`` and each ``enrollment_mode``, by value.
    segment_sizes
        How many learners are in each segment.
    """

    def __init__(self, learners: pa.Table, engagement: pa.Table) -> None:
        order = pc.sort_indices(learners["username"])
        columns = {name: _column(learners, name, pa.string()) for name in TEXTS}
        columns["enrollment_date"] = _dates(_column(learners, "enrollment_date", TIME))
        self.roster = pa.table(columns).take(order).combine_chunks()
        self.tallies = {name: _tally(self.roster[name]) for name in ("cohort", "enrollment_mode")}
        self._words = NameWords(whole(self.roster["name"]))
        self._orders: dict[tuple[str, bool], Order] = {}
        enrolled = pc.fill_null(_column(learners, "enrolled", pa.bool_()).take(order), True)
        self.figures = summarize_course(
            whole(self.roster["username"]), enrolled.to_numpy(zero_copy_only=False), engagement
        )
        bits = self.figures.segments
        self.segment_sizes = {name: int(np.count_nonzero(bits >> place & 1)) for place, name in enumerate(SEGMENTS)}

    def row_of(self, username: str) -> int | None:
        """Return a learner's row; None for someone else."""
        row = pc.index(self.roster["username"], username).as_py()
        return None if row < 0 else row

    def select(self, query: RosterQuery) -> Order:
        """Return the rows that a query asks for, in its order, of all pages."""
        order = self._order(query.order_by, descending=query.descending)
        masks = self._masks(query)
        return order[np.logical_and.reduce(masks)[order]] if masks else order

    def _masks(self, query: RosterQuery) -> list[Bools]:
        masks = []
        if query.segments:
            masks.append(self.figures.segments & _bits(query.segments) != 0)
        if query.ignore_segments:
            masks.append(self.figures.segments & _bits(query.ignore_segments) == 0)
        if query.cohort:
            masks.append(self._equal("cohort", query.cohort))
        if query.enrollment_mode:
            masks.append(self._equal("enrollment_mode", query.enrollment_mode))
        if query.text_search:
            whole = self._equal("username", query.text_search) | self._equal("email", query.text_search)
            masks.append(whole | self._words.rows_with(query.text_search))
        return masks

    def _equal(self, column: str, value: str) -> Bools:
        same = pc.fill_null(pc.equal(self.roster[column], value), False)
        found: Bools = same.to_numpy()
        return found

    def _order(self, order_by: str, *, descending: bool) -> Order:
        """Return all rows sorted; made once for each way to sort. Ties stand by username, nulls sort as infinity."""
        key = (order_by, descending)
        if key not in self._orders:
            first = self._sort_key(order_by)
            keys = [-first if descending else first]
            if order_by == RATIO:  # among equal ratios, the reverse by attempts
                second = self.figures.metrics.attempt_ratio_order
                keys.insert(0, second if descending else -second)
            self._orders[key] = np.lexsort(keys).astype(np.int32)
        return self._orders[key]

    def _sort_key(self, order_by: str) -> npt.NDArray[np.int64] | npt.NDArray[np.float64]:
        metrics = self.figures.metrics
        if order_by == "username":
            return np.arange(self.roster.num_rows)
        if order_by == "email":
            email = self.roster["email"]
            codes, distinct = encode_sorted(pc.fill_null(email, ""))
            return np.where(email.is_null().to_numpy(), len(distinct), codes)
        if order_by in COUNTS:
            counts: npt.NDArray[np.int64] = getattr(metrics, order_by)
            return counts
        return metrics.problem_attempts_per_completed if order_by == RATIO else metrics.attempt_ratio_order


def _column(learners: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    return learners[name] if name in learners.column_names else pa.chunked_array([pa.nulls(learners.num_rows, kind)])


def _tally(column: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(pc.drop_null(column)).to_pylist()
    return dict(sorted((pair["values"], pair["counts"]) for pair in counted))


def _dates(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write moments as text: as days where the whole column has no other time than midnight."""
    naive = moments.cast(pa.timestamp("us"))  # Arrow needs no database of zones for these
    days = pc.floor_temporal(naive, unit="day")
    return pc.strftime(naive, DAY if pc.all(pc.equal(naive, days)).as_py() else MOMENT)


def _bits(segments: tuple[str, ...]) -> np.uint8:
    return np.uint8(sum(1 << SEGMENTS.index(name) for name in set(segments)))
