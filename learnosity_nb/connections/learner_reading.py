"""What all calls on learners read: a course's learners, a learner's days, and who a pseudonym is."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Final, Self

import pandas as pd

from ..errors import ApiError, CredentialsError, InputError, shorten
from ..files.pseudonyms import SALT_FILE
from ..frames.learners import learners_frame, timeline_frame
from ..wire.learner_answers import Learner
from ..wire.learner_api import LEARNERS_PER_PAGE, LearnerApi
from .learner_pseudonyms import LearnerPseudonyms
from .ledger import Ledger
from .progress import Progress

__all__ = ["LearnerReading"]

NEVER_ACTIVE: Final = "no_learner_engagement_timeline"
LEARNERS_PER_FRAME: Final = 5_000


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


class LearnerReading:
    """A `Connection` as far as it reads learners."""

    learner_api: LearnerApi | None
    progress: bool
    _ledger: Ledger

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
