from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import pytest

import learnosity_nb

HEAVY = [
    "httpx",
    "werkzeug",
    "altair",
    "ipywidgets",
    "pyarrow",
    "pandas",
    "numpy",
    "msgspec",
    "click",
    "tqdm",
    "sqlite3",
]
MODULES = sorted(module.name for module in pkgutil.walk_packages(learnosity_nb.__path__, "learnosity_nb."))


def run(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", learnosity_nb.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(learnosity_nb, name) is not None


def test_the_public_names_are_sorted_and_few() -> None:
    assert sorted(set(learnosity_nb.__all__)) == learnosity_nb.__all__
    assert len(learnosity_nb.__all__) < 50
    assert all(name == "__version__" or not name.startswith("_") for name in learnosity_nb.__all__)


def test_the_names_an_analyst_types_are_public() -> None:
    typed = {
        "connect",
        "connect_local",
        "summarize_groups",
        "summarize_users",
        "truncate_summary",
        "to_csv",
        "sample_world",
    }
    assert typed | {"Consumer", "JobReference", "JobBatch", "InputError"} <= set(learnosity_nb.__all__)


def test_dir_lists_the_public_names() -> None:
    assert dir(learnosity_nb) == learnosity_nb.__all__


def test_a_star_import_brings_every_public_name() -> None:
    found: dict[str, object] = {}
    exec("from learnosity_nb import *", found)
    assert set(learnosity_nb.__all__) <= set(found)


def test_an_unknown_name_is_an_attribute_error_that_says_so() -> None:
    with pytest.raises(AttributeError, match="module 'learnosity_nb' has no attribute 'conect'"):
        _ = learnosity_nb.conect


def test_importing_the_package_loads_no_heavy_library() -> None:
    done = run(f"import sys, json, learnosity_nb; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))")
    assert json.loads(done.stdout) == [], done.stderr


def test_importing_the_package_loads_three_modules_of_its_own() -> None:
    listed = "[name for name in sys.modules if 'learnosity_nb' in name]"
    done = run(f"import sys, json, learnosity_nb; print(json.dumps({listed}))")
    rooms = {"learnosity_nb", "learnosity_nb.credentials", "learnosity_nb.errors"}
    assert {name for name in json.loads(done.stdout) if not name.startswith("__editable__")} == rooms, done.stderr


def test_tab_completion_offers_calls() -> None:
    with learnosity_nb.connect_local(sessions=learnosity_nb.sample_world(learners=5).sessions) as lrn:
        offered = {name for name in dir(lrn) if not name.startswith("_")}
        assert {"build_dataset", "jobs", "learners", "sessions", "wait"} <= offered
        assert not offered & {"api", "learner_api", "transfers"}
        assert {name for name in offered if not callable(getattr(lrn, name))} == {"progress"}


def test_a_repr_is_one_line_that_names_the_kind() -> None:
    world = learnosity_nb.sample_world(learners=5)
    with learnosity_nb.connect_local(sessions=world.sessions, progress=False) as lrn:
        dataset = lrn.build_dataset(world.roster, ["district"], ["population"])
        things = [lrn, dataset, world, learnosity_nb.Consumer("k", "s"), *dataset.levels]
        for thing in things:
            assert repr(thing).startswith(f"{type(thing).__name__}(")
            assert "\n" not in repr(thing)
            assert len(repr(thing)) < 200
            assert " at 0x" not in repr(thing)


def test_the_light_names_stay_light() -> None:
    code = "import sys, learnosity_nb as lnb; lnb.Consumer('k', 's'); lnb.InputError('x'); lnb.JobReference('r')"
    done = run(f"{code}; import json; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))")
    assert json.loads(done.stdout) == [], done.stderr


def test_a_summary_needs_neither_client_nor_service() -> None:
    rooms = ["learnosity_nb.wire", "learnosity_nb.local", "httpx", "werkzeug"]
    done = run(
        f"import sys, json, learnosity_nb; learnosity_nb.summarize_groups; "
        f"print(json.dumps([name for name in {rooms} if name in sys.modules]))"
    )
    assert json.loads(done.stdout) == [], done.stderr


def test_building_a_dataset_loads_neither_charts_nor_widgets() -> None:
    rooms = ["altair", "ipywidgets", "learnosity_nb.charts", "learnosity_nb.pages.page"]
    done = run(
        "import sys, json, learnosity_nb as lnb\n"
        "world = lnb.sample_world(learners=5)\n"
        "with lnb.connect_local(sessions=world.sessions, progress=False) as lrn:\n"
        "    lrn.build_dataset(world.roster, ['district']).walk()\n"
        f"print(json.dumps([name for name in {rooms} if name in sys.modules]))"
    )
    assert json.loads(done.stdout) == [], done.stderr


@pytest.fixture(scope="module")
def imported() -> subprocess.CompletedProcess[str]:
    """Import every module in one process, but those that run on import, such as `__main__`; then look around.

    It says whether `connect` and `connect_local` can be called, whether Altair is as it was before, and whether
    vl-convert was loaded.
    """
    names = [name for name in MODULES if not name.endswith("__main__")]
    assert len(names) > 60
    code = f"""
import importlib, sys
import altair as alt
def altairs(): return alt.theme.active, alt.theme.names(), alt.renderers.active, alt.data_transformers.active
before = altairs()
for name in {names}: importlib.import_module(name)
import learnosity_nb as lnb
print(callable(lnb.connect), callable(lnb.connect_local), altairs() == before, "vl_convert" in sys.modules)
"""
    return run(code, "-W", "error")


def test_no_module_prints_or_warns_on_import(imported: subprocess.CompletedProcess[str]) -> None:
    assert (imported.returncode, len(imported.stdout.splitlines()), imported.stderr) == (0, 1, "")


def test_connect_is_a_function_whatever_was_imported_before(imported: subprocess.CompletedProcess[str]) -> None:
    assert imported.stdout.split()[:2] == ["True", "True"]


def test_importing_charts_changes_nothing_of_altairs(imported: subprocess.CompletedProcess[str]) -> None:
    assert imported.stdout.split()[2:] == ["True", "False"]


def test_the_version_is_the_one_of_the_distribution() -> None:
    assert learnosity_nb.__version__.count(".") == 2
