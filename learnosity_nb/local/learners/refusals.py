"""How the learner API says no: an HTTP status, an error code, and a message for the developer.

Source: Learner analytics API, "Return Value"; edX REST API Conventions for the two keys.
"""

from __future__ import annotations

from typing import Final

import msgspec
from werkzeug import Response

__all__ = ["HTTP_STATUS", "LearnerRefusal", "refuse_value"]

HTTP_STATUS: Final[dict[str, int]] = {
    "course_not_specified": 400,
    "course_key_malformed": 400,
    "illegal_parameter_values": 400,
    "not_authenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "course_not_found": 404,
    "segment_not_found": 404,
    "cohort_not_found": 404,
    "enrollment_mode_not_found": 404,
    "page_not_found": 404,
    "no_learner_for_course": 404,
    "no_learner_engagement_timeline": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "data_unusable": 500,
    "server_error": 500,
    "service_busy": 503,
}
"""Every error code and the status it goes with."""


class LearnerRefusal(Exception):
    """A request the learner API does not carry out.

    Parameters
    ----------
    code
        A key of `HTTP_STATUS`.
    message
        What is wrong and what was expected.
    headers
        What the answer says beside it.
    """

    def __init__(self, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        self.code = code
        self.message = message
        self.headers = headers
        super().__init__(message)

    def response(self) -> Response:
        """Return the answer, in JSON whatever was accepted."""
        body = msgspec.json.encode({"error_code": self.code, "developer_message": self.message})
        return Response(body, status=HTTP_STATUS[self.code], headers=self.headers, mimetype="application/json")


def refuse_value(name: str, expected: str) -> LearnerRefusal:
    """Return the refusal of a parameter's value."""
    return LearnerRefusal("illegal_parameter_values", f"{name} must be {expected}")
