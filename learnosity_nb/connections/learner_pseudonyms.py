"""Learners by pseudonyms: frames that name nobody, and the way back for the calls on one learner."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ..compute.suppression import withhold_siblings
from ..files.pseudonyms import pseudonym_column, read_salt
from ..frames.course import CourseMetadata

__all__ = ["LearnerPseudonyms", "without_small_groups"]

NAMING: Final = ("name", "email", "account_url")


class LearnerPseudonyms:
    """The pseudonyms of one connection's learners; it remembers whom it gave one to, and its repr shows nobody.

    Parameters
    ----------
    salt_file
        Where the salt is kept.
    """

    def __init__(self, salt_file: Path) -> None:
        self._salt_file = salt_file
        self._usernames: dict[str, str] = {}

    def hide(self, learners: pd.DataFrame) -> pd.DataFrame:
        """Return learners by pseudonym: in place of the username, and without name, e-mail address and account."""
        given = pseudonym_column(read_salt(self._salt_file), learners["username"])
        self._usernames.update(zip(given, learners["username"], strict=True))
        return learners.drop(columns=list(NAMING)).assign(username=given)

    def username(self, pseudonym: str) -> str | None:
        """Return the username behind a pseudonym; None for one that was not given here."""
        return self._usernames.get(pseudonym)


def without_small_groups(learners: pd.DataFrame, course: CourseMetadata, min_population: int) -> pd.DataFrame:
    """Return learners with null for each cohort and enrolment mode that is withheld.

    One with fewer learners in the course than the floor is withheld, and the
    next smallest too where it would be the only one: the rule of
    `compute.suppression`.
    """
    for column, counted in (("cohort", course.cohorts), ("enrollment_mode", course.enrollment_modes)):
        sizes = counted["learners"].to_numpy(dtype=np.int64)
        withheld = counted.loc[withhold_siblings(sizes, min_population), "name"]
        learners = learners.assign(**{column: learners[column].mask(learners[column].isin(withheld))})
    return learners
