"""A dataset's files behind pre-signed URLs: input files are put, group files are read."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

import msgspec
from werkzeug import Request, Response

from ..datasets.compiled import CompiledDataset
from ..datasets.files import FilePath, parse_path
from ..datasets.rendering import render_group
from ..datasets.store import Dataset
from ..datasets.uploads import accept_upload
from ..presigned import UrlRefused
from ..refusals import Refusal
from ..service import Service

__all__ = ["answer_file"]

CHUNK_BYTES = 1 << 20


def answer_file(service: Service, request: Request) -> Response:
    """Answer a PUT of an input file or a GET of a group file."""
    file = parse_path(request.path)
    query = {key: request.args.getlist(key) for key in request.args}
    try:
        consumer = service.presigner.verify(request.method, request.path, query)
    except UrlRefused as refused:
        return _refusal(403, str(refused))
    dataset = service.datasets.find(file.dataset_id) if file else None
    if file is None or dataset is None or dataset.consumer != consumer:
        return _refusal(404, "NoSuchKey")
    if request.method == "PUT" and file.number is not None:
        return _accept(service, request, dataset, file.number)
    if request.method == "GET" and file.group is not None:
        return _render(service, dataset, file, frozenset(query.get("include", [""])[0].split(",")))
    return _refusal(405, "MethodNotAllowed")


def _accept(service: Service, request: Request, dataset: Dataset, number: int) -> Response:
    if number >= dataset.parameters.file_count:
        return _refusal(404, "NoSuchKey")
    try:
        part = accept_upload(
            service.datasets, service.queue, service.owner, dataset.dataset_id, number, _chunks(request)
        )
    except Refusal as refusal:
        return _refusal(409 if refusal.code == 20011 else 413, refusal.message)
    return Response(status=200, headers={"ETag": f'"{part.attempt}"'})


def _chunks(request: Request) -> Iterator[bytes]:
    while chunk := request.stream.read(CHUNK_BYTES):
        yield chunk


def _render(service: Service, dataset: Dataset, file: FilePath, extras: frozenset[str]) -> Response:
    compiled: CompiledDataset | None = service.compiled(dataset)
    row = compiled.find(file.group or "") if compiled else None
    if compiled is None or row is None:
        return _refusal(404, "NoSuchKey")
    found = render_group(compiled, dataset.parameters, row, page=file.page, extras=extras)
    if found is None:
        return _refusal(404, "NoSuchKey")
    return Response(msgspec.json.encode(found), mimetype="application/json")


def _refusal(status: int, reason: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{escape(reason)}</Code></Error>"
    return Response(body, status=status, mimetype="application/xml")
