"""What the calls on jobs refuse before they ask the service."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.connections.job_calls import check_timeout

Crowd = tuple[pd.DataFrame, pd.DataFrame]


@pytest.mark.parametrize("timeout", ["60", -1, True, float("nan"), [5]])
def test_a_timeout_is_a_number_of_seconds(local: lnb.Connection, crowd: Crowd, timeout: Any) -> None:
    with pytest.raises(lnb.InputError, match="timeout must be a number of seconds, such as 60"):
        local.wait("a-b-c", timeout=timeout)
    with pytest.raises(lnb.InputError, match="timeout must be a number of seconds, such as 60"):
        local.build_dataset(crowd[1], ["district"], timeout=timeout)
    assert local.jobs().empty


@pytest.mark.parametrize("timeout", [None, 0, 1.5])
def test_none_and_numbers_are_timeouts(timeout: float | None) -> None:
    check_timeout(timeout)


@pytest.mark.parametrize("call", ["jobs", "sessions"])
def test_a_connection_without_a_consumer_says_what_to_set(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    monkeypatch.delenv("LEARNOSITY_CONSUMER_KEY", raising=False)
    monkeypatch.delenv("LEARNOSITY_CONSUMER_SECRET", raising=False)
    with lnb.connect(learner_url="https://learn.test", learner_token="t", progress=False) as lrn:
        for asked in (getattr(lrn, call), lambda: lrn.open_dataset("5e0ffb57-3a36-4d43-9f68-1c9a1f5c2c55")):
            with pytest.raises(lnb.CredentialsError, match="LEARNOSITY_CONSUMER_KEY and LEARNOSITY_CONSUMER_SECRET"):
                asked()
