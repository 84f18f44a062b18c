"""The statuses of a session."""

from __future__ import annotations

from typing import Final

__all__ = ["SESSION_STATUSES", "SETTABLE_STATUSES"]

SETTABLE_STATUSES: Final[tuple[str, ...]] = ("Completed", "Incomplete", "Discarded")
"""The statuses that a session can be given (Jobs endpoints, ``/jobs/sessions/statuses``)."""

SESSION_STATUSES: Final[tuple[str, ...]] = (*SETTABLE_STATUSES, "Pending Scoring")
"""Every status that a session can be found in."""
