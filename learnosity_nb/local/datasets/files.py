"""Paths of a dataset's input and output files, as they stand in pre-signed URLs.

Source: the URLs of the specification's example responses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["FilePath", "input_path", "output_path", "parse_path"]

PATTERN = re.compile(
    r"/reports/(?P<organisation>\d{4,})/(?P<dataset_type>[a-z-]+)/(?P<dataset_id>[0-9a-f-]{36})/"
    r"(?:infiles/(?P<number>\d{1,3})\.ndjson|outfiles/(?P<group>[0-9a-f]{32})_(?P<page>[1-9]\d{0,8})\.json)"
)


@dataclass(frozen=True, slots=True)
class FilePath:
    """A file of a dataset: an input file by its number, or one page of a group's file.

    Attributes
    ----------
    dataset_id
        The dataset.
    number
        The input file's number; None for a group's file.
    group
        The group's id; None for an input file.
    page
        The page of the group's file.
    """

    dataset_id: str
    number: int | None
    group: str | None
    page: int


def input_path(organisation: int | None, dataset_type: str, dataset_id: str, number: int) -> str:
    """Return the path of an input file."""
    return f"/reports/{organisation or 0:04d}/{dataset_type}/{dataset_id}/infiles/{number}.ndjson"


def output_path(organisation: int | None, dataset_type: str, dataset_id: str, group: str, page: int) -> str:
    """Return the path of one page of a group's file."""
    return f"/reports/{organisation or 0:04d}/{dataset_type}/{dataset_id}/outfiles/{group}_{page}.json"


def parse_path(path: str) -> FilePath | None:
    """Return what file a path names, or None."""
    found = PATTERN.fullmatch(path)
    if found is None:
        return None
    number = found["number"]
    return FilePath(found["dataset_id"], int(number) if number else None, found["group"], int(found["page"] or 1))
