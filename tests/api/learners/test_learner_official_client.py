"""edx-analytics-data-api-client, unmodified, against ``learnosity-nb serve``."""

from __future__ import annotations

import csv
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from learnosity_nb.files.access import read_access
from learnosity_nb.files.sample_world import SampleWorld, sample_world

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # requests warns about versions of its own dependencies
    from analyticsclient import client as analyticsclient
    from analyticsclient.constants import data_formats
    from analyticsclient.exceptions import ClientError, InvalidRequestError, NotFoundError

LEARNERS = 100_000
PATIENCE = 60  # its own default is a quarter of a second


@pytest.fixture(scope="module")
def world() -> SampleWorld:
    return sample_world(seed=4, learners=LEARNERS)


@pytest.fixture
def address(serve: Any, world: SampleWorld, tmp_path: Path) -> tuple[str, str]:
    """Where a fresh service answers, and its token."""
    world.write(tmp_path / "data", format="parquet")
    served = serve(tmp_path / "data", "--state", str(tmp_path / "state"))
    [token] = read_access(Path(served.said[0].rpartition(": ")[2])).tokens
    return served.url, token.token.reveal()


@pytest.fixture(autouse=True)
def quietly() -> Iterator[None]:
    logging.disable(logging.CRITICAL)  # it logs what it raises
    yield
    logging.disable(logging.NOTSET)


def test_e12_the_official_client_reads_everything(address: tuple[str, str], world: SampleWorld) -> None:
    url, token = address
    for prefix in ("/api/v0", "/api/learner_analytics/v0/"):
        client = analyticsclient.Client(url + prefix, auth_token=token, timeout=PATIENCE)
        assert (client.status.alive, client.status.healthy, client.status.authenticated) == (True, True, True)
        _reads_the_list(client, world)
        _reads_one_learner(client, world)
        _is_refused(client, world.course_id)
        stranger = analyticsclient.Client(url + prefix, auth_token="wrong", timeout=PATIENCE)
        assert (stranger.status.alive, stranger.status.authenticated) == (True, False)
        with pytest.raises(ClientError, match="401"):
            stranger.get("learners/", {"course_id": world.course_id})


def _reads_the_list(client: Any, world: SampleWorld) -> None:
    course = {"course_id": world.course_id}
    found = client.get("learners/", course)
    assert (found["count"], found["num_pages"], len(found["results"])) == (LEARNERS, LEARNERS // 25, 25)
    some = client.get("learners/", {**course, "segments": ["struggling", "inactive"], "page_size": 100})
    assert (some["count"] > 1000, len(some["results"])) == (True, 100)
    assert all({"struggling", "inactive"} & set(row["segments"]) for row in some["results"])
    text = client.get("learners/", {**course, "page": LEARNERS // 25}, data_format=data_formats.CSV)
    assert len(list(csv.DictReader(io.StringIO(text)))) == 25


def _reads_one_learner(client: Any, world: SampleWorld) -> None:
    username = world.engagement["username"].iloc[0]
    assert client.get(f"learners/{username}/", {"course_id": world.course_id})["username"] == username
    days = client.get(f"engagement_timelines/{username}/", {"course_id": world.course_id})["days"]
    assert days[0]["date"] == str(world.engagement["date"].iloc[0].date())
    metadata = client.get(f"course_learner_metadata/{world.course_id}/")  # + and : as they are
    assert sum(metadata["enrollment_modes"].values()) == LEARNERS


def _is_refused(client: Any, course_id: str) -> None:
    with pytest.raises(InvalidRequestError):
        client.get("learners/")
    with pytest.raises(NotFoundError):
        client.get("learners/nobody/", {"course_id": course_id})
    with pytest.raises(NotFoundError):
        client.get("course_learner_metadata/edX/Nothing/Here/")
    assert not client.has_resource("nowhere")
