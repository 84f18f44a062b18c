"""A pytest plugin: what any test logs (at DEBUG), prints or warns of is searched for every secret the tests use.

``PYTHONPATH=tests/faults python -m pytest -p canaries`` runs the default suite so; a secret that was shown fails the
run and is named by the test that showed it. Secrets are learnt where they are hidden, in `Secret`, the random ones too;
signatures and pre-signed queries are known by their form. Ordinary words that stand for a secret in some tests, such as
``"secret"``, say nothing where they occur, and are left out.
"""

from __future__ import annotations

import json
import logging
import os
import re
import traceback
import warnings
from pathlib import Path

import pytest

from learnosity_nb.credentials import Secret
from learnosity_nb.wire.quiet import quieten_loggers

SHORTEST = 12
FOREIGN = "urllib3"  # logs the addresses that other people's clients call, which some tests compare with
SIGNED = re.compile(r"Signature=[A-Za-z0-9%+/_-]{8}|\$02\$[0-9a-f]{16}")
WORD = re.compile(r"[\w-]{12,}", re.ASCII)
FIGURE = "texts of the default tests (logs, output, warnings) searched for secrets"


class Canaries(logging.Handler):
    """Collects texts with the test they are of, and searches them when all tests have run."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.test = "collection"
        self.secrets: set[str] = set()
        self.texts: dict[str, list[str]] = {}
        self.searched = 0

    def learn(self, text: object) -> None:
        if isinstance(text, str) and len(text) >= SHORTEST:
            self.secrets.add(text)

    def keep(self, text: str) -> None:
        if text:
            self.texts.setdefault(self.test, []).append(text)
            self.searched += 1

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(FOREIGN):
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told = [record.getMessage(), repr(record.args)]
            if record.exc_info:
                told += traceback.format_exception(*record.exc_info)
        self.keep("\n".join(told))

    def found(self) -> list[str]:
        """Return where a secret or a signature was shown, without showing it again."""
        whole = {secret for secret in self.secrets if WORD.fullmatch(secret)}
        phrases = self.secrets - whole
        hits = []
        for test, texts in self.texts.items():
            text = "\n".join(texts)
            shown = whole.intersection(WORD.findall(text)) | {phrase for phrase in phrases if phrase in text}
            hits += [f"{test}: a secret of {len(secret)} characters, {secret[:3]}…" for secret in sorted(shown)]
            hits += [f"{test}: {signed[0][:16]}…" for signed in SIGNED.finditer(text)]
        return hits

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self.seen_by_tests = session.config.pluginmanager.get_plugin("logging-plugin").caplog_handler

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.test = nodeid
        logging.getLogger().addHandler(self)  # some tests set up logging anew
        logging.getLogger().setLevel(logging.DEBUG)
        self.seen_by_tests.setLevel(logging.WARNING)  # unless they ask for more, as without this plugin

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            for name, text in report.sections:
                if "stdout" in name or "stderr" in name:
                    self.keep(text)

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        self.keep(str(warning_message.message))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.found():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif "LNB_FIGURES" in os.environ:
            path = Path(os.environ["LNB_FIGURES"])
            counted = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
            path.write_text(json.dumps({**counted, FIGURE: self.searched}), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("canaries")
        terminalreporter.line(f"{self.searched:,} texts searched for {len(self.secrets):,} secrets")
        for hit in self.found():
            terminalreporter.line(hit, red=True)


def pytest_configure(config: pytest.Config) -> None:
    quieten_loggers()  # as the package's clients do: some tests call the service by a bare client of their own
    canaries = Canaries()
    hide = Secret.__init__

    def learning(secret: Secret, text: str) -> None:
        canaries.learn(text)
        hide(secret, text)

    Secret.__init__ = learning
    config.pluginmanager.register(canaries)
