"""The signed request with which the vendor's Reports API shows a dataset in a web page.

sessions-summary-by-group, "Initialize Reports API"; the signature is that of the
vendor's own SDKs, scheme ``$02$``.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..credentials import Consumer
from ..errors import InputError, shorten
from ..wire.signing import request_text, timestamp

__all__ = ["ReportRequest", "sign_report"]


class ReportRequest(dict[str, Any]):
    """The init object of a report: a dict of ``security`` and ``request`` whose repr shows no signature.

    ``json()`` is what ``LearnosityReports.init`` takes. It works for the web
    page's domain only, and as long as the vendor takes its timestamp.
    """

    def __repr__(self) -> str:
        reports = ", ".join(
            f"{report['type']} {report['dataset_id']} {report['group_path']}" for report in self["request"]["reports"]
        )
        return f"ReportRequest({reports}, for {self['security']['domain']!r}, signature hidden)"

    __str__ = __repr__

    def json(self) -> str:
        """Return the init object as JSON, as the vendor's SDK writes it."""
        return json.dumps(self)


def sign_report(
    consumer: Consumer,
    dataset_type: str,
    dataset_id: str,
    group_path: Sequence[str],
    *,
    domain: str,
    report_id: str,
    moment: datetime,
) -> ReportRequest:
    """Return the signed init object of a report on a dataset.

    Parameters
    ----------
    consumer
        The account that has the dataset.
    dataset_type, dataset_id
        The dataset; the report has the same type.
    group_path
        The group that is shown first.
    domain
        Host name of the web page.
    report_id
        ``id`` of the element of the page that the report fills.
    moment
        When it is signed.

    Raises
    ------
    InputError
        If the domain or the id is no text, or a name cannot be written as JSON.
    """
    for name, value in (("domain", domain), ("report_id", report_id)):
        if not isinstance(value, str) or not value.strip():
            raise InputError(f"{name} must be a text that is not empty, not {shorten(value)}.")
    report = {"id": report_id, "type": dataset_type, "dataset_id": dataset_id, "group_path": list(group_path)}
    request = {"reports": [report]}
    stamp = timestamp(moment)
    message = "_".join((consumer.key, domain, stamp, request_text(request))).encode()
    signature = hmac.digest(consumer.secret.reveal().encode(), message, "sha256").hex()
    security = {
        "consumer_key": consumer.key,
        "domain": domain,
        "timestamp": stamp,
        "signature": f"$02${signature}",
    }
    return ReportRequest(security=security, request=request)
