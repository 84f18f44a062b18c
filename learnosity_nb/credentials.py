"""Who is calling: the Learnosity consumer and the learner API's token.

This is the only module that reads the environment for them, and neither shows
its secret in a repr, a traceback, a pickle or a copy.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NoReturn

from .errors import CredentialsError

__all__ = ["Consumer", "LearnerToken", "Secret"]


class Secret:
    """A text that does not show itself; `reveal` gives it to the code that signs."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the secret text."""
        return self.__text

    def __repr__(self) -> str:
        return "<hidden>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.__text == other.reveal()

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __reduce__(self) -> NoReturn:
        raise CredentialsError("A secret is not pickled or copied: read it from the environment where it is needed.")


class Consumer:
    """A Learnosity consumer: the key and secret that sign Data API requests.

    Parameters
    ----------
    key
        The consumer key, as shown in the Learnosity console.
    secret
        The consumer's secret. Kept hidden; ``consumer.secret.reveal()`` gives it to the signer.
    domain
        The domain named in each signature; ``localhost`` is always allowed.

    Raises
    ------
    CredentialsError
        If the key or the secret is empty or not text.
    """

    __slots__ = ("domain", "key", "secret")

    def __init__(self, key: str, secret: str | Secret, domain: str = "localhost") -> None:
        # A traceback may show local variables: all is set, and the secret hidden, before the key is refused.
        self.key, self.domain = key, domain
        secret = secret if isinstance(secret, Secret) else Secret(_text("consumer secret", secret))
        self.secret = secret
        _text("consumer key", key)

    def __repr__(self) -> str:
        return f"Consumer(key={self.key!r}, secret=<hidden>, domain={self.domain!r})"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Consumer:
        """Return the consumer of ``LEARNOSITY_CONSUMER_KEY`` and ``LEARNOSITY_CONSUMER_SECRET``.

        Raises
        ------
        CredentialsError
            If either is absent; the message names them.
        """
        names = ("LEARNOSITY_CONSUMER_KEY", "LEARNOSITY_CONSUMER_SECRET")
        missing = [name for name in names if not setting(name, "", environment)]
        if missing:
            raise CredentialsError(
                f"No Learnosity consumer: {' and '.join(missing)} not set in the environment. Set "
                f"{'them' if len(missing) > 1 else 'it'}, or pass consumer=Consumer(key, secret). "
                "Without an account, use connect_local(...)."
            )
        return cls(setting(names[0], "", environment), setting(names[1], "", environment))


class LearnerToken:
    """The token that a learner analytics server asks for.

    Parameters
    ----------
    token
        The token's text. Kept hidden.
    """

    __slots__ = ("secret",)

    def __init__(self, token: str) -> None:
        self.secret = Secret(_text("learner API token", token))

    def __repr__(self) -> str:
        return "LearnerToken(<hidden>)"


def setting(name: str, default: str, environment: Mapping[str, str] | None = None) -> str:
    """Return an environment setting such as ``LEARNOSITY_REGION``, or its default."""
    found = os.environ if environment is None else environment
    return found.get(name) or default


def _text(what: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise CredentialsError(f"The {what} must be a text that is not empty.")
    return value
