"""Who may read which course.

Source: Learner analytics API, "Access"; the scheme ``Authorization: Token <key>`` of the data API it belongs to.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from ...files.access import TokenAccess
from .refusals import LearnerRefusal

__all__ = ["find_token", "may_read"]

CHALLENGE = {"WWW-Authenticate": "Token"}


def find_token(tokens: Sequence[TokenAccess], header: str) -> TokenAccess:
    """Return the token that an ``Authorization`` header carries.

    Raises
    ------
    LearnerRefusal
        401, in the same words for no token and for a wrong one.
    """
    scheme, _, given = header.strip().partition(" ")
    text = given.strip().encode("latin-1", "replace")  # how HTTP headers reach a WSGI application
    # Every token is compared, so that the time taken does not tell which one is near.
    found = [token for token in tokens if hmac.compare_digest(token.token.reveal().encode(), text)]
    if scheme.lower() != "token" or not found:
        raise LearnerRefusal(
            "not_authenticated", "send the header Authorization: Token <key> with a key of this service", CHALLENGE
        )
    return found[0]


def may_read(token: TokenAccess, course_id: str) -> bool:
    """Return whether a token may read a course."""
    return token.courses is None or course_id in token.courses
