"""How many learners of a course are in each segment."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from ..frames.columns import Column, typed_frame
from .drawing import assemble, keyed, rows_high, tip, titled
from .metrics import wanted_columns
from .reference import name_axis
from .words import NUMBER, WHOLE, counted, number_text

__all__ = ["segment_mix", "segment_rows"]

NO_SEGMENTS: Final = "No segments"
ROOM: Final = {"left": 12, "top": 4, "right": 12, "bottom": 4}
"""Words at both sides may be drawn in a wider font than they were measured in."""

SEGMENT_COLUMNS: Final = (
    Column("name", "str", "the segment in words"),
    Column("learners", "Int64", "learners in it"),
    Column("share", "float64", "the same in percent of all learners; null where their number is not known"),
    Column("label", "str", "both in words"),
)


def segment_mix(
    segments: pd.DataFrame, *, learners: int | None = None, title: str | None = None, dark: bool | None = None
) -> alt.LayerChart:
    """Draw how many learners are in each segment, the largest first.

    A learner can be in several segments, or in none: the bars do not add up to the course.

    Parameters
    ----------
    segments
        ``lrn.course_metadata(course_id).segments``; ``cohorts`` or ``enrollment_modes`` too.
    learners
        All learners of the course, to give the percent of each segment.
    title
        Over the chart.
    dark
        Whether the background is dark; None for colours that read on both.

    Raises
    ------
    ColumnError
        If `segments` lacks ``name`` or ``learners``.
    """
    rows = segment_rows(segments, learners)
    told = [tip("name", "Segment"), tip("learners", "Learners", WHOLE), tip("share", "Percent of learners", NUMBER)]
    x = alt.X(field="learners", type="quantitative", title="Learners").axis(domain=False, tickMinStep=1, format=WHOLE)
    bars = keyed("segments").mark_bar(style="figure", height=15).encode(x=x, y=name_axis(), tooltip=told)
    words = keyed("segments").mark_text(style="strong-label", align="left", baseline="middle", dx=5)
    words = words.encode(x=x, y=name_axis(), text=alt.Text(field="label", type="nominal"))
    chart = assemble([bars, words], {"segments": rows}, height=rows_high(24), dark=dark, empty=NO_SEGMENTS)
    roomy = chart.properties(padding=ROOM)
    return titled(roomy, title, [f"of {counted(learners, 'learner')}" if learners else None])


def segment_rows(segments: pd.DataFrame, learners: int | None = None) -> pd.DataFrame:
    """Return segments by size, equal ones by name: ``name``, ``learners``, ``share``, ``label``."""
    wanted_columns(segments, ["name", "learners"], "segments, as lrn.course_metadata(course_id).segments")
    known = segments.dropna(subset="learners").sort_values("name", kind="stable")
    ordered = known.sort_values("learners", ascending=False, kind="stable")
    counts = [int(count) for count in ordered["learners"]]
    shares = [100 * count / learners if learners else None for count in counts]
    labels = [
        f"{count:,}" if share is None else f"{count:,} ({number_text(round(share, 1))} %)"
        for count, share in zip(counts, shares, strict=True)
    ]
    names = [str(name).replace("_", " ") for name in ordered["name"]]
    return typed_frame(SEGMENT_COLUMNS, {"name": names, "learners": counts, "share": shares, "label": labels})
