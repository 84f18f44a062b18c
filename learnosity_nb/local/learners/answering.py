"""The learner analytics API over HTTP: from a request to an answer.

Source: Learner analytics API. Checked in this order: the path, the token, the method, what may be answered, the
parameters, the token's courses, and then whether what was asked for exists.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from werkzeug import Request, Response
from werkzeug.datastructures import MIMEAccept

from ...errors import InputError, StateError
from ..service import Service
from ..state.failures import Busy
from .endpoints import Call, course_metadata, json_response, learner_detail, learner_list, learner_timeline
from .openapi import description
from .refusals import LearnerRefusal
from .routes import EndpointName, find_route
from .tokens import find_token

__all__ = ["answer_learner_api"]

METHODS: Final = ("GET", "HEAD", "OPTIONS")
JSON, CSV = "application/json", "text/csv"

ENDPOINTS: Final[Mapping[EndpointName, Callable[[Call], Response]]] = {
    "list": learner_list,
    "detail": learner_detail,
    "timeline": learner_timeline,
    "metadata": course_metadata,
    "authenticated": lambda _call: json_response({}),
}
"""The endpoints that ask for a token."""

WITH_CSV: Final = {"list", "timeline"}

_log = logging.getLogger(__name__)


def answer_learner_api(service: Service, request: Request) -> Response:
    """Answer one request; every refusal has ``error_code`` and ``developer_message``."""
    try:
        return _answer(service, request)
    except LearnerRefusal as refusal:
        return refusal.response()
    except Busy:
        busy = LearnerRefusal("service_busy", "the service's database is busy; try again", {"Retry-After": "1"})
        return busy.response()
    except StateError as error:
        return LearnerRefusal("server_error", str(error)).response()
    except Exception:  # noqa: BLE001  no fault of one request may end the server; its path could name a learner
        _log.exception("the learner API failed")
        return LearnerRefusal("server_error", "the service failed; its log says why").response()


def _answer(service: Service, request: Request) -> Response:
    route = find_route(request)
    if route is None:
        raise LearnerRefusal("not_found", "there is no such path; GET /api/v0/openapi.json lists them")
    endpoint = ENDPOINTS.get(route.endpoint)
    token = None if endpoint is None else find_token(service.access.tokens, request.headers.get("Authorization", ""))
    if request.method not in METHODS:
        allowed = ", ".join(METHODS)
        raise LearnerRefusal("method_not_allowed", f"use {allowed}, not {request.method}", {"Allow": allowed})
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(METHODS)})
    csv = _negotiate(request, (JSON, CSV) if route.endpoint in WITH_CSV else (JSON,)) == CSV
    if endpoint is None or token is None:
        return json_response(description() if route.endpoint == "openapi" else _health(service))
    given = {key: values[-1] for key, values in request.args.lists()}
    try:
        return endpoint(Call(service, request, route, token, given, csv))
    except InputError as error:
        _log.error("%s", error.summary)
        # The faults quote rows of any course: only a token for all courses sees them.
        raise LearnerRefusal("data_unusable", str(error) if token.courses is None else error.summary) from None


def _negotiate(request: Request, offered: tuple[str, ...]) -> str:
    """Return which of the formats the client likes best; the first where it does not say."""
    wanted = [(kind.partition(";")[0].strip(), quality) for kind, quality in request.accept_mimetypes]
    chosen = MIMEAccept(wanted).best_match(offered) if wanted else offered[0]
    if chosen is None:
        raise LearnerRefusal("not_acceptable", f"this can be had as {' or '.join(offered)}")
    return chosen


def _health(service: Service) -> dict[str, Any]:
    service.database.read("SELECT 1")
    return {"overall_status": "OK", "detailed_status": {"database_connection": "OK"}}
