"""Opening a connection: to the hosted service, or to a service in this process over one's own data."""

from __future__ import annotations

import os
import secrets
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from ..credentials import Consumer, LearnerToken, setting
from ..errors import CredentialsError, InputError
from ..wire.addresses import hosted_url
from ..wire.client import DataApi
from ..wire.in_process import InProcessTransport
from ..wire.learner_api import LearnerApi
from ..wire.retry import RetryBudget, RetryPolicy
from ..wire.transfer import Transfers
from .connection import Connection
from .ledger import Ledger

if TYPE_CHECKING:
    from ..local.in_process import InProcess

__all__ = ["DEFAULT_VERSION", "connect", "connect_local"]

DEFAULT_VERSION: Final = "v2026.2.LTS"
IN_PROCESS: Final = "http://local.invalid"
LEDGER: Final = "datasets.ndjson"
ACCESS_FILE: Final = "access.toml"


def connect(
    consumer: Consumer | None = None,
    version: str | None = None,
    *,
    url: str | None = None,
    learner_url: str | None = None,
    learner_token: LearnerToken | str | None = None,
    progress: bool = True,
) -> Connection:
    """Connect to Learnosity's Data API, or to any server of it, and to a learner analytics server.

    Parameters
    ----------
    consumer
        Who signs; read from ``LEARNOSITY_CONSUMER_KEY`` and
        ``LEARNOSITY_CONSUMER_SECRET`` when omitted. Calls on learners need none.
    version
        The API's version; ``LEARNOSITY_VERSION``, else v2026.2.LTS, when omitted.
    url
        Base URL of the service, such as ``http://127.0.0.1:8080`` of
        ``learnosity-nb serve``; Learnosity's own for ``LEARNOSITY_REGION`` (va)
        when omitted.
    learner_url, learner_token
        Where the learner analytics API is, such as
        ``https://example.org/api/v0``, and its token; ``LEARNER_API_URL`` and
        ``LEARNER_API_TOKEN`` when omitted.
    progress
        Whether long calls show a progress bar.

    Returns
    -------
    Connection

    Raises
    ------
    CredentialsError
        If there is neither a consumer nor a learner analytics server, or no
        token for that server.
    InputError
        If `consumer` is no Consumer, `version` is no version, an address cannot be
        used (it must be ``https://``; ``http://`` is for this machine), or
        ``LEARNOSITY_REGION`` is no region.
    """
    if consumer is not None and not isinstance(consumer, Consumer):
        raise InputError(f"consumer must be Consumer(key, secret), not a value of type {type(consumer).__name__}.")
    budget = RetryBudget()
    learner_api = _learner_api(learner_url, learner_token)
    api: DataApi | None = None
    try:
        who = Consumer.from_environment() if consumer is None else consumer
    except CredentialsError:
        if learner_api is None:
            raise
        name = learner_api.base_url
    else:
        base_url = hosted_url(setting("LEARNOSITY_REGION", "va")) if url is None else url
        api = DataApi(base_url, version or setting("LEARNOSITY_VERSION", DEFAULT_VERSION), who, budget=budget)
        name = f"{api.base_url}, consumer {who.key!r}"
    ledger = Ledger(platformdirs.user_state_path("learnosity_nb", appauthor=False) / LEDGER)
    return Connection(api, Transfers(budget=budget), ledger, name=name, progress=progress, learner_api=learner_api)


