"""The learner API's description in OpenAPI 3.1, made from the same constants that the endpoints check against."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from ...compute.engagement import COUNTS, RATIO
from ...compute.segments import SEGMENTS
from .parameters import INCLUDES, ORDER_FIELDS, PAGE_MAX, PAGE_SIZE, PAGE_SIZE_MAX, SORT_ORDERS
from .refusals import HTTP_STATUS
from .rendering import RANGE_ORDER, RANGES

__all__ = ["description"]

Json = dict[str, Any]

TITLES: Final = {
    400: "A parameter is missing or cannot be used",
    401: "No token, or an unknown one",
    403: "The token may not read this course",
    404: "The course, learner, page, or the value of a filter does not exist",
    405: "The endpoint has no such method",
    406: "The answer cannot be had in an accepted format",
    500: "The service failed",
    503: "The service is busy",
}
DAY: Final[Json] = {"type": "string", "pattern": r"^\d{4,}-\d{2}-\d{2}$"}
COUNT: Final[Json] = {"type": "integer", "minimum": 0}
TEXT_OR_NULL: Final[Json] = {"type": ["string", "null"]}


@cache
def description() -> Json:
    """Return the OpenAPI document as plain JSON data."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Learner analytics",
            "version": "0",
            "description": "How learners engage in courses: a roster with weekly figures, daily timelines, and what is "
            "usual in a course.",
        },
        "servers": [{"url": "/api/v0"}, {"url": "/api/learner_analytics/v0"}],
        "security": [{"token": []}],
        "paths": {
            "/learners/": _get("listLearners", "List a course's learners", _list_parameters(), "LearnerPage", csv=True),
            "/learners/{username}/": _get(
                "getLearner", "Get one learner", [USERNAME, COURSE_ID, *DATES], "Learner", csv=False
            ),
            "/engagement_timelines/{username}/": _get(
                "getTimeline", "Get a learner's days", [USERNAME, COURSE_ID, *DATES, INCLUDE], "Timeline", csv=True
            ),
            "/course_learner_metadata/{course_id}/": _get(
                "getMetadata", "Get what is usual in a course", [COURSE_IN_PATH], "Metadata", csv=False
            ),
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Token <key>`",
                }
            },
        },
    }


def _parameter(name: str, said: str, schema: Json, *, place: str = "query", required: bool = False) -> Json:
    return {"name": name, "in": place, "required": required, "description": said, "schema": schema}


COURSE_ID: Final = _parameter("course_id", "The course", {"type": "string", "minLength": 1}, required=True)
COURSE_IN_PATH: Final = _parameter(
    "course_id", "The course", {"type": "string", "minLength": 1}, place="path", required=True
)
USERNAME: Final = _parameter("username", "The learner", {"type": "string", "minLength": 1}, place="path", required=True)
GIVEN_DAY: Final[Json] = {"type": "string", "pattern": r"^[0-9]{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])$"}
DATES: Final = (
    _parameter("start_date", "First day, included", GIVEN_DAY),
    _parameter("end_date", "Last day, not included", GIVEN_DAY),
)
INCLUDE: Final = _parameter("include", "Add total attempts at problems", {"type": "string", "enum": list(INCLUDES)})


def _list_parameters() -> list[Json]:
    names = f"Names from {', '.join(SEGMENTS)}, separated by commas"
    return [
        COURSE_ID,
        _parameter("text_search", "Words of a name, or a whole username or email address", {"type": "string"}),
        _parameter("segments", f"{names}; members of any", {"type": "string"}),
        _parameter("ignore_segments", f"{names}; members of none. Not with segments", {"type": "string"}),
        _parameter("cohort", "The exact cohort", {"type": "string"}),
        _parameter("enrollment_mode", "The exact enrolment mode", {"type": "string"}),
        _parameter("page", "Which page", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": 1}),
        _parameter(
            "page_size",
            "Learners on a page",
            {"type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE},
        ),
        _parameter("order_by", "What to sort by", _enum(ORDER_FIELDS)),
        _parameter("sort_order", "Which way", _enum(SORT_ORDERS)),
        _parameter("fields", "Columns of the CSV, separated by commas", {"type": "string"}),
    ]


def _enum(names: tuple[str, ...]) -> Json:
    return {"type": "string", "enum": list(names), "default": names[0]}


def _get(operation: str, summary: str, parameters: list[Json], schema: str, *, csv: bool) -> Json:
    content: Json = {"application/json": {"schema": _reference(schema)}}
    if csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    responses: Json = {"200": {"description": "Found", "content": content}}
    for status in sorted(set(HTTP_STATUS.values())):
        responses[str(status)] = {
            "description": TITLES[status],
            "content": {"application/json": {"schema": _reference("Refusal")}},
        }
    return {"get": {"operationId": operation, "summary": summary, "parameters": parameters, "responses": responses}}


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _schemas() -> Json:
    date_range = _object({"start": _or_null(DAY), "end": _or_null(DAY)})
    ratio = {"type": ["number", "null"], "minimum": 0}
    counts = dict.fromkeys(COUNTS, COUNT)
    bounds = {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2, "maxItems": 2}
    ranges = _object({name: bounds if name == "average" else _or_null(bounds) for name in RANGES})
    tally = {"type": "object", "additionalProperties": COUNT}
    learner = {
        "last_updated": _or_null(DAY),
        "username": {"type": "string"},
        **dict.fromkeys(("name", "email", "account_url", "enrollment_mode", "enrollment_date", "cohort"), TEXT_OR_NULL),
        "segments": {"type": "array", "items": {"type": "string", "enum": list(SEGMENTS)}},
        "engagements": _object({"date_range": date_range, **counts, RATIO: ratio}),
    }
    page = {
        "count": COUNT,
        "num_pages": {"type": "integer", "minimum": 1},
        "next": TEXT_OR_NULL,
        "previous": TEXT_OR_NULL,
        "results": {"type": "array", "items": _reference("Learner")},
    }
    day = {**_object({"date": DAY, **counts, INCLUDES[0]: COUNT}), "required": ["date", *COUNTS]}
    metadata = {
        "cohorts": tally,
        "segments": _object(dict.fromkeys(SEGMENTS, COUNT)),
        "enrollment_modes": tally,
        "engagement_ranges": _object({"date_range": date_range, **dict.fromkeys(RANGE_ORDER, ranges)}),
    }
    return {
        "Learner": _object(learner),
        "LearnerPage": _object(page),
        "Timeline": _object({"days": {"type": "array", "items": day}}),
        "Metadata": _object(metadata),
        "Refusal": _object(
            {"error_code": {"type": "string", "enum": list(HTTP_STATUS)}, "developer_message": {"type": "string"}}
        ),
    }
