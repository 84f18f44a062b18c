"""The socket server: how much it takes in from a caller who has shown no right to send it.

waitress keeps a whole body before it asks the application. So a large one is refused at its headers, unless they hold
a pre-signed URL that allows the upload.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, Final
from urllib.parse import parse_qs

import waitress
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, MultiSocketServer

from ..app import App
from ..datasets.uploads import MAX_FILE_BYTES
from ..presigned import Presigner, UrlRefused
from .data_api import MAX_FORM_BYTES

__all__ = ["listen"]

THREADS: Final = 8
MAX_HEADER_BYTES: Final = 65_536
MAX_UNSIGNED_BYTES: Final = 4 * MAX_FORM_BYTES
"""Up to here the application itself says, in the API's own words, that a form is too large."""

SILENT_SECONDS: Final = 60
"""A connection without a sign of life for this long is closed."""


def listen(app: App, host: str, port: int) -> tuple[BaseWSGIServer | MultiSocketServer, int]:
    """Return a server that listens, whose ``run`` answers, and its port.

    Raises
    ------
    OSError, ValueError
        If it cannot listen there.
    """
    sockets: dict[int, Any] = {}
    server = waitress.create_server(
        app,
        map=sockets,
        host=host,
        port=port,
        threads=THREADS,
        max_request_body_size=MAX_FILE_BYTES + 1,
        max_request_header_size=MAX_HEADER_BYTES,
        channel_timeout=SILENT_SECONDS,
        ident=None,
    )
    # A host name may mean several addresses, with a socket for each.
    listeners = [each for each in sockets.values() if isinstance(each, BaseWSGIServer)]
    channel = _channel(app.service.presigner)
    for each in listeners:
        each.channel_class = channel
    return server, listeners[0].effective_port


def _channel(presigner: Presigner) -> type[HTTPChannel]:
    def may_upload(path: str, query: str) -> bool:
        try:
            presigner.verify("PUT", path, parse_qs(query, keep_blank_values=True))
        except UrlRefused:
            return False
        return True

    class Parser(_CappedParser):
        allowed = staticmethod(may_upload)

    class Channel(HTTPChannel):  # type: ignore[misc]
        parser_class = Parser

    return Channel


class _CappedParser(HTTPRequestParser):  # type: ignore[misc]
    adj: Any
    allowed: Callable[[str, str], bool]

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.command != "PUT" or not self.allowed(self.path, self.query):
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = MAX_UNSIGNED_BYTES
