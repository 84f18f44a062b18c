"""The Data API: signed calls to its endpoints, one page or all pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Unpack

import httpx
import msgspec

from .. import __version__
from ..credentials import Consumer
from ..domain.times import sql_time
from ..errors import InputError, PaginationError, shorten
from .addresses import check_base_url, place
from .envelope import Answer, read_answer
from .exchange import Outgoing, exchange
from .failures import Defeat, Failure, closed_error, error_for
from .line import Line, LineOptions
from .quiet import SignedUrl
from .retry import persist
from .signing import form, request_text

__all__ = ["DataApi"]

EMPTY_PAGES: Final = 3
PAGES: Final = 100_000

_HEADERS: Final = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": f"learnosity-nb/{__version__}",
}


class DataApi(Line):
    """A connection to the Data API, hosted or local.

    Parameters
    ----------
    base_url
        Where the API is, without the version; https, or http on this machine.
    version
        The version segment of each URL, such as ``v2026.2.LTS``.
    consumer
        Signs each attempt anew.
    transport, **options
        The `Line` to it.

    Raises
    ------
    InputError
        If the base URL or the version cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        version: str,
        consumer: Consumer,
        transport: httpx.BaseTransport | None = None,
        **options: Unpack[LineOptions],
    ) -> None:
        url = check_base_url(base_url)
        if not isinstance(version, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.\-]*", version):
            raise InputError(f"Not a version of the Data API: {shorten(version)}. It looks like v2026.2.LTS.")
        self.base_url = str(url).rstrip("/")
        self.version = version
        self.consumer = consumer
        super().__init__(transport, **options)

    def __repr__(self) -> str:
        return f"DataApi({self.base_url!r}, consumer={self.consumer.key!r})"

    def call(self, endpoint: str, action: str, request: Mapping[str, Any], *, repeatable: bool | None = None) -> Answer:
        """Make one call and return its answer.

        Parameters
        ----------
        endpoint
            Path after the version, such as ``jobs/reports/datasets``.
        action
            ``get``, ``set`` or ``update``.
        request
            The parameters, as the endpoint documents them.
        repeatable
            Whether the call may be carried out twice without harm; by default true for ``get`` only.

        Raises
        ------
        InputError
            If the request cannot be written as JSON.
        ApiError
            If the service answers with an error, also within HTTP 200; `ServerError` for HTTP 5xx.
        UncertainOutcome
            If the answer to a call that is not repeatable was lost.
        TransportError
            If no usable answer came: its subclasses say why. Or if this client was closed.
        """
        if self._closed:
            raise closed_error()
        url = f"{self.base_url}/{self.version}/{endpoint.strip('/')}"
        call = f"POST {place(httpx.URL(url))} ({action})"
        text = request_text(request)
        began = self.timing.now()
        again = action == "get" if repeatable is None else repeatable

        def attempt() -> Answer | Failure:
            body = form(self.consumer, text, action, self.timing.now())
            outgoing = Outgoing("POST", SignedUrl(url), _HEADERS, body)
            reply = exchange(self._transport, outgoing, self._limits, self.timing.clock)
            return reply if isinstance(reply, Failure) else read_answer(reply, call, self.timing.now())

        outcome = persist(attempt, policy=self._policy, budget=self._budget, timing=self.timing, repeatable=again)
        if isinstance(outcome, Defeat):
            doubt = (
                None if again else f"Before sending it again, look among the jobs created since {sql_time(began)} UTC."
            )
            raise error_for(outcome, call, endpoint, doubt=doubt)
        return outcome

    def pages(self, endpoint: str, request: Mapping[str, Any]) -> Iterator[Answer]:
        """Call ``get`` and follow ``meta.next`` to the last page.

        The end is a page without ``next``, or an empty one with the ``next``
        that was asked for: the ``sessions`` endpoints never leave it out.

        Raises
        ------
        PaginationError
            If a page comes again, or more than three in a row are empty and each names a new ``next``.
        """
        asked = dict(request)
        seen: set[tuple[Any, bytes]] = set()
        empty = 0
        for _ in range(PAGES):
            answer = self.call(endpoint, "get", asked)
            following = answer.meta.get("next")
            if answer.data:
                empty = 0
                page = (following, hashlib.sha256(msgspec.json.encode(answer.data)).digest())
                if following is not None and page in seen:
                    raise PaginationError(f"{answer.call}: the same page came twice, so the pages have no end.")
                seen.add(page)
                yield answer
            else:
                empty += 1
            if following is None or (not answer.data and following == asked.get("next")):
                return
            if empty > EMPTY_PAGES:
                raise PaginationError(f"{answer.call}: {empty} empty pages in a row, each naming a next one.")
            asked["next"] = following
        raise PaginationError(f"{endpoint}: more than {PAGES:,} pages.")
