"""Scores of sessions, worked out again from their responses: in all, and by subscore.

Source: Jobs endpoints, "Generates subscore information on sessions" and the
rescoring of "Update the status of the given sessions". A response without a
score adds nothing to the score; its maximum counts, and is also given as
unmarked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import pyarrow as pa

from ..domain.policy import SIGNIFICANT_DIGITS

__all__ = ["Response", "Subscore", "SubscoreGroup", "Tally", "find_subscores", "group_items", "tally_responses"]


class Response(TypedDict):
    """A row of the responses file, whole; None where the file has no value or no such column."""

    session_id: str
    response_id: str
    score: float | None
    max_score: float | None
    question_reference: str | None
    item_reference: str | None
    attempted: bool | None
    automarkable: bool | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What some responses add up to.

    Attributes
    ----------
    num_questions
        How many responses there are.
    num_attempted, attempted_max_score
        How many of them were attempted, and their points; None where that is not known of one of them.
    num_unmarked, unmarked_max_score
        How many of them have no score, and their points.
    score
        The points reached.
    max_score
        The points that could be reached.
    """

    num_questions: int
    num_attempted: int | None
    num_unmarked: int
    score: float
    max_score: float
    attempted_max_score: float | None
    unmarked_max_score: float

    @property
    def session_score(self) -> float | None:
        """The score of a session with these responses: none while nothing in it is marked."""
        return self.score if self.num_unmarked < self.num_questions else None


@dataclass(frozen=True, slots=True)
class SubscoreGroup:
    """A subscore of an activity: the items that count toward it."""

    id: str
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subscore:
    """A subscore of a session.

    Attributes
    ----------
    group
        The subscore, with those of its items that the session has.
    tally
        What their responses add up to.
    """

    group: SubscoreGroup
    tally: Tally


def tally_responses(responses: Sequence[Response]) -> Tally:
    """Add responses up."""
    unmarked = [response for response in responses if response["score"] is None]
    attempted = [response for response in responses if response["attempted"]]
    known = all(response["attempted"] is not None for response in responses)
    return Tally(
        num_questions=len(responses),
        num_attempted=len(attempted) if known else None,
        num_unmarked=len(unmarked),
        score=_sum(response["score"] for response in responses),
        max_score=_maximum(responses),
        attempted_max_score=_maximum(attempted) if known else None,
        unmarked_max_score=_maximum(unmarked),
    )


def group_items(items: pa.Table) -> dict[str, tuple[SubscoreGroup, ...]]:
    """Return the subscores of each activity, both they and their items in the order of the table.

    Parameters
    ----------
    items
        Columns ``activity_id``, ``item_reference``, ``subscore_id`` and ``subscore_title`` (text). An item may count
        toward several subscores; a subscore has the title of its first row.
    """
    found: dict[str, dict[str, tuple[str, dict[str, None]]]] = {}
    for row in items.to_pylist():
        subscores = found.setdefault(row["activity_id"], {})
        _, references = subscores.setdefault(row["subscore_id"], (row["subscore_title"], {}))
        references[row["item_reference"]] = None
    return {
        activity: tuple(SubscoreGroup(key, title, tuple(references)) for key, (title, references) in subscores.items())
        for activity, subscores in found.items()
    }


def find_subscores(responses: Sequence[Response], groups: Iterable[SubscoreGroup]) -> list[Subscore]:
    """Return the subscores of a session; those without a response are left out.

    Parameters
    ----------
    responses
        The session's responses.
    groups
        The subscores of its activity.
    """
    by_item = _by_item(responses)
    found = []
    for group in groups:
        items = tuple(item for item in group.items if item in by_item)
        if items:
            counted = [response for item in items for response in by_item[item]]
            found.append(Subscore(SubscoreGroup(group.id, group.title, items), tally_responses(counted)))
    return found


def _by_item(responses: Sequence[Response]) -> Mapping[str | None, list[Response]]:
    found: dict[str | None, list[Response]] = {}
    for response in responses:
        found.setdefault(response["item_reference"], []).append(response)
    return found


def _maximum(responses: Iterable[Response]) -> float:
    return _sum(response["max_score"] for response in responses)


def _sum(points: Iterable[float | None]) -> float:
    """Sum what is known, and drop the noise that binary fractions add after the 15th digit."""
    return float(f"{math.fsum(point or 0 for point in points):.{SIGNIFICANT_DIGITS}g}")
