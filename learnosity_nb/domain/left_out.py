"""Listed sessions that do not count, where nobody asked for it or none is left, in words."""

from __future__ import annotations

from ..errors import shorten

__all__ = ["describe_left_out"]


def describe_left_out(
    listed: int,
    unknown: int,
    mismatched: int,
    *,
    uncounted: int = 0,
    unknown_session: str | None = None,
    mismatched_session: str | None = None,
    recorded_session: str | None = None,
) -> str | None:
    """Say which sessions of a roster could not be used; None where all could.

    Those left out for their status or time are as asked for, and told only where no session is left.

    Parameters
    ----------
    listed
        Sessions that the roster lists.
    unknown
        Those of them that are not in sessions.
    mismatched
        Those of them that are recorded for another user.
    uncounted
        Those of them that are left out for their status or time.
    unknown_session, mismatched_session
        An id of each sort, where one is known.
    recorded_session
        An id that is in sessions, to be compared where all listed ones are unknown.
    """
    if listed and unknown == listed:
        ids = f": the roster lists {shorten(unknown_session)}" if unknown_session is not None else ""
        other = f", sessions has {shorten(recorded_session)}" if recorded_session is not None else ""
        return f"None of the {listed:,} listed sessions is in sessions{ids}{other}. They do not count."
    parts = []
    if unknown:
        parts.append(f"{_are(unknown)} not in sessions{_such_as(unknown_session)}")
    if mismatched:
        parts.append(f"{_are(mismatched)} recorded for another user{_such_as(mismatched_session)}")
    if uncounted and unknown + mismatched + uncounted == listed:
        parts.append(f"{_are(uncounted)} left out by status or time")
        return f"None of the {listed:,} listed sessions counts: {'; '.join(parts)}."
    if not parts:
        return None
    number, rest = parts[0].split(" ", 1)
    return f"{number} of {listed:,} listed sessions {'; '.join([rest, *parts[1:]])}. They do not count."


def _are(count: int) -> str:
    return f"{count:,} {'is' if count == 1 else 'are'}"


def _such_as(session: str | None) -> str:
    return "" if session is None else f" (such as {shorten(session)})"
