from __future__ import annotations

import pytest

from learnosity_nb.local.datasets.files import FilePath, input_path, output_path, parse_path

DATASET = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
GROUP = "d751713988987e9331980363e24189ce"
TYPE = "sessions-summary-by-group"


@pytest.mark.parametrize(("organisation", "digits"), [(None, "0000"), (34, "0034"), (123456, "123456")])
def test_paths_are_those_of_the_specifications_urls(organisation, digits) -> None:
    put, got = input_path(organisation, TYPE, DATASET, 99), output_path(organisation, TYPE, DATASET, GROUP, 12)
    assert put == f"/reports/{digits}/{TYPE}/{DATASET}/infiles/99.ndjson"
    assert got == f"/reports/{digits}/{TYPE}/{DATASET}/outfiles/{GROUP}_12.json"
    assert parse_path(put) == FilePath(DATASET, 99, None, 1)
    assert parse_path(got) == FilePath(DATASET, None, GROUP, 12)


def test_file_0_is_a_file() -> None:
    assert parse_path(input_path(1, TYPE, DATASET, 0)) == FilePath(DATASET, 0, None, 1)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/reports",
        f"/reports/0001/{TYPE}/{DATASET}/infiles/0.ndjson/",
        f"/reports/0001/{TYPE}/{DATASET}/infiles/../0.ndjson",
        f"/reports/0001/{TYPE}/../../etc/passwd",
        f"/reports/001/{TYPE}/{DATASET}/infiles/0.ndjson",
        f"/reports/0001/{TYPE}/{DATASET}/infiles/1000.ndjson",
        f"/reports/0001/{TYPE}/{DATASET}/outfiles/{GROUP}_0.json",
        f"/reports/0001/{TYPE}/{DATASET}/outfiles/{GROUP.upper()}_1.json",
        f"/reports/0001/{TYPE}/{DATASET.upper()}/outfiles/{GROUP}_1.json",
        f"/reports/0001/{TYPE}/{DATASET}/outfiles/{GROUP}_1.json\n",
    ],
)
def test_every_other_path_names_nothing(path) -> None:
    assert parse_path(path) is None
