"""The calls on learners: what they did, why they are in a segment, and how their course does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import pandas as pd

from ..frames.learners import averages_frame
from ..frames.reasons import needs_timeline, reasons_frame
from .learner_parameters import check_names, day_range
from .learner_rosters import RosterCalls

__all__ = ["LearnerCalls"]

UNENROLLED: Final = "unenrolled"


class LearnerCalls(RosterCalls):
    """The calls of a `Connection` on the learners of a course."""

    def engagement_timeline(
        self,
        course_id: str,
        username: str,
        start_date: date | str | None = None,
        end_date: date | str | None = None,
        *,
        problem_attempts: bool = False,
        pseudonyms: bool = False,
        allow_empty: bool = False,
    ) -> pd.DataFrame:
        """Return what a learner did on each day.

        Parameters
        ----------
        course_id, username
            The course, and the learner.
        start_date, end_date
            The first day, and the day after the last one; from the learner's first active day to the last when
            omitted.
        problem_attempts
            Whether to count each attempt at a problem too, where the service can.
        pseudonyms
            Whether `username` is a pseudonym, as `learners` gives them.
        allow_empty
            Whether to return no days, in place of the error, where the service has none.

        Returns
        -------
        DataFrame
            Index ``date``: every day, without a zone. ``discussion_contributions``, ``problems_attempted``,
            ``problems_completed``, ``videos_viewed`` and, if asked for, ``problem_attempts`` Int64, null where the
            service does not count them.

        Raises
        ------
        ApiError
            With ``code`` ``no_learner_engagement_timeline`` if the learner is not in the course, or was never active.
        InputError
            If no learner of the course has this pseudonym.
        """
        check_names(course_id=course_id, username=username)
        bounds = day_range(start_date, end_date)
        include = {"include": "problem_attempts"} if problem_attempts else {}
        who = self._username(course_id, username) if pseudonyms else username
        frame = self._days(course_id, who, {**bounds, **include}, allow_empty=allow_empty)
        first, end = bounds.get("start_date"), bounds.get("end_date")
        last = None if end is None else (date.fromisoformat(end) - timedelta(days=1)).isoformat()
        return frame.loc[first:last]  # a service that does not know the bounds gives all days

    def why(self, course_id: str, username: str, *, pseudonyms: bool = False) -> pd.DataFrame:
        """Say why a learner is in each segment, with the figures that decide.

        Parameters
        ----------
        course_id, username
            The course, and the learner.
        pseudonyms
            Whether `username` is a pseudonym, as `learners` gives them.

        Returns
        -------
        DataFrame
            ``segment``, ``metric`` str, ``value``, ``threshold`` float64, ``reason`` str: a row for each figure that
            puts the learner there; no rows for a learner in no segment.
        """
        course = self.course_metadata(course_id)
        who = self._username(course_id, username) if pseudonyms else username
        learner = self.learner(course_id, who).drop(columns=["name", "email"])  # a traceback may show variables
        by_days = needs_timeline(learner["segments"].iloc[0])
        timeline = self._days(course_id, who, {}, allow_empty=True) if by_days else None
        return reasons_frame(learner, course, timeline)

    def course_averages(
        self,
        course_id: str,
        username: str | None = None,
        *,
        cohort: str | None = None,
        enrollment_mode: str | None = None,
    ) -> pd.DataFrame:
        """Return the averages of a course's week, beside a learner's own figures if one is named.

        Parameters
        ----------
        course_id
            The course.
        username
            A learner to set beside the averages.
        cohort, enrollment_mode
            Only over learners of this cohort, or on this track.

        Returns
        -------
        DataFrame
            ``metric`` str, ``learners`` Int64, ``mean`` and ``median`` float64 over the enrolled learners, quiet ones
            too (``problem_attempts_per_completed``: over those with a value); with `username` also ``value``.
        """
        averages = averages_frame(
            self.learners(course_id, ignore_segments=[UNENROLLED], cohort=cohort, enrollment_mode=enrollment_mode)
        )
        if username is None:
            return averages
        own = self.learner(course_id, username).iloc[0]
        return averages.assign(value=[float(own[metric]) for metric in averages["metric"]])
