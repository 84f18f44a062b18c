"""The description, and the endpoints tried with what it allows and what it does not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from learnosity_nb.credentials import Secret
from learnosity_nb.files.access import Access, TokenAccess
from learnosity_nb.files.sample_world import sample_world
from learnosity_nb.local.app import App
from learnosity_nb.local.learners.openapi import description
from learnosity_nb.local.learners.parameters import ORDER_FIELDS
from learnosity_nb.local.learners.refusals import HTTP_STATUS
from learnosity_nb.local.service import Service
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.tables import FrameTables

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own dependencies
    import schemathesis
    from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

TOKEN = {"Authorization": "Token t"}
WORLD = sample_world(seed=6, learners=40)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Any:
    state: Path = tmp_path_factory.mktemp("state")
    tables = FrameTables({"learners": WORLD.learners, "engagement": WORLD.engagement})
    service = Service(tables, open_state(state, data=None), Access({}, (TokenAccess(Secret("t")),)))
    yield schemathesis.openapi.from_wsgi("/api/v0/openapi.json", App(service))
    service.close()


PATHS = list(description()["paths"])
MODES = list(schemathesis.GenerationMode)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_any_request_is_answered_as_described(api: Any, path: str, mode: Any) -> None:
    _probe(api[path]["GET"], mode, lambda case: None, [positive_data_acceptance])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", MODES, ids=str)
def test_any_request_about_a_course_that_exists_is_answered_as_described(api: Any, path: str, mode: Any) -> None:
    own = {"username": WORLD.engagement["username"].iloc[0], "course_id": WORLD.course_id}

    def aim(case: Any) -> None:
        case.path_parameters = {key: own[key] for key in case.path_parameters or {}}
        if "course_id" not in case.path_parameters:
            case.query = {**(case.query or {}), "course_id": own["course_id"]}

    _probe(api[path]["GET"], mode, aim, [positive_data_acceptance, negative_data_rejection])


def _probe(operation: Any, mode: Any, aim: Callable[[Any], None], without: list[Any]) -> None:
    """Try an endpoint; a description cannot say that the start must be before the end, nor what goes with what."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def probe(case: Any) -> None:
        aim(case)
        case.call_and_validate(headers=TOKEN, excluded_checks=without)

    probe()


def test_the_description_knows_the_constants_of_the_endpoints() -> None:
    found = description()
    parameters = {one["name"]: one for one in found["paths"]["/learners/"]["get"]["parameters"]}
    assert parameters["order_by"]["schema"]["enum"] == list(ORDER_FIELDS)
    assert set(found["components"]["schemas"]["Refusal"]["properties"]["error_code"]["enum"]) == set(HTTP_STATUS)
    for path in found["paths"].values():
        assert set(path["get"]["responses"]) == {"200", *(str(status) for status in HTTP_STATUS.values())}
