"""The warning about sessions that a dataset leaves out, from what its job counted."""

from __future__ import annotations

from ..compute.roster import Roster
from ..domain.jobs import JobReference
from ..domain.left_out import describe_left_out
from ..errors import LearnosityError
from ..wire.client import DataApi
from ..wire.jobs import find_jobs

__all__ = ["left_out_of_dataset"]


def left_out_of_dataset(api: DataApi, job: JobReference, roster: Roster) -> str | None:
    """Say which listed sessions a dataset's completed job could not use; None where it could use all, or does not say.

    Parameters
    ----------
    api
        The service.
    job
        The job.
    roster
        What it was given.
    """
    try:
        [record] = find_jobs(api, references=[job], include=("data",))
        counts = record["data"]["sessions"]
        unknown, mismatched = int(counts["unknown"]), int(counts["user_mismatch"])
        uncounted = int(counts.get("not_counted", 0))
    except (LearnosityError, LookupError, TypeError, ValueError):  # the dataset is there all the same
        return None
    listed = roster.listed_session
    example = listed[0].as_py() if unknown and unknown == len(listed) else None
    return describe_left_out(len(listed), unknown, mismatched, uncounted=uncounted, unknown_session=example)