def connect_local(
    data: str | os.PathLike[str] | None = None,
    *,
    sessions: Any = None,
    learners: Any = None,
    engagement: Any = None,
    responses: Any = None,
    items: Any = None,
    state: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Connection:
    """Connect to a service in this process over your own data: no account, no server, no network.

    Parameters
    ----------
    data
        A data directory with ``sessions``, or ``learners`` and ``engagement``,
        each as ``.csv``, ``.parquet`` or ``.ndjson``.
    sessions : DataFrame or Arrow table
        Instead of a directory: one row per session with ``session_id``,
        ``user_id``, ``score``, ``max_score`` and, where known, ``status``,
        ``activity_id``, ``attempted_max_score`` and ``dt_completed``.
    learners : DataFrame or Arrow table
        One row per learner of a course: ``course_id``, ``username`` and, where
        known, ``name``, ``email``, ``enrollment_mode``, ``enrollment_date``,
        ``cohort``, ``enrolled``.
    engagement : DataFrame or Arrow table
        What the learners did: ``course_id``, ``username``, ``date``,
        ``entity_type``, ``event``, ``entity_id``, ``count``.
    responses, items : DataFrame or Arrow table
        What rescoring and subscores work from: ``session_id``, ``response_id``,
        ``score``, ``max_score`` of each response, and ``activity_id``,
        ``item_reference``, ``subscore_id``, ``subscore_title``.
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
        If the data cannot be used; every wrong cell of a table is named.
    StateError
        If the state directory cannot be used.
    """
    given = {
        "sessions": sessions,
        "learners": learners,
        "engagement": engagement,
        "responses": responses,
        "items": items,
    }
    frames = {name: frame for name, frame in given.items() if frame is not None}
    _check_sources(data, frames)
    directory = None if data is None else Path(data).expanduser()
    consumer, token = Consumer("local", secrets.token_urlsafe(32)), LearnerToken(secrets.token_urlsafe(32))
    opened = _open(directory, frames, consumer, token, None if state is None else Path(state).expanduser())
    transport = InProcessTransport(opened.app)
    # Nothing passes by waiting longer in one's own process, except another process's hold on the database.
    policy = RetryPolicy(attempts=3, base=0.05)
    return Connection(
        DataApi(IN_PROCESS, DEFAULT_VERSION, consumer, transport, policy=policy),
        Transfers(transport, policy=policy),
        Ledger(opened.state / LEDGER),
        name="local, in process" if directory is None else f"local, {directory}",
        progress=progress,
        learner_api=LearnerApi(IN_PROCESS, token, transport, policy=policy),
        on_close=_closing(transport, opened),
    )


def _open(
    directory: Path | None, frames: Mapping[str, Any], consumer: Consumer, token: LearnerToken, state: Path | None
) -> InProcess:
    """Open the service over a directory or frames, for one caller."""
    # It loads when it is used: a hosted analyst never needs it.
    from ..files.access import Access, ConsumerAccess, TokenAccess, read_access
    from ..local.in_process import open_in_process
    from ..local.tables import DirectoryTables, FrameTables

    tables = FrameTables(frames) if directory is None else DirectoryTables(directory)
    accounts = None
    if directory is not None and (directory / ACCESS_FILE).exists():
        accounts = read_access(directory / ACCESS_FILE).account_url_base
    callers = {consumer.key: ConsumerAccess(consumer.key, consumer.secret)}
    access = Access(callers, (TokenAccess(token.secret),), accounts)
    return open_in_process(tables, access, state=state, data=directory)


def _closing(transport: InProcessTransport, opened: InProcess) -> Callable[[], None]:
    """Return what closes the service; it ends by itself when nothing uses its transport any more."""
    # A connection and its datasets share the transport: the service ends when the last of them is gone.
    forgotten = weakref.finalize(transport, opened.close_soon)
    forgotten.atexit = False  # a process that ends leaves nothing open

    def close() -> None:
        forgotten.detach()
        opened.close()

    return close


def _learner_api(url: str | None, token: LearnerToken | str | None) -> LearnerApi | None:
    address = url or setting("LEARNER_API_URL", "")
    if not address:
        return None
    secret = token or setting("LEARNER_API_TOKEN", "")
    if not secret:
        raise CredentialsError(
            "No token for the learner API: LEARNER_API_TOKEN is not set in the environment. Set it, or pass "
            "learner_token=… to connect."
        )
    return LearnerApi(address, secret if isinstance(secret, LearnerToken) else LearnerToken(secret))


def _check_sources(data: object, frames: Mapping[str, Any]) -> None:
    if data is not None and not isinstance(data, (str, os.PathLike)):
        raise InputError(
            f"data is the path of a directory, not {type(data).__name__}. Pass a frame by its name: sessions=frame."
        )
    if (data is None) == (not frames):
        raise InputError(
            "Pass either a data directory or sessions=DataFrame to connect_local; or learners=DataFrame, with "
            "engagement=DataFrame or sessions=DataFrame beside it."
        )
    if frames.keys() & {"responses", "items"} and "sessions" not in frames:
        raise InputError("responses and items need sessions=DataFrame beside them.")
    if "engagement" in frames and "learners" not in frames:
        raise InputError("engagement needs learners=DataFrame beside it: course_id and username of each learner.")
