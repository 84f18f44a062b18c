"""The sample world: a synthetic district, its sessions and its course, the same for the same seed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import InputError
from .exports import to_csv
from .replacing import replacing
from .sample_engagement import COURSE_ID, make_engagement, make_learners
from .sample_places import make_people, make_places
from .sample_sessions import make_assessment, make_items
from .sources import SUFFIXES

__all__ = ["SampleWorld", "sample_world"]

MOST_LEARNERS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SampleWorld:
    """Frames with the columns of the data files. Every person in them is invented.

    Attributes
    ----------
    sessions, roster, learners, engagement, responses, items
        One DataFrame for each data file; the levels of the roster are ``district``, ``school`` and ``class``.
    course_id
        The course of the learners and their engagement.
    """

    sessions: pd.DataFrame
    roster: pd.DataFrame
    learners: pd.DataFrame
    engagement: pd.DataFrame
    responses: pd.DataFrame
    items: pd.DataFrame
    course_id: str = COURSE_ID

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}: {len(frame)}" for name, frame in self.tables.items())
        return f"SampleWorld(rows of {sizes}; course_id={self.course_id!r})"

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The frames by table name."""
        names = ("sessions", "roster", "learners", "engagement", "responses", "items")
        return {name: getattr(self, name) for name in names}

    def write(
        self,
        directory: str | os.PathLike[str],
        format: Literal["csv", "parquet"] = "csv",  # noqa: A002
    ) -> dict[str, Path]:
        """Write a data directory.

        Parameters
        ----------
        directory
            Where; it is created if need be.
        format
            ``"csv"`` or ``"parquet"``. The CSV files of one seed are the same on every machine.

        Returns
        -------
        dict of str to pathlib.Path
            The file of each table.

        Raises
        ------
        InputError
            If the directory holds one of the tables already, or cannot be written.
        """
        if format not in ("csv", "parquet"):
            raise InputError(f"format must be csv or parquet, not {format!r}.")
        target = Path(directory).expanduser()
        there = [
            file.name for name in self.tables for suffix in SUFFIXES if (file := target / f"{name}{suffix}").exists()
        ]
        if there:
            raise InputError(f"{target} holds {', '.join(there)} already. Choose another directory.")
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{target} cannot be made: {error.strerror}.") from None
        return {name: _write(frame, target / f"{name}.{format}") for name, frame in self.tables.items()}


def sample_world(seed: int = 2026, learners: int = 480) -> SampleWorld:
    """Make a synthetic world: a district's sessions and roster, and the same learners' course.

    There are classes of uneven size (one of a single learner), learners in two classes and without a session,
    sessions that are incomplete, discarded or not marked yet; and five weeks of daily engagement with ties,
    quiet learners, drop-outs and problems tried but never solved.

    Parameters
    ----------
    seed
        Any whole number from 0. The same seed gives the same world, whatever the machine or the numpy.
    learners
        How many learners, 1 to 1,000,000.

    Returns
    -------
    SampleWorld
        Its frames; ``.write(directory)`` makes a data directory of them.

    Raises
    ------
    InputError
        If `seed` or `learners` is out of range.

    Examples
    --------
    >>> world = sample_world(seed=1, learners=50)
    >>> len(world.learners)
    50
    """
    if type(seed) is not int or seed < 0:
        raise InputError(f"seed must be a whole number from 0, not {seed!r}.")
    if type(learners) is not int or not 1 <= learners <= MOST_LEARNERS:
        raise InputError(f"learners must be a whole number from 1 to {MOST_LEARNERS:,}, not {learners!r}.")
    people = make_people(seed, learners)
    assessment = make_assessment(seed, people, make_places(seed, learners))
    return SampleWorld(
        sessions=assessment.sessions,
        roster=assessment.roster,
        learners=make_learners(seed, people),
        engagement=make_engagement(seed, people),
        responses=assessment.responses,
        items=make_items(),
    )


def _write(frame: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".csv":
        return to_csv(frame, path, provenance=False)
    with replacing(path) as temporary:
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), temporary)
    return path
