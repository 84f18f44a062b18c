"""Pre-signed URLs: whoever holds one may do that one thing with that one file, for an hour."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from ..domain.policy import PRESIGNED_SECONDS

__all__ = ["Presigner", "UrlRefused"]

SIGNED_KEYS = frozenset({"AWSAccessKeyId", "Expires", "Signature"})


class UrlRefused(Exception):
    """The URL does not allow this; the first argument is the reason as an object store would name it."""


class Presigner:
    """Signs and verifies URLs of this service's files.

    Parameters
    ----------
    key
        The signing key.
    clock
        Unix seconds.
    """

    def __init__(self, key: bytes, clock: Callable[[], float]) -> None:
        self._key = key
        self._clock = clock

    def sign(self, base_url: str, method: str, path: str, consumer: str, **extra: str) -> str:
        """Return an absolute URL that allows `method` on `path` for an hour.

        Parameters
        ----------
        base_url
            Scheme and host.
        method
            ``GET`` or ``PUT``.
        path
            The file's path, from the root.
        consumer
            The consumer key it is issued to.
        **extra
            Further query parameters, signed as well.
        """
        expires = int(self._clock()) + PRESIGNED_SECONDS + 1
        signature = self._signature(method, path, consumer, str(expires), extra)
        query = {**extra, "AWSAccessKeyId": consumer, "Expires": str(expires), "Signature": signature}
        return f"{base_url}{path}?{urlencode(query)}"

    def verify(self, method: str, path: str, query: Mapping[str, list[str]]) -> str:
        """Return the consumer key that a URL was issued to.

        Raises
        ------
        UrlRefused
            If a parameter is missing or comes twice, the signature does not fit
            the method, path and parameters, or the hour has passed.
        """
        if any(len(values) != 1 for values in query.values()) or not query.keys() >= SIGNED_KEYS:
            raise UrlRefused("AccessDenied")
        given = {key: values[0] for key, values in query.items()}
        extra = {key: value for key, value in given.items() if key not in SIGNED_KEYS}
        expected = self._signature(method, path, given["AWSAccessKeyId"], given["Expires"], extra)
        if not hmac.compare_digest(expected.encode(), given["Signature"].encode()):
            raise UrlRefused("SignatureDoesNotMatch")
        if int(given["Expires"]) < self._clock():
            raise UrlRefused("AccessDenied: Request has expired")
        return given["AWSAccessKeyId"]

    def _signature(self, method: str, path: str, consumer: str, expires: str, extra: Mapping[str, str]) -> str:
        text = "\n".join([method, path, consumer, expires, urlencode(sorted(extra.items()))])
        return base64.b64encode(hmac.digest(self._key, text.encode(), hashlib.sha256)).decode()
