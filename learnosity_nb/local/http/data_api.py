"""The Data API over HTTP: a signed form in, an envelope out.

Source: sessions-summary-by-group and Jobs endpoints, "Usage".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from werkzeug import Request, Response
from werkzeug.exceptions import RequestEntityTooLarge

from ..answers import Answer, Caller
from ..datasets.endpoints import get_group_urls, initialise, start
from ..jobs.listing import list_jobs
from ..refusals import Refusal
from ..service import Service
from ..sessions.endpoints import list_responses, list_scores, list_statuses
from ..sessions.job_endpoints import recalculate_subscores, set_metadata, update_statuses
from .quota import Quota
from .signatures import verify

__all__ = ["MAX_FORM_BYTES", "VERSION", "answer_call", "failure"]

Endpoint = Callable[[Service, Caller, Mapping[str, Any]], Answer]

ENDPOINTS: Final[dict[str, dict[str, Endpoint]]] = {
    "reports/datasets": {"set": initialise, "get": get_group_urls},
    "jobs": {"get": list_jobs},
    "jobs/reports/datasets": {"set": start},
    "jobs/sessions/scores/subscores": {"get": recalculate_subscores},
    "jobs/sessions/statuses": {"update": update_statuses},
    "jobs/sessions/metadata": {"set": set_metadata},
    "sessions/responses": {"get": list_responses},
    "sessions/scores": {"get": list_scores},
    "sessions/statuses": {"get": list_statuses},
}
"""Each endpoint's actions."""

VERSION: Final = re.compile(r"v\d+(\.\d+)*(\.(lts|preview\d+))?|latest|latest-lts|developer", re.IGNORECASE | re.ASCII)
MAX_FORM_BYTES: Final = 4_000_000
MODEL_VERSION: Final = "v1"
ENVELOPE = msgspec.json.Encoder()


def answer_call(service: Service, request: Request, version: str, endpoint: str, quota: Quota) -> Response:
    """Answer one call of the Data API."""
    try:
        name = endpoint.strip("/").lower()
        actions = ENDPOINTS.get(name)
        if actions is None:
            raise Refusal(20012, f"there is no endpoint {endpoint!r} here; there are {', '.join(sorted(ENDPOINTS))}")
        if request.method != "POST":
            raise Refusal(40001, f"use POST, not {request.method}, with the fields security, request and action")
        form = _form(request)
        action = form.get("action") or "get"
        consumer = verify(
            service.access.consumers,
            form["security"],
            form.get("request"),
            form.get("action", ""),
            datetime.fromtimestamp(service.clock(), UTC),
        )
        wait = quota.seconds_to_wait((consumer.key, name, action))  # after the signature: only one's own calls count
        if wait:
            return _too_many(wait)
        if action not in actions:
            raise Refusal(40001, f"{endpoint} has no action {action!r}; it has {' and '.join(actions)}")
        caller = Caller(consumer.key, consumer.organisations, request.host_url.rstrip("/"))
        answer = actions[action](service, caller, _request(form))
    except Refusal as refusal:
        return failure(refusal.code, refusal.message, refusal.status, refusal.details)
    except RequestEntityTooLarge:
        return failure(20002, f"a request has at most {MAX_FORM_BYTES:,} bytes; ask for less at a time", 413)
    return _success(service, answer, action, version)


def failure(code: int, message: str, status: int, details: list[Any] | None = None) -> Response:
    """Return the envelope of a call that failed."""
    meta: dict[str, Any] = {"status": False, "code": code, "message": message, "request_uuid": str(uuid4())}
    if details:
        meta["details"] = details
    return Response(ENVELOPE.encode({"meta": meta, "data": []}), status=status, mimetype="application/json")


def _too_many(wait: float) -> Response:
    response = failure(42000, "too many calls of this endpoint within five seconds; wait and go on", 429)
    response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _success(service: Service, answer: Answer, action: str, version: str) -> Response:
    meta: dict[str, Any] = {"status": True, "timestamp": int(service.clock())}
    if action == "get":
        meta["records"] = len(answer.data)
    if answer.next is not None:
        meta["next"] = answer.next
    meta["versions"] = {"requested": version, "mapped": MODEL_VERSION, "concrete": MODEL_VERSION}
    return Response(ENVELOPE.encode({"meta": meta, "data": answer.data}), mimetype="application/json")


def _form(request: Request) -> dict[str, str]:
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refusal(
            41000, "send a form (application/x-www-form-urlencoded) with the fields security, request and action"
        )
    request.max_content_length = MAX_FORM_BYTES
    form = request.form
    twice = [key for key in form if len(form.getlist(key)) > 1]
    if twice:
        raise Refusal(20009, f"the form holds {', '.join(twice)} more than once")
    if not form.get("security"):
        raise Refusal(41000, "the form lacks the field security")
    return form.to_dict()


def _request(form: Mapping[str, str]) -> dict[str, Any]:
    text = form.get("request") or "{}"
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refusal(20009, f"request is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refusal(20009, "request must be a JSON object")
    return found
