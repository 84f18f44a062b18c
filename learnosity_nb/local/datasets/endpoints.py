"""The dataset endpoints of the Data API: initialise, start, and the URLs of group files.

Source: sessions-summary-by-group, "Initialize dataset" and "Retrieves the URL";
Jobs endpoints, "/jobs/reports/datasets".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ...domain.group_paths import group_id
from ...domain.policy import DATASET_JOB_TYPE
from ...errors import shorten
from ..answers import Answer, Caller
from ..refusals import Refusal
from ..state.crash_points import crash_point
from .files import input_path, output_path
from .parameters import read_dataset_type, read_parameters, read_uuid
from .readiness import refuse_unready
from .rendering import EXTRAS
from .store import Dataset

if TYPE_CHECKING:
    from ..service import Service

__all__ = ["get_group_urls", "initialise", "start"]


def initialise(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:
    """``reports/datasets`` set: store a dataset's parameters, give URLs for its input files."""
    parameters = read_parameters(request)
    given = request.get("dataset_id")
    dataset_id = str(uuid4()) if given is None else read_uuid(given, "dataset_id")
    service.datasets.add(dataset_id, caller.consumer, parameters)
    paths = [
        input_path(caller.organisation, parameters.dataset_type, dataset_id, number)
        for number in range(parameters.file_count)
    ]
    urls = [service.presigner.sign(caller.base_url, "PUT", path, caller.consumer) for path in paths]
    return Answer({"dataset_id": dataset_id, "input_files": urls})


def start(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:
    """``jobs/reports/datasets`` set: check what was uploaded and queue the job that compiles it.

    Starting a dataset whose job is queued, running or completed answers with
    that job.
    """
    dataset = _dataset(service, caller, request)
    if _job_status(service, dataset) not in {"queued", "running", "completed"}:
        dataset = _queue(service, caller, dataset)
    crash_point("after_start")
    service.wake()
    return Answer(
        {
            "job_reference": dataset.job_reference,
            "dataset_type": dataset.parameters.dataset_type,
            "dataset_id": dataset.dataset_id,
        }
    )


def get_group_urls(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:
    """``reports/datasets`` get: one URL for each group path, in their order, whether or not the group exists.

    ``page`` and ``include`` (see `render_group`) are this service's own additions.
    """
    dataset = _dataset(service, caller, request)
    parameters = dataset.parameters
    page, extra = _page(request), _include(request)
    return Answer(
        [
            service.presigner.sign(
                caller.base_url,
                "GET",
                output_path(caller.organisation, parameters.dataset_type, dataset.dataset_id, group_id(path), page),
                caller.consumer,
                **extra,
            )
            for path in _group_paths(request)
        ]
    )


def _dataset(service: Service, caller: Caller, request: Mapping[str, Any]) -> Dataset:
    dataset_type = read_dataset_type(request)
    if "dataset_id" not in request:
        raise Refusal(20000, "dataset_id is missing")
    return service.datasets.get(read_uuid(request["dataset_id"], "dataset_id"), caller.consumer, dataset_type)


def _job_status(service: Service, dataset: Dataset) -> str | None:
    return service.queue.status(dataset.job_reference) if dataset.job_reference else None


def _queue(service: Service, caller: Caller, known: Dataset) -> Dataset:
    """Check the uploads, queue the job and note it with the dataset, unless another call has done so meanwhile."""
    while True:
        checked = refuse_unready(service.datasets, known)
        with service.database.transaction() as connection:
            dataset = service.datasets.find(known.dataset_id, connection)
            assert dataset is not None
            if dataset.job_reference != known.job_reference:
                return dataset
            if service.datasets.parts(dataset.dataset_id) != checked:
                continue  # a file was replaced after it was checked
            reference = service.queue.add(
                DATASET_JOB_TYPE,
                consumer=caller.consumer,
                organisation=caller.organisation,
                payload={"dataset_id": dataset.dataset_id},
                within=connection,
            )
            service.datasets.set_job(dataset.dataset_id, reference, connection)
        return replace(dataset, job_reference=str(reference))


def _group_paths(request: Mapping[str, Any]) -> list[list[str]]:
    if "group_paths" not in request:
        raise Refusal(20000, "group_paths is missing; the root group's path is []")
    found = request["group_paths"]
    if not isinstance(found, list):
        raise Refusal(20003, f"group_paths must be a list of group paths, not {shorten(found)}")
    for position, path in enumerate(found):
        if not isinstance(path, list) or not all(isinstance(part, str) for part in path):
            raise Refusal(20003, f"group_paths[{position}] must be a list of group names, not {shorten(path)}")
    return found


def _page(request: Mapping[str, Any]) -> int:
    found = request.get("page", 1)
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found < 10**9:
        raise Refusal(20004, f"page must be a whole number from 1, not {shorten(found)}")
    return found


def _include(request: Mapping[str, Any]) -> dict[str, str]:
    found = request.get("include", [])
    if not isinstance(found, list) or not set(map(str, found)) <= EXTRAS:
        allowed = " and ".join(f'"{name}"' for name in sorted(EXTRAS))
        raise Refusal(20004, f"include may hold {allowed}, not {shorten(found)}")
    return {"include": ",".join(sorted(set(found)))} if found else {}
