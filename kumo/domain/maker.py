"""Fast constructors of named tuples with arguments by name."""

from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

Fields = ParamSpec("Fields")
Made = TypeVar("Made", bound=tuple[Any, ...])


def maker(kind: Callable[Fields, Made]) -> Callable[Fields, Made]:
    """Return a constructor of a named tuple class.

    Calling the class with names first puts them into a dict, which takes twice the time; its `__new__` takes them
    directly. Several are made for each judged entry, and one for each row of a bill.
    """
    make: Any = partial(kind.__new__, kind)  # type: ignore[type-var,arg-type]  # mypy takes it for a function
    return cast("Callable[Fields, Made]", make)
