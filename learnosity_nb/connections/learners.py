"""The calls on learners: who they are, what they did, and how their course does."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date, timedelta
from functools import cached_property
from typing import Final, Self

import pandas as pd

from ..errors import ApiError, CredentialsError, InputError, shorten
from ..files.pseudonyms import SALT_FILE
from ..frames.course import CourseMetadata, course_frames
from ..frames.learner_search import matched_field
from ..frames.learners import averages_frame, learners_frame, timeline_frame
from ..frames.reasons import needs_timeline, reasons_frame
from ..frames.sorting import sort_learners
from ..frames.withholding import check_min_population
from ..wire.learner_answers import Learner
from ..wire.learner_api import LEARNERS_PER_PAGE, LearnerApi
from .learner_parameters import check_names, day_range, learner_filters
from .learner_pseudonyms import LearnerPseudonyms, without_small_groups
from .ledger import Ledger
from .progress import Progress

__all__ = ["LearnerCalls"]

NEVER_ACTIVE: Final = "no_learner_engagement_timeline"
UNENROLLED: Final = "unenrolled"
LEARNERS_PER_FRAME: Final = 5_000

Names = Sequence[str] | str


class _Roster:
    """Learners as they arrive, made into frames by the thousand; its repr shows nobody."""

    def __init__(self) -> None:
        self._frames: list[pd.DataFrame] = []
        self._waiting: list[Learner] = []
        self.size = 0

    def add(self, learners: list[Learner]) -> None:
        self._waiting += learners
        self.size += len(learners)
        if len(self._waiting) >= LEARNERS_PER_FRAME:
            self._flush()

    def frame(self) -> pd.DataFrame:
        self._flush()
        return pd.concat(self._frames, ignore_index=True)

    def _flush(self) -> None:
        self._frames.append(learners_frame(self._waiting))
        self._waiting = []


class LearnerCalls:
    """The calls of a `Connection` on the learners of a course."""

    learner_api: LearnerApi | None
    progress: bool
    _ledger: Ledger

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
            ``discussion_contributions`` or ``problem_attempts_per_completed``, and ``"asc"`` or ``"desc"``. Learners
            without a value come last, or first with ``"desc"``.
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
            With every parameter that is wrong.
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
            for column, wanted in (("cohort", cohort), ("enrollment_mode", enrollment_mode)):
                frame = frame if wanted is None else frame[frame[column].notna()].reset_index(drop=True)
        if pseudonyms:
            frame = sort_learners(self._pseudonyms.hide(frame), order_by or "username", sort_order)
        if text_search is None:
            return frame
        frame = frame.assign(matched=matched_field(frame, text_search, begins=begins))
        if not searched_here:
            return frame
        found = frame[frame["matched"].notna()].reset_index(drop=True)
        return found if limit is None else found.head(limit)

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
            Index ``date``: every day, in UTC, without a zone. ``discussion_contributions``, ``problems_attempted``,
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

    def course_metadata(self, course_id: str) -> CourseMetadata:
        """Return what is known of a course.

        Returns
        -------
        CourseMetadata
            ``.cohorts``, ``.segments``, ``.enrollment_modes`` (``name``, ``learners``) and ``.engagement_ranges``
            (``metric``, ``range``, ``low``, ``high``), of the week from ``.start`` up to ``.end``.
        """
        check_names(course_id=course_id)
        return course_frames(course_id, self._learner_api().metadata(course_id))

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

    def without_progress(self) -> Self:
        """Return the same connection without progress bars, for calls in another thread."""
        _ = self._pseudonyms  # what the one learns of learners, the other knows
        quiet = copy(self)
        quiet.progress = False
        return quiet

    def _learner_api(self) -> LearnerApi:
        if self.learner_api is None:
            raise CredentialsError(
                "This connection has no learner API. Set LEARNER_API_URL and LEARNER_API_TOKEN in the environment, or "
                "pass connect(learner_url=…, learner_token=…). For your own data, use connect_local(...)."
            )
        return self.learner_api

    def _roster(self, course_id: str, filters: dict[str, str], limit: int | None) -> pd.DataFrame:
        page_size = LEARNERS_PER_PAGE if limit is None else min(limit, LEARNERS_PER_PAGE)
        pages = self._learner_api().learners(course_id, filters, page_size=page_size)
        first = next(pages)
        wanted = first.count if limit is None else min(limit, first.count)
        roster = _Roster()
        roster.add(first.learners)
        with Progress(-(-wanted // page_size), shown=self.progress) as progress:
            progress.step()
            while limit is None or roster.size < limit:
                part = next(pages, None)
                if part is None:
                    break
                roster.add(part.learners)
                progress.say(f"{roster.size:,} of {wanted:,} learners")
                progress.step()
        frame = roster.frame()
        return frame if limit is None else frame.head(limit)

    def _days(self, course_id: str, username: str, parameters: dict[str, str], *, allow_empty: bool) -> pd.DataFrame:
        try:
            days = self._learner_api().days(course_id, username, parameters)
        except ApiError as error:
            if error.code != NEVER_ACTIVE or not allow_empty:
                raise
            days = []
        return timeline_frame(days, problem_attempts="include" in parameters)

    @cached_property
    def _pseudonyms(self) -> LearnerPseudonyms:
        return LearnerPseudonyms(self._ledger.path.with_name(SALT_FILE))

    def _username(self, course_id: str, pseudonym: str) -> str:
        """Return whom a pseudonym stands for; the course's learners are read where that is not known yet."""
        if self._pseudonyms.username(pseudonym) is None:
            self._pseudonyms.hide(self._roster(course_id, {}, None))
        found = self._pseudonyms.username(pseudonym)
        if found is None:
            raise InputError(
                f"No learner of this course has the pseudonym {shorten(pseudonym)}. Another state directory or user "
                "account has other pseudonyms: take it from learners(course_id, pseudonyms=True)."
            )
        return found
