"""Which endpoint a path names. Both prefixes of the specification lead to the same endpoints.

The path is taken as it was sent and split before it is decoded: ``%2F`` in a username is no separator, and ``+`` is
never a space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, unquote_to_bytes

from werkzeug import Request

__all__ = ["SERVER_PATHS", "EndpointName", "Route", "find_route"]

EndpointName = Literal["list", "detail", "timeline", "metadata", "status", "authenticated", "openapi"]

PREFIXES: Final = (["api", "v0"], ["api", "learner_analytics", "v0"])
SERVER_PATHS: Final = {"status", "health", "authenticated"}
"""What answers at the root too."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path understood.

    Attributes
    ----------
    endpoint
        Which endpoint.
    subject
        The username or course key in the path; empty where it has none.
    path
        The path as it was sent.
    """

    endpoint: EndpointName
    subject: str
    path: str


def find_route(request: Request) -> Route | None:
    """Return what a request's path names; None where it names nothing of the learner API."""
    path = _sent_path(request)
    parts = [_decoded(part) for part in path.strip("/").split("/")]
    for prefix in PREFIXES:
        if parts[: len(prefix)] == prefix:
            found = _endpoint(parts[len(prefix) :])
            break
    else:
        found = _server_endpoint(parts)
    return None if found is None else Route(*found, path)


def _endpoint(parts: list[str]) -> tuple[EndpointName, str] | None:
    match parts:
        case ["learners"]:
            return "list", ""
        case ["engagement_timelines" | "learners", username]:
            return ("timeline" if parts[0] == "engagement_timelines" else "detail"), username
        case ["learners", "engagement_timelines", username]:
            return "timeline", username
        case ["course_learner_metadata", _, *_]:
            return "metadata", "/".join(parts[1:])
        case ["learners", "courses", _, *_]:
            return "metadata", "/".join(parts[2:])
        case ["openapi.json"]:
            return "openapi", ""
    return _server_endpoint(parts)


def _server_endpoint(parts: list[str]) -> tuple[EndpointName, str] | None:
    match parts:
        case ["status" | "health"]:
            return "status", ""
        case ["authenticated"]:
            return "authenticated", ""
    return None


def _sent_path(request: Request) -> str:
    for key in ("REQUEST_URI", "RAW_URI"):
        target: str = request.environ.get(key, "")
        if target.startswith("/"):
            return target.partition("?")[0]
    return quote(request.path)  # a server that does not tell


def _decoded(part: str) -> str:
    return unquote_to_bytes(part.encode("latin-1", "replace")).decode("utf-8", "replace")
