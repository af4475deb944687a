import inspect
import pickle

import pytest

from kumo import errors
from kumo.errors import FieldError, InvalidEntryError, KumoError, StoreUnavailableError

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
RAISED = [kind for kind in CLASSES if issubclass(kind, Exception)]


@pytest.mark.parametrize("kind", RAISED)
def test_every_error_is_of_the_one_tree_and_says_when_it_is_raised(kind: type[Exception]) -> None:
    assert issubclass(kind, KumoError)
    assert kind.__doc__
    assert len(kind.__doc__) > 20


def test_an_invalid_entry_names_every_field_at_fault() -> None:
    error = InvalidEntryError([FieldError("amount", "must be finite", 3), FieldError("currency", "is unknown")])
    assert str(error) == "[3].amount: must be finite; currency: is unknown"
    assert [entry.field for entry in error.errors] == ["amount", "currency"]


def test_what_is_wrong_with_the_whole_names_no_field() -> None:
    assert str(FieldError("", "must be an object")) == "must be an object"
    assert str(FieldError("", "must be an object", 1)) == "[1]: must be an object"


def test_an_unavailable_store_says_when_to_come_back() -> None:
    assert StoreUnavailableError().retry_after == 1
    assert StoreUnavailableError("It loads.", retry_after=5).retry_after == 5


@pytest.mark.parametrize(
    "error",
    [InvalidEntryError([FieldError("amount", "is missing")]), StoreUnavailableError("x", 7)],
)
def test_errors_survive_the_way_to_another_process(error: KumoError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.__dict__) == (str(error), error.__dict__)
