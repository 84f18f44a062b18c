"""The dataset endpoints: initialise, start, and the files of groups.

sessions-summary-by-group, "Initialize dataset" and "Retrieves the URL of raw
data files"; Jobs endpoints, ``/jobs/reports/datasets``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NotRequired, TypeAlias, TypedDict

import msgspec

from ..domain.jobs import JobReference
from ..errors import ApiError, ProtocolError
from .client import DataApi
from .quiet import Body, SignedUrl
from .transfer import Transfers

__all__ = [
    "Distributions",
    "GroupFile",
    "Initialised",
    "descendant_distributions",
    "descendant_rows",
    "group_files",
    "group_urls",
    "initialise",
    "start",
]

PATHS_AT_ONCE: Final = 500
NOT_KNOWN: Final = frozenset({20003, 20004, 20009})
"""Errors by which a service may refuse a parameter that it does not know."""


@dataclass(frozen=True, slots=True)
class Initialised:
    """A dataset that waits for its input files.

    Attributes
    ----------
    dataset_id
        By which it is started and read.
    input_urls
        Where to PUT each input file; they expire after an hour.
    """

    dataset_id: str
    input_urls: tuple[SignedUrl, ...]


class _Distribution(TypedDict):
    values: list[float]
    counts: list[int]


Distributions: TypeAlias = dict[str, _Distribution]
"""How often each value of each measure occurs in a group."""


class _Descendants(TypedDict):
    rows_per_page: int
    rows_total: int
    rows: list[list[Any]]
    distributions: NotRequired[list[Distributions]]


class GroupFile(TypedDict):
    """A group file: ten documented keys, and three more that the local service adds on demand."""

    group_id: str
    group_name: str | None
    group_path: list[str]
    fields: list[str]
    sort_field: str | None
    sort_order: str
    rows_per_page: int
    rows_total: int
    self: list[Any]
    rows: list[list[Any]]
    users: NotRequired[dict[str, Any]]
    distribution: NotRequired[Distributions]
    descendants: NotRequired[_Descendants]


class _Initialised(TypedDict):
    dataset_id: str
    input_files: list[str]


class _Started(TypedDict):
    job_reference: str


def initialise(api: DataApi, parameters: Mapping[str, Any]) -> Initialised:
    """Initialise a dataset.

    Parameters
    ----------
    api
        The connection.
    parameters
        The request, in the API's own shape. With a ``dataset_id`` of its own the call may be repeated
        safely, so a lost answer is asked for again.

    Raises
    ------
    ProtocolError
        If the answer is not as documented.
    ApiError, TransportError
        As `DataApi.call` raises them.
    """
    answer = api.call("reports/datasets", "set", parameters, repeatable="dataset_id" in parameters)
    made = answer.read(_Initialised)
    return Initialised(made["dataset_id"], tuple(SignedUrl(url) for url in made["input_files"]))


def start(api: DataApi, dataset_type: str, dataset_id: str) -> JobReference:
    """Start the job that compiles a dataset, and return its reference.

    Starting again is harmless, so a lost answer is asked for again.

    Raises
    ------
    ApiError, TransportError
        As `DataApi.call` raises them; ``ApiError.details`` has the faults of the input files.
    """
    request = {"dataset_type": dataset_type, "dataset_id": dataset_id}
    answer = api.call("jobs/reports/datasets", "set", request, repeatable=True)
    return JobReference(answer.read(_Started)["job_reference"])


def group_urls(
    api: DataApi,
    dataset_type: str,
    dataset_id: str,
    group_paths: Sequence[Sequence[str]],
    *,
    include: Sequence[str] = (),
    page: int = 1,
) -> list[SignedUrl]:
    """Return the URLs of group files, in the order of their paths, 500 paths a request.

    A path that the dataset lacks gets a URL too: the file behind it is missing.

    Parameters
    ----------
    api
        The connection.
    dataset_type, dataset_id
        Which dataset.
    group_paths
        Group names from the top level down; the root's path is empty.
    include
        What else the files shall hold, such as ``distribution``. Only the local service knows it.
    page
        Which thousand rows, from 1. Only the local service knows it.

    Raises
    ------
    ProtocolError
        If there is not one URL for each path.
    ApiError, TransportError
        As `DataApi.call` raises them.
    """
    urls: list[SignedUrl] = []
    for paths in _portions(group_paths):
        request: dict[str, Any] = {
            "dataset_type": dataset_type,
            "dataset_id": dataset_id,
            "group_paths": [list(path) for path in paths],
        }
        if include:
            request["include"] = list(include)
        if page != 1:
            request["page"] = page
        answer = api.call("reports/datasets", "get", request)
        count = len(answer.data)
        if count != len(paths):
            raise ProtocolError(f"{answer.call} answered {count} URLs for {len(paths)} group paths.")
        urls.extend(SignedUrl(url) for url in answer.read(list[str]))
    return urls


def group_files(
    api: DataApi,
    transfers: Transfers,
    dataset_type: str,
    dataset_id: str,
    group_paths: Sequence[Sequence[str]],
    *,
    include: Sequence[str] = (),
    page: int = 1,
) -> list[GroupFile | None]:
    """Return the group files of `group_paths` in their order, None for a group that the dataset lacks.

    URLs that expired meanwhile are replaced by fresh ones, once for each 500 paths. A service that refuses `include`
    or `page` is asked without them: its files are then as one that knows neither gives them.

    Parameters
    ----------
    api, dataset_type, dataset_id, group_paths, include, page
        As for `group_urls`.
    transfers
        Downloads the files.

    Raises
    ------
    ProtocolError
        If a file lacks one of the ten documented keys, or a row does not fit its fields.
    ApiError, TransportError
        As `DataApi.call` and `Transfers.get_many` raise them.
    """

    def urls_of(paths: Sequence[Sequence[str]]) -> list[SignedUrl]:
        try:
            return group_urls(api, dataset_type, dataset_id, paths, include=include, page=page)
        except ApiError as error:
            if error.code not in NOT_KNOWN or not (include or page != 1):
                raise
        return group_urls(api, dataset_type, dataset_id, paths)

    files: list[GroupFile | None] = []
    for portion in _portions(group_paths):

        def renew(positions: list[int], paths: Sequence[Sequence[str]] = portion) -> list[SignedUrl]:
            return urls_of([paths[position] for position in positions])

        bodies = transfers.get_many(urls_of(portion), renew=renew)
        files.extend(None if body is None else _group_file(body) for body in bodies)
    return files


def descendant_rows(
    api: DataApi, transfers: Transfers, dataset_type: str, dataset_id: str, group_path: Sequence[str]
) -> list[list[Any]] | None:
    """Return the rows of all groups below a group by level and then path; None where the service does not give them.

    Only the local service knows it: a file in place of one for each group.

    Parameters
    ----------
    api, transfers, dataset_type, dataset_id
        As for `group_files`.
    group_path
        Group names from the top level down; the root's path is empty.

    Raises
    ------
    ProtocolError
        If a file is not as documented, or lacks rows that it counts.
    ApiError, TransportError
        As `group_files` raises them.
    """
    pages = list(_descendants(api, transfers, dataset_type, dataset_id, group_path, ["descendants"]))
    return [row for _, below in pages for row in below["rows"]] if pages else None


def descendant_distributions(
    api: DataApi, transfers: Transfers, dataset_type: str, dataset_id: str, group_path: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], Distributions]]:
    """Yield the path and the distributions of a group and of all below it; nothing where the service has none.

    Only the local service knows them: a file for every two thousand groups.

    Parameters
    ----------
    api, transfers, dataset_type, dataset_id, group_path
        As for `descendant_rows`.

    Raises
    ------
    ProtocolError, ApiError, TransportError
        As `descendant_rows` raises them.
    """
    include = ["descendants", "distribution"]
    pages = _descendants(api, transfers, dataset_type, dataset_id, group_path, include)
    for number, (file, below) in enumerate(pages):
        if "distribution" not in file or "distributions" not in below:
            return
        if not number:
            yield tuple(file["group_path"]), file["distribution"]
        for row, found in zip(below["rows"], below["distributions"], strict=True):
            yield tuple(row[1]), found


def _descendants(
    api: DataApi,
    transfers: Transfers,
    dataset_type: str,
    dataset_id: str,
    group_path: Sequence[str],
    include: Sequence[str],
) -> Iterator[tuple[GroupFile, _Descendants]]:
    """Yield the pages of a group's descendants, each with its file; none where the service does not give them."""
    got = 0
    for page in itertools.count(1):
        (file,) = group_files(api, transfers, dataset_type, dataset_id, [group_path], include=include, page=page)
        if file is None or "descendants" not in file:
            return
        below = file["descendants"]
        yield file, below
        got += len(below["rows"])
        if got >= below["rows_total"]:
            return
        if not below["rows"]:
            raise ProtocolError(f"A group file counts {below['rows_total']} descendants and gives {got}.")


def _group_file(body: bytes) -> GroupFile:
    read = _decode(Body(body))
    if isinstance(read, str):
        raise ProtocolError(f"A group file is not as documented: {read}.")
    return read


def _decode(body: Body) -> GroupFile | str:
    try:
        file = msgspec.json.decode(body, type=GroupFile)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        return str(error)
    width = len(file["fields"])
    below = file["descendants"]["rows"] if "descendants" in file else []
    if any(len(row) != width for row in (file["self"], *file["rows"], *below)):
        return f"a row has another number of values than there are fields ({width})"
    if "descendants" in file and len(file["descendants"].get("distributions", below)) != len(below):
        return "there is not one distribution for each descendant"
    return file


def _portions(paths: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    for start_at in range(0, len(paths), PATHS_AT_ONCE):
        yield paths[start_at : start_at + PATHS_AT_ONCE]
