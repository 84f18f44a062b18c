"""Keeping signatures, pre-signed queries and bodies out of reprs, messages and logs.

A traceback shows the repr of local variables where the reader asks for it, as
IPython's verbose mode does. So texts and bytes that must not be shown travel
in types with a repr of their own.
"""

from __future__ import annotations

import logging
import re

from ..errors import shorten

__all__ = ["Body", "SignedUrl", "excerpt", "quieten_loggers", "redact"]

EXCERPT_WIDTH = 200
READ_FOR_EXCERPT = 4096

_URL_QUERY = re.compile(r"(https?:[^\s\"'<>?]*)\?[^\s\"'<>]*")
_PARAMETER = re.compile(r"(?i)((?:signature|credential|security-token|awsaccesskeyid)=)[^&\s\"'\\<>]+")
_SIGNATURE = re.compile(r"(?i)(\$|%24)02(\$|%24)[0-9a-f]+")

_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*(?:"(\s*:)?|$)')

_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")


def redact(text: str) -> str:
    """Return `text` without queries of URLs, signatures and access keys."""
    text = _URL_QUERY.sub(r"\1?…", text)
    text = _PARAMETER.sub(r"\1…", text)
    return _SIGNATURE.sub("$02$…", text)


def excerpt(body: bytes) -> str:
    """Return the beginning of a body for a message: redacted, quoted and cut to 200 characters.

    Of JSON only the keys are shown: its values may be learners' names.
    """
    text = body[:READ_FOR_EXCERPT].decode("utf-8", "replace")
    if text.lstrip().startswith(("{", "[")):
        text = _JSON_TEXT.sub(lambda found: found[0] if found[1] else '"…"', text)
    return shorten(redact(text), EXCERPT_WIDTH)


class SignedUrl(str):
    """A pre-signed URL whose repr leaves out the query; ``str`` gives the whole."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(redact(str(self)))


class Body(bytes):
    """A request's or an answer's body, whose repr gives only its length."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self):,} bytes>"


class _Redaction(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


def quieten_loggers() -> None:
    """Redact what httpx and httpcore log, once however often it is called."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(present, _Redaction) for present in logger.filters):
            logger.addFilter(_Redaction())
