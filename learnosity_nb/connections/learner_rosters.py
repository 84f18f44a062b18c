"""The calls on a course: its learners, listed, searched or one by one, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from ..frames.course import CourseMetadata, course_frames
from ..frames.learner_search import matched_field
from ..frames.learners import learners_frame
from ..frames.sorting import sort_learners
from ..frames.withholding import check_min_population
from .learner_parameters import check_names, day_range, learner_filters
from .learner_pseudonyms import without_small_groups
from .learner_reading import LearnerReading

__all__ = ["RosterCalls"]

Names = Sequence[str] | str


class RosterCalls(LearnerReading):
    """The calls of a `Connection` on a course and its learners."""

    def course_metadata(self, course_id: str) -> CourseMetadata:
        """Return what is known of a course.

        Parameters
        ----------
        course_id
            The course, such as ``course-v1:edX+DemoX+Demo_2014`` or ``edX/DemoX/Demo_Course``.

        Returns
        -------
        CourseMetadata
            ``.cohorts``, ``.segments``, ``.enrollment_modes`` (``name``, ``learners``) and ``.engagement_ranges``
            (``metric``, ``range``, ``low``, ``high``), of the week from ``.start`` up to ``.end``.

        Raises
        ------
        InputError
            If `course_id` is no text, or blank.
        ApiError
            If the service refuses: ``code`` is its error code, such as ``course_not_found``.
        CredentialsError
            If this connection has no learner API.
        """
        check_names(course_id=course_id)
        return course_frames(course_id, self._learner_api().metadata(course_id))

    def learners(
        self,
        course_id: str,
        *,
        segments: Names | None = None,
        ignore_segments: Names | None = None,
        cohort: str | None = None,
        enrollment_mode: str | None = None,
        text_search: str | None = None,
        begins: bool = False,
        order_by: str | None = None,
        sort_order: str = "asc",
        limit: int | None = None,
        pseudonyms: bool = False,
        min_population: int = 0,
    ) -> pd.DataFrame:
        """List the learners of a course: every page, as one frame.

        Parameters
        ----------
        course_id
            The course, such as ``course-v1:edX+DemoX+Demo_2014`` or ``edX/DemoX/Demo_Course``.
        segments
            Only learners in any of these segments: ``highly_engaged``, ``disengaging``, ``struggling``, ``inactive``,
            ``unenrolled``.
        ignore_segments
            Only learners in none of these; not together with `segments`.
        cohort, enrollment_mode
            Only learners of this cohort, or on this track.
        text_search
            Only learners whose name has one of these words, or whose username or e-mail address is this.
        begins
            Whether the beginning is enough, as of `find_learners`. The service itself finds whole words only, so all
            learners that the other filters leave are read.
        order_by, sort_order
            ``username``, ``email``, ``problems_attempted``, ``problems_completed``, ``videos_viewed``,
            ``discussion_contributions``, ``problem_attempts_per_completed`` or ``attempt_ratio_order``, and ``"asc"``
            or ``"desc"``. Learners without a value come last, or first with ``"desc"``. ``attempt_ratio_order`` is
            the number of attempts at problems, negative where none was solved: with ``"asc"`` those come first who
            tried most and solved none. Neither it nor ``email`` goes with `pseudonyms`.
        limit
            At most so many; all when omitted.
        pseudonyms
            Give ten letters and digits in place of each username, the same ones on every call from this state
            directory (local) or this user account (hosted), and leave out ``name``, ``email`` and ``account_url``.
            Then `text_search` finds pseudonyms only, and equal rows stand by pseudonym.
        min_population
            Null in place of a cohort, and of an enrolment mode, that has fewer learners in the course, and of the
            next smallest where it would be the only one; learners cannot be filtered by those. 0 shows all.

        Returns
        -------
        DataFrame
            A row for each learner: ``username``, ``name``, ``email``, ``account_url``, ``enrollment_mode`` str,
            ``enrollment_date`` datetime64 UTC, ``cohort`` str, ``segments`` tuple of str;
            ``discussion_contributions``, ``problems_attempted``, ``problems_completed``, ``videos_viewed`` Int64 and
            ``problem_attempts_per_completed`` float64 of one week; ``date_range_start``, ``date_range_end`` (the day
            after it), ``last_updated`` datetime64; ``in_highly_engaged``, ``in_disengaging``, ``in_struggling``,
            ``in_inactive``, ``in_unenrolled`` bool. With `text_search` also ``matched``: which of name, username and
            email did.

        Raises
        ------
        InputError
            If a parameter is wrong; `min_population` is checked after the others, which one error names together.
        ApiError
            If the service refuses: ``code`` is its error code, such as ``course_not_found``.
        CredentialsError
            If this connection has no learner API.
        """
        filters = learner_filters(
            course_id,
            segments=segments,
            ignore_segments=ignore_segments,
            cohort=cohort,
            enrollment_mode=enrollment_mode,
            text_search=text_search,
            order_by=order_by,
            sort_order=sort_order,
            limit=limit,
            pseudonyms=pseudonyms,
        )
        floor = check_min_population(min_population)
        searched_here = text_search is not None and (begins or pseudonyms)
        if searched_here:
            del filters["text_search"]
        frame = self._roster(course_id, filters, None if searched_here else limit)
        if floor:
            frame = without_small_groups(frame, self.course_metadata(course_id), floor)
            wanted = {"cohort": cohort, "enrollment_mode": enrollment_mode}
            named = [column for column, name in wanted.items() if name is not None]
            frame = frame.dropna(subset=named, ignore_index=True)
        if pseudonyms:
            frame = sort_learners(self._pseudonyms.hide(frame), order_by or "username", sort_order)
        if text_search is None:
            return frame
        frame = frame.assign(matched=matched_field(frame, text_search, begins=begins))
        if not searched_here:
            return frame
        return frame.dropna(subset="matched", ignore_index=True).head(len(frame) if limit is None else limit)

    def find_learners(self, course_id: str, text: str, *, limit: int = 10) -> pd.DataFrame:
        """Find learners by how their name, username or e-mail address begins, as somebody types it.

        The service itself finds whole words only, so this reads all learners of the course.

        Parameters
        ----------
        course_id
            The course.
        text
            The beginning of a username, an address, or any word of a name; upper and lower case are the same.
        limit
            At most so many.

        Returns
        -------
        DataFrame
            ``username``, ``name``, ``email`` and ``matched`` (which of these), by username.
        """
        check_names(course_id=course_id, text=text, limit=limit)
        frame = self._roster(course_id, {}, None)
        found = frame.assign(matched=matched_field(frame, text, begins=True)).dropna(subset="matched")
        return found[["username", "name", "email", "matched"]].head(limit).reset_index(drop=True)

    def learner(
        self,
        course_id: str,
        username: str,
        start_date: date | str | None = None,
        end_date: date | str | None = None,
    ) -> pd.DataFrame:
        """Return one learner of a course, as a frame of one row; columns as `learners`.

        Parameters
        ----------
        course_id, username
            The course, and the learner.
        start_date, end_date
            Count from this day up to that one, itself not included, in place of the week; segments stay the week's.
            ``date_range_start`` and ``date_range_end`` say what the service did count.

        Raises
        ------
        ApiError
            With ``code`` ``no_learner_for_course`` if the course has no such learner.
        """
        check_names(course_id=course_id, username=username)
        return learners_frame([self._learner_api().learner(course_id, username, day_range(start_date, end_date))])
