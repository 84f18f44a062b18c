"""The service as a WSGI application."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from ..errors import StateError
from .http.data_api import VERSION, answer_call, failure
from .http.dataset_files import answer_file
from .http.quota import Quota
from .http.visitors import HostList
from .learners.answering import answer_learner_api
from .learners.refusals import LearnerRefusal
from .learners.routes import SERVER_PATHS
from .service import Service
from .state.failures import Busy, DiskFull

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["App"]

RETRY_SECONDS = "1"

_log = logging.getLogger(__name__)


class App:
    """Answers requests from a service.

    Parameters
    ----------
    service
        The open service.
    hosts
        The names it may be called by; any where omitted, as in this process.
    quota
        How many calls a consumer may make; any number where omitted.
    """

    def __init__(self, service: Service, hosts: HostList | None = None, quota: Quota | None = None) -> None:
        self.service = service
        self._hosts = hosts
        self._quota = quota or Quota(None)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 says."""
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            return self._route(request)
        except Busy:
            response = failure(10000, "the service's database is busy; try again", 503)
            response.headers["Retry-After"] = RETRY_SECONDS
            return response
        except DiskFull as error:
            return failure(10000, str(error), 507)
        except StateError as error:
            return failure(10000, str(error), 500)
        except Exception:  # noqa: BLE001  no fault of one request may end the server
            _log.exception("%s %s failed", request.method, request.path)
            return failure(10000, "the service failed; its log says why", 500)

    def _route(self, request: Request) -> Response:
        first, _, rest = request.path.strip("/").partition("/")
        fault = self._hosts.fault(request) if self._hosts is not None else None
        if fault is not None:
            return _turn_away(first, fault)
        if first == "reports":
            return answer_file(self.service, request)
        if first == "api" or (first in SERVER_PATHS and not rest):
            return answer_learner_api(self.service, request)
        if rest and VERSION.fullmatch(first):
            return answer_call(self.service, request, first, rest, self._quota)
        return Response("Not found. The Data API is at /{version}/{endpoint}.\n", status=404, mimetype="text/plain")


def _turn_away(first: str, fault: str) -> Response:
    if first == "api" or first in SERVER_PATHS:
        return LearnerRefusal("permission_denied", fault).response()
    return failure(40003, fault, 403)
