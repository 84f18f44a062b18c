"""Group summaries, jobs and learner analytics as DataFrames, hosted or on your own machine."""

from __future__ import annotations

__version__ = "0.1.0"
