"""Files behind pre-signed URLs: uploads, and downloads by several threads.

Only what a file needs is sent: with credentials beside the URL's own signature
a storage service refuses, and a stranger could be handed them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx

from ..errors import ApiError, InputError, LearnosityError, ProtocolError
from .addresses import check_url, place, same_origin
from .exchange import MEGABYTE, Limits, Outgoing, Reply, exchange
from .failures import Defeat, Failure, Kind, closed_error, error_for
from .line import Line
from .quiet import Body, SignedUrl, excerpt
from .retry import persist, retry_after

__all__ = ["NotThere", "Transfers", "UrlExpired"]

REDIRECTS: Final = 3
THREADS: Final = 8
FILE_LIMITS: Final = Limits(deadline=900.0, cap=256 * MEGABYTE)

Chunks = Callable[[], Iterable[bytes]]


class NotThere(ApiError):
    """No file is behind the URL (HTTP 404). Callers turn it into an error of their subject."""


class UrlExpired(ApiError):
    """The URL is not accepted any more (HTTP 403): fresh ones must be asked for."""


class Transfers(Line):
    """Uploads and downloads: a `Line` without a service of its own. All are repeatable: a PUT replaces.

    One attempt has 15 minutes and 256 MB.
    """

    usual_limits = FILE_LIMITS

    def put(self, url: str, chunks: Chunks, size: int) -> None:
        """Upload a file.

        Parameters
        ----------
        url
            The pre-signed URL.
        chunks
            Makes a fresh iterator over the file's bytes, once for each attempt.
        size
            Bytes in all.

        Raises
        ------
        UrlExpired
            If the URL is refused.
        ApiError, TransportError
            If the upload failed for good.
        """
        url = SignedUrl(url)
        # The storage service's signature covers this type, so it must be just so.
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(size)}
        outcome = self._run(Outgoing("PUT", SignedUrl(url), headers, chunks), accepted=(200, 201, 204))
        if isinstance(outcome, LearnosityError):
            raise outcome

    def get(self, url: str) -> bytes:
        """Download a file.

        Raises
        ------
        NotThere
            If there is none.
        UrlExpired
            If the URL is refused.
        ApiError, TransportError
            If the download failed for good.
        """
        url = SignedUrl(url)
        outcome = self._download(url)
        if isinstance(outcome, LearnosityError):
            raise outcome
        return outcome

    def get_many(
        self,
        urls: Sequence[str],
        *,
        threads: int = THREADS,
        renew: Callable[[list[int]], Sequence[str]] | None = None,
    ) -> list[bytes | None]:
        """Download many files and return them in the order of their URLs, None where there is none.

        Parameters
        ----------
        urls
            Pre-signed URLs.
        threads
            Downloads at the same time.
        renew
            Given the positions of URLs that were refused, returns fresh URLs for them. Called once at most.

        Raises
        ------
        UrlExpired
            If a URL is refused and there is no fresh one, or that is refused too.
        ApiError, TransportError
            If a download failed for good; the others are given up.
        """
        urls = [SignedUrl(url) for url in urls]
        files = self._in_threads(urls, threads)
        expired = [position for position, file in enumerate(files) if isinstance(file, UrlExpired)]
        if expired and renew is not None:
            fresh = [SignedUrl(url) for url in renew(expired)]
            for position, file in zip(expired, self._in_threads(fresh, threads), strict=True):
                files[position] = file
        wanted: list[bytes | None] = []
        for file in files:
            if isinstance(file, UrlExpired):
                raise file
            wanted.append(file)
        return wanted

    def _in_threads(self, urls: Sequence[str], threads: int) -> list[Body | UrlExpired | None]:
        pool = ThreadPoolExecutor(threads, thread_name_prefix="learnosity-nb-download")
        files: list[Body | UrlExpired | None] = []
        try:
            for file in self._downloads(pool, urls):
                if isinstance(file, NotThere):
                    files.append(None)
                elif isinstance(file, LearnosityError) and not isinstance(file, UrlExpired):
                    raise file
                else:
                    files.append(file)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # at Ctrl-C or an error nobody waits for the rest
        return files

    def _downloads(self, pool: ThreadPoolExecutor, urls: Sequence[str]) -> Iterator[Body | LearnosityError]:
        if len(urls) == 1:  # to start a thread takes longer than to open a group here
            return map(self._download, urls)
        try:
            return pool.map(self._download, urls)
        except RuntimeError:  # no threads here (Pyodide): one after the other
            return map(self._download, urls)

    def _download(self, url: str) -> Body | LearnosityError:
        return self._run(Outgoing("GET", SignedUrl(url), {"Accept-Encoding": "gzip"}), accepted=(200,))

    def _run(self, outgoing: Outgoing, accepted: tuple[int, ...]) -> Body | LearnosityError:
        if self._closed:
            return closed_error()
        try:
            call = f"{outgoing.method} {place(check_url(outgoing.url))}"
        except InputError as error:
            return ProtocolError(f"The service gave a URL that cannot be used: {error}")
        outcome = persist(
            lambda: self._attempt(outgoing, accepted),
            policy=self._policy,
            budget=self._budget,
            timing=self.timing,
            repeatable=True,
        )
        if not isinstance(outcome, Defeat):
            return outcome
        last = outcome.failures[-1]
        if last.status in _OWN_ERRORS:
            return _OWN_ERRORS[last.status](last.reason, status=last.status, endpoint=call)
        return error_for(outcome, call, call, doubt=None)

    def _attempt(self, outgoing: Outgoing, accepted: tuple[int, ...]) -> Body | Failure:
        for _ in range(REDIRECTS + 1):
            reply = exchange(self._transport, outgoing, self._limits, self.timing.clock)
            if isinstance(reply, Failure):
                return reply
            if reply.status in accepted:
                return reply.body
            if not 300 <= reply.status < 400:
                return self._refusal(reply)
            target = _redirection(outgoing, reply)
            if isinstance(target, Failure):
                return target
            outgoing = Outgoing(outgoing.method, target, outgoing.headers)
        return Failure(Kind.REDIRECTED, f"more than {REDIRECTS} redirections", status=reply.status)

    def _refusal(self, reply: Reply) -> Failure:
        return Failure(
            Kind.ANSWERED,
            f"the file service answered {excerpt(reply.body)}" if reply.body else "the file service gave no reason",
            status=reply.status,
            retry_after=retry_after(reply.headers, self.timing.now()),
        )


_OWN_ERRORS: dict[int | None, type[ApiError]] = {403: UrlExpired, 404: NotThere}


def _redirection(outgoing: Outgoing, reply: Reply) -> SignedUrl | Failure:
    here = httpx.URL(str(outgoing.url))
    try:
        target = here.join(reply.headers.get("location", ""))
    except httpx.InvalidURL:
        return Failure(Kind.REDIRECTED, "a redirection to no address", status=reply.status)
    if outgoing.method != "GET" or not same_origin(here, target):
        return Failure(Kind.REDIRECTED, f"a redirection to {place(target)}, which is not followed", status=reply.status)
    return SignedUrl(str(target))
