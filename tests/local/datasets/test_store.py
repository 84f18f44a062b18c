from __future__ import annotations

from uuid import uuid4

import pytest

from learnosity_nb.local.datasets.parameters import read_parameters
from learnosity_nb.local.datasets.store import Part
from learnosity_nb.local.refusals import Refusal

TYPE = "sessions-summary-by-group"


@pytest.fixture
def store(desk):
    return desk.service.datasets


@pytest.fixture
def parameters():
    return read_parameters({"dataset_type": TYPE, "file_count": 2, "groups": [{"key": "a"}]})


@pytest.fixture
def dataset_id(store, parameters) -> str:
    made = str(uuid4())
    store.add(made, "key", parameters)
    return made


def test_a_dataset_is_found_as_it_was_added(store, dataset_id, parameters) -> None:
    found = store.find(dataset_id)
    assert (found.dataset_id, found.consumer, found.parameters) == (dataset_id, "key", parameters)
    assert (found.job_reference, found.current_attempt) == (None, None)
    assert store.find(str(uuid4())) is None
    assert store.get(dataset_id, "key", TYPE) == found


def test_adding_the_same_again_changes_nothing_and_another_is_refused(store, dataset_id, parameters) -> None:
    store.add(dataset_id, "key", parameters)
    other = read_parameters({"dataset_type": TYPE, "file_count": 3, "groups": [{"key": "a"}]})
    for consumer, changed in (("bare", parameters), ("key", other)):
        with pytest.raises(Refusal) as raised:
            store.add(dataset_id, consumer, changed)
        assert raised.value.code == 20011
    assert store.find(dataset_id).consumer == "key"


@pytest.mark.parametrize(("consumer", "dataset_type"), [("bare", TYPE), ("key", "another-type")])
def test_what_is_not_the_callers_looks_absent(store, dataset_id, consumer, dataset_type) -> None:
    with pytest.raises(Refusal) as raised:
        store.get(dataset_id, consumer, dataset_type)
    with pytest.raises(Refusal) as absent:
        store.get(unknown := str(uuid4()), "key", dataset_type)
    assert raised.value.code == absent.value.code == 20012
    assert raised.value.message == absent.value.message.replace(unknown, dataset_id)


def test_a_part_replaces_the_earlier_one_of_its_number(store, dataset_id) -> None:
    first, second, other = (Part(number, name, {"lines": 1}) for number, name in ((1, "a"), (1, "b"), (0, "c")))
    with store.database.transaction() as connection:
        assert [store.put_part(dataset_id, part, connection) for part in (first, other, second)] == [None, None, "a"]
    assert store.parts(dataset_id) == [other, second]
    assert store.parts(str(uuid4())) == []


def test_what_a_transaction_notes_is_stored_with_it_or_not_at_all(store, dataset_id) -> None:
    def note_and_fail() -> None:
        with store.database.transaction() as connection:
            store.set_attempt(dataset_id, "attempt", connection)
            assert store.find(dataset_id, connection).current_attempt == "attempt"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        note_and_fail()
    assert store.find(dataset_id).current_attempt is None
