"""How the service says no: a code of the Data API, its HTTP status, and what is wrong.

Source: the Data API's error codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ..errors import FAULTS_SHOWN, Fault

__all__ = ["HTTP_STATUS", "Refusal", "refuse_faults"]

HTTP_STATUS: Final[dict[int, int]] = {
    10000: 500,  # the service failed
    20000: 400,  # a parameter is missing
    20001: 400,  # wrong length
    20002: 400,  # too many
    20003: 400,  # wrong type
    20004: 400,  # a value that is not allowed
    20009: 400,  # JSON that cannot be read, or not of the shape asked for
    20011: 409,  # conflict
    20012: 404,  # not found
    20016: 400,  # session not found
    40000: 400,  # denied
    40001: 405,  # the endpoint has no such method or action
    40003: 403,  # no rights
    41000: 400,  # no security
    41001: 403,  # a signature of the wrong length
    41002: 403,  # unknown consumer
    41003: 403,  # signature mismatch
    41004: 403,  # timestamp outside the window
    41005: 403,  # domain not allowed
    41006: 400,  # expires that cannot be read
    41007: 400,  # expires has passed
    44000: 400,  # unknown dataset type
    50000: 400,  # dataset missing required data
    50100: 500,  # internal dataset error
}


class Refusal(Exception):
    """A request the service does not carry out.

    Parameters
    ----------
    code
        The Data API's error code; it fixes the HTTP status.
    message
        What is wrong and what was expected.
    details
        Every fault, as plain JSON data.
    """

    def __init__(self, code: int, message: str, details: Sequence[Any] = ()) -> None:
        self.code = code
        self.message = message
        self.details = list(details)
        super().__init__(message)

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return HTTP_STATUS[self.code]


def refuse_faults(faults: Sequence[tuple[int, Fault]]) -> None:
    """Raise one refusal for all faults of a request, with the first one's code; nothing for none.

    Its details name every fault, its message the first 20.
    """
    if faults:
        more = [f"and {len(faults) - FAULTS_SHOWN} more"] if len(faults) > FAULTS_SHOWN else []
        message = "; ".join([*(str(fault) for _, fault in faults[:FAULTS_SHOWN]), *more])
        raise Refusal(faults[0][0], message, [{"code": code, **fault.as_dict()} for code, fault in faults])
