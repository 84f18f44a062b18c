"""Opening a connection: to the hosted service, or to a service in this process over one's own data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any, Final

import platformdirs

from ..credentials import Consumer, setting
from ..errors import InputError
from ..wire.addresses import hosted_url
from ..wire.client import DataApi
from ..wire.in_process import InProcessTransport
from ..wire.retry import RetryBudget, RetryPolicy
from ..wire.transfer import Transfers
from .connection import Connection
from .ledger import Ledger

__all__ = ["DEFAULT_VERSION", "connect", "connect_local"]

DEFAULT_VERSION: Final = "v2026.2.LTS"
IN_PROCESS: Final = "http://local.invalid"
LEDGER: Final = "datasets.ndjson"


def connect(
    consumer: Consumer | None = None,
    version: str | None = None,
    *,
    url: str | None = None,
    progress: bool = True,
) -> Connection:
    """Connect to Learnosity's Data API, or to any server of it.

    Parameters
    ----------
    consumer
        Who signs; read from ``LEARNOSITY_CONSUMER_KEY`` and
        ``LEARNOSITY_CONSUMER_SECRET`` when omitted.
    version
        The API's version; ``LEARNOSITY_VERSION``, else v2026.2.LTS, when omitted.
    url
        Base URL of the service, such as ``http://127.0.0.1:8080`` of
        ``learnosity-nb serve``; Learnosity's own for ``LEARNOSITY_REGION`` (va)
        when omitted.
    progress
        Whether long calls show a progress bar.

    Returns
    -------
    Connection

    Raises
    ------
    CredentialsError
        If there is no consumer.
    """
    who = Consumer.from_environment() if consumer is None else consumer
    base_url = hosted_url(setting("LEARNOSITY_REGION", "va")) if url is None else url
    budget = RetryBudget()
    api = DataApi(base_url, version or setting("LEARNOSITY_VERSION", DEFAULT_VERSION), who, budget=budget)
    ledger = Ledger(platformdirs.user_state_path("learnosity_nb", appauthor=False) / LEDGER)
    return Connection(
        api, Transfers(budget=budget), ledger, name=f"{api.base_url}, consumer {who.key!r}", progress=progress
    )


def connect_local(
    data: str | os.PathLike[str] | None = None,
    *,
    sessions: Any = None,
    state: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Connection:
    """Connect to a service in this process over your own data: no account, no server, no network.

    Parameters
    ----------
    data
        A data directory with ``sessions.csv``, ``.parquet`` or ``.ndjson``.
    sessions : DataFrame or Arrow table
        Instead of a directory: one row per session with ``session_id``,
        ``user_id``, ``score``, ``max_score`` and, where known, ``status``,
        ``activity_id``, ``attempted_max_score`` and ``dt_completed``.
    state
        Where jobs and datasets are kept: ``.learnosity_nb`` in the data
        directory when omitted, or a temporary directory for frames.
    progress
        Whether long calls show a progress bar.

    Returns
    -------
    Connection

    Raises
    ------
    InputError
        If the data cannot be used; every fault is named.
    StateError
        If the state directory cannot be used.
    """
    # The service loads when it is used: a hosted analyst never needs it.
    from ..local.in_process import open_in_process
    from ..local.tables import DirectoryTables, FrameTables

    if (data is None) == (sessions is None):
        raise InputError("Pass either a data directory or sessions=DataFrame to connect_local.")
    directory = None if data is None else Path(data)
    tables = FrameTables({"sessions": sessions}) if directory is None else DirectoryTables(directory)
    consumer = Consumer("local", secrets.token_urlsafe(32))
    opened = open_in_process(tables, consumer, state=None if state is None else Path(state), data=directory)
    transport = InProcessTransport(opened.app)
    # Nothing passes by waiting longer in one's own process, except another process's hold on the database.
    policy = RetryPolicy(attempts=3, base=0.05)
    return Connection(
        DataApi(IN_PROCESS, DEFAULT_VERSION, consumer, transport, policy=policy),
        Transfers(transport, policy=policy),
        Ledger(opened.state / LEDGER),
        name="local, in process" if directory is None else f"local, {directory}",
        progress=progress,
        on_close=opened.close,
    )
