"""The learner analytics API: learners of a course, their days, and the course's own figures.

Learner Analytics API, "Endpoints". Every call is a GET, so each may be made again.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar, Unpack
from urllib.parse import quote, urlencode

import httpx

from .. import __version__
from ..credentials import LearnerToken
from ..errors import CredentialsError, PaginationError, ProtocolError, shorten
from .addresses import check_base_url, place, same_origin
from .exchange import Outgoing, exchange
from .failures import Defeat, Failure, Kind, closed_error, error_for
from .learner_answers import Day, Days, Learner, LearnerPage, Metadata, read_document
from .line import Line, LineOptions
from .quiet import SignedUrl
from .retry import persist

__all__ = ["LEARNERS_PER_PAGE", "LearnerApi", "RosterPart"]

LEARNERS_PER_PAGE: Final = 100
"""The most that the specification's server gives on a page."""

DEFAULT_PATH: Final = "/api/v0"
IDLE_PAGES: Final = 3
REDIRECTS: Final = 3

Shape = TypeVar("Shape")

log = logging.getLogger(__name__)


class _Hidden(str):
    """A header's value that its repr does not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<hidden>"


@dataclass(frozen=True, slots=True)
class RosterPart:
    """The learners of one page that no earlier page had.

    Attributes
    ----------
    learners
        As the service gives them.
    count
        Learners on all pages, as the service says.
    """

    learners: list[Learner] = field(repr=False)
    count: int


class LearnerApi(Line):
    """A connection to a learner analytics server, hosted or local.

    Parameters
    ----------
    base_url
        Where the API is, such as ``https://example.org/api/v0``; https, or http on this machine. ``/api/v0`` is
        added to an address without a path.
    token
        Sent with each request, to this address only.
    transport, **options
        The `Line` to it.

    Raises
    ------
    InputError
        If the base URL cannot be used.
    CredentialsError
        If the token cannot be sent in a header.
    """

    def __init__(
        self,
        base_url: str,
        token: LearnerToken,
        transport: httpx.BaseTransport | None = None,
        **options: Unpack[LineOptions],
    ) -> None:
        url = check_base_url(base_url)
        if re.fullmatch(r"[!-~]+", token.secret.reveal()) is None:
            raise CredentialsError("The learner API token has characters that no token has, such as a space.")
        self.base_url = str(url).rstrip("/") + (DEFAULT_PATH if url.path == "/" else "")
        self._token = token
        super().__init__(transport, **options)

    def __repr__(self) -> str:
        return f"LearnerApi({self.base_url!r})"

    def learners(
        self, course_id: str, parameters: Mapping[str, str] | None = None, *, page_size: int = LEARNERS_PER_PAGE
    ) -> Iterator[RosterPart]:
        """Return an iterator over the pages of a course's learners, which asks page by page.

        Parameters
        ----------
        course_id
            The course.
        parameters
            Filters and order, as the specification names them.
        page_size
            Learners on a page.

        Warns
        -----
        UserWarning
            After the last page, if the learners are not as many as the service says: they changed meanwhile.

        Raises
        ------
        PaginationError
            If a page comes again, or more than three in a row bring nobody new and each names a next one.
        ProtocolError
            If the next page is said to be on another host: the token is not sent there.
        ApiError, TransportError
            As for `learner`.
        """
        asked = {"course_id": course_id, **(parameters or {}), "page_size": str(page_size)}
        address: SignedUrl | None = self._address("learners/", asked)
        visited: set[str] = set()
        seen: set[str] = set()
        repeated = idle = count = 0
        while address is not None:
            if address in visited:
                raise PaginationError(f"{self._call('learners')}: the same page came twice, so the pages have no end.")
            visited.add(address)
            part, following, again = _fresh(self._get(address, "learners", LearnerPage), seen)
            repeated, count = repeated + again, part.count
            idle = 0 if part.learners else idle + 1
            if idle > IDLE_PAGES:
                raise PaginationError(f"{self._call('learners')}: {idle} pages in a row with nobody new.")
            yield part
            del part  # a traceback may show local variables
            address = None if following is None else self._next(address, following)
        if repeated:
            log.info("%d learners came on more than one page and were listed once", repeated)
        if len(seen) != count:
            twice = f" ({repeated:,} came twice and are listed once)" if repeated else ""
            warnings.warn(
                f"The service counts {count:,} learners and its pages gave {len(seen):,}{twice}: the list changed "
                "while it was read. Read it again.",
                stacklevel=2,
            )

    def learner(self, course_id: str, username: str, parameters: Mapping[str, str] | None = None) -> Learner:
        """Return one learner of a course.

        Parameters
        ----------
        course_id, username
            The course, and the learner.
        parameters
            ``start_date`` and ``end_date``, where the service knows them.

        Raises
        ------
        ApiError
            If the service refuses: ``code`` is its error code, such as ``no_learner_for_course``. `ServerError` for
            HTTP 5xx.
        ProtocolError
            If the answer is not as documented; the message names the key.
        TransportError
            If no usable answer came: its subclasses say why. Or if this client was closed.
        """
        address = self._address(f"learners/{_segment(username)}/", {"course_id": course_id, **(parameters or {})})
        return self._get(address, "learners/<username>", Learner)

    def days(self, course_id: str, username: str, parameters: Mapping[str, str] | None = None) -> list[Day]:
        """Return a learner's days in a course, as the specification's engagement timeline.

        Parameters
        ----------
        course_id, username
            The course, and the learner.
        parameters
            ``start_date``, ``end_date`` and ``include``, where the service knows them.

        Raises
        ------
        ApiError, TransportError
            As for `learner`.
        """
        asked = {"course_id": course_id, **(parameters or {})}
        address = self._address(f"engagement_timelines/{_segment(username)}/", asked)
        return self._get(address, "engagement_timelines/<username>", Days)["days"]

    def metadata(self, course_id: str) -> Metadata:
        """Return what is known of a course.

        Raises
        ------
        ApiError, TransportError
            As for `learner`.
        """
        parts = "/".join(_segment(part) for part in course_id.split("/"))
        return self._get(self._address(f"course_learner_metadata/{parts}/", {}), "course_learner_metadata", Metadata)

    def _address(self, path: str, parameters: Mapping[str, str]) -> SignedUrl:
        query = urlencode(parameters, quote_via=quote, safe="")
        return SignedUrl(f"{self.base_url}/{path}" + (f"?{query}" if query else ""))

    def _call(self, endpoint: str) -> str:
        return f"GET {place(httpx.URL(self.base_url))}/{endpoint}/"

    def _get(self, address: SignedUrl, endpoint: str, shape: type[Shape]) -> Shape:
        if self._closed:
            raise closed_error()
        outcome = persist(
            lambda: self._attempt(address, shape),
            policy=self._policy,
            budget=self._budget,
            timing=self.timing,
            repeatable=True,
        )
        if isinstance(outcome, Defeat):
            raise error_for(outcome, self._call(endpoint), endpoint, doubt=None)
        return outcome

    def _attempt(self, address: SignedUrl, shape: type[Shape]) -> Shape | Failure:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Authorization": _Hidden(f"Token {self._token.secret.reveal()}"),
            "User-Agent": f"learnosity-nb/{__version__}",
        }
        for _ in range(REDIRECTS + 1):
            reply = exchange(self._transport, Outgoing("GET", address, headers), self._limits, self.timing.clock)
            if isinstance(reply, Failure):
                return reply
            if not 300 <= reply.status < 400:
                return read_document(reply, shape, self.timing.now())
            target = _target(address, reply.headers.get("location", ""))
            if isinstance(target, Failure):
                return target
            address = target
        return Failure(Kind.REDIRECTED, f"more than {REDIRECTS} redirections", status=reply.status)

    def _next(self, address: SignedUrl, link: SignedUrl) -> SignedUrl:
        target = _target(address, link)
        if isinstance(target, Failure):
            raise ProtocolError(f"{self._call('learners')}: {target.reason}")
        return target


def _fresh(page: LearnerPage, seen: set[str]) -> tuple[RosterPart, SignedUrl | None, int]:
    """Return the learners not seen yet, the link to the next page, and how many had been seen."""
    fresh = []
    for learner in page["results"]:
        if learner["username"] not in seen:
            seen.add(learner["username"])
            fresh.append(learner)
    following = None if page["next"] is None else SignedUrl(page["next"])
    return RosterPart(fresh, page["count"]), following, len(page["results"]) - len(fresh)


def _segment(text: str) -> str:
    """Return a path segment; dots alone would be taken for a step up."""
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe=":+@")


def _target(address: str, link: str) -> SignedUrl | Failure:
    """Return where a link or a redirection leads: to the token's own origin, or nowhere."""
    here = httpx.URL(str(address))
    try:
        target = here.join(str(link)).copy_with(fragment=None)
    except httpx.InvalidURL:
        return Failure(Kind.REDIRECTED, "the service points to an address that is none")
    if not same_origin(here, target) or target.userinfo:
        origin = f"{target.scheme}://{target.netloc.decode('ascii')}"
        return Failure(
            Kind.REDIRECTED,
            f"the service points to {shorten(origin)}. It was not followed: the token is for {here.scheme}://"
            f"{here.netloc.decode('ascii')} only. Behind a proxy, the service must know its own address",
        )
    return SignedUrl(str(target))
