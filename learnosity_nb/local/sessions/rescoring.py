"""Sessions scored again from the responses that were stored when they were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...compute.subscores import Subscore, Tally, find_subscores, tally_responses
from .store import SessionStore

__all__ = ["Rescored", "find_rescored"]


@dataclass(frozen=True, slots=True)
class Rescored:
    """A session scored again.

    Attributes
    ----------
    session_id
        The session.
    tally
        What its responses add up to; None where none are stored.
    subscores
        Its subscores; empty where its activity has none.
    """

    session_id: str
    tally: Tally | None
    subscores: list[Subscore]


def find_rescored(store: SessionStore, session_ids: Sequence[str]) -> list[Rescored]:
    """Score sessions again, in the order given; unknown sessions have neither tally nor subscores.

    Raises
    ------
    InputError
        If a table cannot be used.
    """
    listing, responses, groups = store.listing(), store.responses(session_ids), store.subscore_groups()
    found = []
    for session_id in session_ids:
        row, mine = listing.find(session_id), responses[session_id]
        if row is None or not mine:
            found.append(Rescored(session_id, None, []))
        else:
            activity = listing.value(row, "activity_id")
            found.append(Rescored(session_id, tally_responses(mine), find_subscores(mine, groups.get(activity, ()))))
    return found
