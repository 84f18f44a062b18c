"""Whether a request was signed by the consumer it names.

Verified over the texts as they were received, by both recipes of the Data API:
``$02$`` with HMAC-SHA256, and the older SHA-256 with the secret in the text.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from ...credentials import Secret
from ...domain.policy import SIGNATURE_FUTURE_HOURS, SIGNATURE_PAST_HOURS
from ...files.access import ConsumerAccess
from ..refusals import Refusal

__all__ = ["verify"]

PREFIX: Final = "$02$"
HEX_DIGITS: Final = 64
TIMESTAMP: Final = re.compile(r"\d{8}-\d{4}")
UNKNOWN_SECRET: Final = Secret("no consumer has this key")
MISMATCH: Final = "the signature does not match: check the consumer key and secret, and sign the request as it is sent"


def verify(
    consumers: Mapping[str, ConsumerAccess], security: str, request: str | None, action: str, now: datetime
) -> ConsumerAccess:
    """Return the consumer that signed a request.

    Parameters
    ----------
    consumers
        Every consumer of this service by its key.
    security, request
        The form's texts as received; None where it has no request.
    action
        The form's action; empty where it has none.
    now
        The server's clock.

    Raises
    ------
    Refusal
        41001 to 41007, as the Data API names them.
    """
    fields = _fields(security)
    signature = str(fields.get("signature", ""))
    modern = signature.startswith(PREFIX)
    if len(signature.removeprefix(PREFIX)) != HEX_DIGITS:
        raise Refusal(41001, "the signature must have 64 hexadecimal digits, after $02$ in the current scheme")
    consumer = consumers.get(str(fields.get("consumer_key")))
    secret = consumer.secret if consumer else UNKNOWN_SECRET
    # One message and the same work for an unknown key and a wrong secret.
    if not _matches(fields, request, action, secret, signature, modern=modern):
        raise Refusal(41003 if consumer else 41002, MISMATCH)
    if consumer is None:
        raise Refusal(41002, MISMATCH)
    _check_times(fields, now)
    return consumer


def _fields(security: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(security)
    except (msgspec.DecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal(41000, "security must be a JSON object")
    missing = [name for name in ("consumer_key", "domain", "timestamp", "signature") if name not in found]
    if missing:
        raise Refusal(41000, f"security lacks {', '.join(missing)}")
    return found


def _matches(
    fields: Mapping[str, Any], request: str | None, action: str, secret: Secret, signature: str, *, modern: bool
) -> bool:
    signed = [
        str(fields[name]) for name in ("consumer_key", "domain", "timestamp", "expires", "user_id") if name in fields
    ]
    ending = [] if request is None else [request]
    # Clients may leave a get unnamed: in the form, in the signature or in both.
    endings = [[*ending, "get"], ending] if action in {"", "get"} else [[*ending, action]]
    found = False
    for last in endings:
        if modern:
            digest = hmac.digest(secret.reveal().encode(), _joined([*signed, *last]), hashlib.sha256).hex()
        else:
            digest = hashlib.sha256(_joined([*signed, secret.reveal(), *last])).hexdigest()
        found |= hmac.compare_digest(digest.encode(), signature.removeprefix(PREFIX).encode())
    return found


def _joined(parts: list[str]) -> bytes:
    return "_".join(parts).encode("utf-8", "surrogatepass")


def _check_times(fields: Mapping[str, Any], now: datetime) -> None:
    moment = _moment(fields["timestamp"])
    past, future = timedelta(hours=SIGNATURE_PAST_HOURS), timedelta(hours=SIGNATURE_FUTURE_HOURS)
    if moment is None or not now - past <= moment <= now + future:
        raise Refusal(
            41004, f"the timestamp must be UTC as YYYYMMDD-HHMM and near the server's clock, {now:%Y%m%d-%H%M}"
        )
    if "expires" in fields:
        expires = _moment(fields["expires"])
        if expires is None:
            raise Refusal(41006, "expires must be UTC as YYYYMMDD-HHMM")
        if expires < now:
            raise Refusal(41007, "the signature's expires has passed")


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str) or not TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d-%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
