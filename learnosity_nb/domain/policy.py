"""Choices that no public text of the services settles, each a named constant.

Change one here and every room follows. The documentation lists them under
"not specified publicly".
"""

from __future__ import annotations

from typing import Final

GROUP_ID_ASCII: Final = True
"""Characters outside ASCII are written as ``\\uXXXX`` in the text whose md5 is a group's id."""

ROOT_GROUP_NAME: Final = ""
"""Name of the root group, whose path is empty."""

DEFAULT_SORT_FIELD: Final = "population"
"""Groups are sorted by this field when the dataset names none and has it; else by its first field."""

ROWS_PER_PAGE: Final = 1000
"""Rows of one group file."""

COUNTED_STATUS: Final = "Completed"
"""Sessions with another status do not count in a summary."""

SCORE_PLACES: Final = 2
"""Decimals of the service's mean, median, percentile and standard deviation of scores, truncated."""

PERCENT_PLACES: Final = 11
"""Decimals of the service's percent statistics, truncated."""

SIGNIFICANT_DIGITS: Final = 15
"""A figure is first taken at this many significant digits, so that 0.29 * 100 is 29."""

STDDEV_DEGREES: Final = 1
"""Degrees of freedom taken off in a standard deviation: the sample formula."""

DATASET_JOB_TYPE: Final = "reportdataset"
"""``type`` of the job that compiles a dataset."""

SUBSCORES_JOB_TYPE: Final = "sessionsubscores"
"""``type`` of the job that works out subscores of sessions."""

STATUSES_JOB_TYPE: Final = "sessionstatuses"
"""``type`` of the job that changes statuses of sessions."""

METADATA_JOB_TYPE: Final = "sessionmetadata"
"""``type`` of the job that sets metadata of sessions."""

LATEST_SESSION_BY: Final = ("dt_completed", "session_id")
"""Of a user's sessions of one activity, the one that is last by these columns counts in an activity summary."""

SESSIONS_ORDER: Final = "asc"
"""How the sessions endpoints sort by the time of the last update when a request does not say."""

SIGNATURE_PAST_HOURS: Final = 168
"""How old a signature's timestamp may be."""

SIGNATURE_FUTURE_HOURS: Final = 1
"""How far ahead of the server's clock a signature's timestamp may be."""

PRESIGNED_SECONDS: Final = 3600
"""How long a pre-signed URL can be used."""

MAX_ATTEMPTS: Final = 3
"""A job whose worker died this often, while its server lived, is halted."""

SMALL_GROUP: Final = 10
"""Comparisons note groups of fewer users with a value than this."""
