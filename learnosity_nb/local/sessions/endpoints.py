"""The endpoints that list sessions: their scores, their responses, their statuses.

Source: the Data API's ``sessions/scores``, ``sessions/responses`` and
``sessions/statuses``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ...compute.subscores import Response
from ...errors import InputError
from ..answers import Answer, Caller
from ..refusals import Refusal
from .filters import Asked, read_asked
from .listing import SessionListing, write_token
from .records import full_record, score_record, status_record
from .updates import Attachments

if TYPE_CHECKING:
    from ..service import Service

__all__ = ["list_responses", "list_scores", "list_statuses", "listing_of", "usable_tables"]

Row = Mapping[str, Any]
Render = Callable[[Row, Attachments], dict[str, Any]]

NOTHING: Final = Attachments()


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of sessions: rows of the table, what is attached to some of them, and the token of the page after it."""

    rows: list[Row]
    attached: Mapping[str, Attachments]
    next: str


def list_scores(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:  # noqa: ARG001
    """``sessions/scores`` get: what sessions reached in all and by subscore, and on request by response."""
    asked = read_asked(request)
    page = _page(service, asked)
    if not asked.response_scores:
        return _answer(page, asked, lambda row, attached: score_record(row, attached, None))
    responses = _responses(service, page)
    return _answer(page, asked, lambda row, attached: score_record(row, attached, responses[row["session_id"]]))


def list_responses(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:  # noqa: ARG001
    """``sessions/responses`` get: sessions with their items and responses."""
    asked = read_asked(request)
    page = _page(service, asked)
    responses = _responses(service, page)
    return _answer(page, asked, lambda row, attached: full_record(row, attached, responses[row["session_id"]]))


def list_statuses(service: Service, caller: Caller, request: Mapping[str, Any]) -> Answer:  # noqa: ARG001
    """``sessions/statuses`` get: how far sessions have come."""
    asked = read_asked(request)
    return _answer(_page(service, asked), asked, lambda row, _: status_record(row))


def listing_of(service: Service) -> SessionListing:
    """Return the sessions as they are now; a table that cannot be used refuses the request."""
    with usable_tables():
        return service.sessions.listing()


@contextmanager
def usable_tables() -> Iterator[None]:
    """Refuse a request for the sake of a data file that is missing or wrong, with 50000 and its faults."""
    try:
        yield
    except InputError as error:
        raise Refusal(50000, error.summary, [fault.as_dict() for fault in error.faults]) from None


def _page(service: Service, asked: Asked) -> _Page:
    listing = listing_of(service)
    found = listing.page(asked.filter, descending=asked.descending, limit=asked.limit, after=asked.after)
    rows = listing.table.take(found).to_pylist()
    # An empty page gives its own token back, by which sessions that are updated later can be asked for.
    last = listing.place(found[-1]) if len(found) else asked.after
    attached = service.sessions.updates.attachments([row["session_id"] for row in rows])
    return _Page(rows, attached, write_token(last))


def _responses(service: Service, page: _Page) -> dict[str, list[Response]]:
    with usable_tables():
        return service.sessions.responses([row["session_id"] for row in page.rows])


def _answer(page: _Page, asked: Asked, render: Render) -> Answer:
    records = []
    for row in page.rows:
        attached = page.attached.get(row["session_id"], NOTHING)
        record = render(row, attached)
        if asked.metadata is not None:
            record["metadata"] = _metadata(attached, asked.metadata)
        records.append(record)
    return Answer(records, page.next)


def _metadata(attached: Attachments, attributes: tuple[str, ...]) -> msgspec.Raw | dict[str, msgspec.Raw]:
    text = (attached.metadata or "{}").encode()
    if not attributes:
        return msgspec.Raw(text)
    known = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return {name: known[name] for name in attributes if name in known}
