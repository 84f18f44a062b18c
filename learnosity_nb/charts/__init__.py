"""CHARTS: frames become Altair charts.

A chart is drawn from a few rows that a plain function makes (``…_rows``); group names are only ever in the rows.
Nothing of Altair is changed by importing this room: neither a theme nor a renderer.
"""

from __future__ import annotations

from .attempts import attempted_rows, score_against_attempted
from .binning import edges_for
from .comparisons import comparison, comparison_rows
from .descriptions import describe
from .distributions import score_distribution
from .engagement import engagement_distribution, engagement_rows, zone_rows
from .funnel_rows import funnel_limits, funnel_rows
from .funnels import funnel
from .group_rows import reference_rows
from .kinds import KINDS, empty_charts, kind_chart
from .percentiles import percentile_box, percentile_fan, percentile_rows
from .pictures import to_png, to_svg
from .rankings import ranking, ranking_rows
from .records import split_chart
from .segments import segment_mix, segment_rows
from .spreads import distribution_rows, ecdf_rows, middle_rows
from .theme import palette_config
from .timelines import average_rows, engagement_timeline, timeline_rows
from .weeks import week_over_week, week_rows
from .words import charted_field

__all__ = [
    "KINDS",
    "attempted_rows",
    "average_rows",
    "charted_field",
    "comparison",
    "comparison_rows",
    "describe",
    "distribution_rows",
    "ecdf_rows",
    "edges_for",
    "empty_charts",
    "engagement_distribution",
    "engagement_rows",
    "engagement_timeline",
    "funnel",
    "funnel_limits",
    "funnel_rows",
    "kind_chart",
    "middle_rows",
    "palette_config",
    "percentile_box",
    "percentile_fan",
    "percentile_rows",
    "ranking",
    "ranking_rows",
    "reference_rows",
    "score_against_attempted",
    "score_distribution",
    "segment_mix",
    "segment_rows",
    "split_chart",
    "timeline_rows",
    "to_png",
    "to_svg",
    "week_over_week",
    "week_rows",
    "zone_rows",
]
