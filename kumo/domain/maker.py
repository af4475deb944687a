"""Named tuples made from names, in the time that places take."""

from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

Fields = ParamSpec("Fields")
Made = TypeVar("Made", bound=tuple[Any, ...])


def maker(kind: Callable[Fields, Made]) -> Callable[Fields, Made]:
    """Return what makes a named tuple of a class.

    To call the class by names puts them into a dict first, which takes twice the time; its `__new__` takes them as they
    are. Several are made for each entry that is judged, and one for each row of a bill.
    """
    make: Any = partial(kind.__new__, kind)  # type: ignore[type-var,arg-type]  # mypy takes it for a function
    return cast("Callable[Fields, Made]", make)
