"""The registry of extractors: functions from a spaCy `Doc` to records, each with a name, a version and a table."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from schemas.errors import ExtractorRefused
from schemas.record import Record

if TYPE_CHECKING:
    from spacy.tokens import Doc

R = TypeVar("R", bound=Record)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Extractor:
    """One registered extractor. `function` is called once an article, after the extractors in `requires`."""

    name: str
    version: str
    record: type[Record]
    table: str
    function: "Callable[[Doc], Iterable[Record]]"
    requires: tuple[str, ...] = ()


_registered: dict[str, Extractor] = {}


def extractor(
    name: str, *, version: str, record: type[R], table: str | None = None, requires: tuple[str, ...] = ()
) -> "Callable[[Callable[[Doc], Iterable[R]]], Callable[[Doc], Iterable[R]]]":
    """Register a function as the extractor `name`; its records go to the table of that name.

    Raises `ExtractorRefused` if the name is taken or is no SQL identifier.
    """

    def register(function: "Callable[[Doc], Iterable[R]]") -> "Callable[[Doc], Iterable[R]]":
        add(Extractor(name, version, record, table or name, function, requires))
        return function

    return register


def add(new: Extractor) -> None:
    """Put an extractor into the registry; registering the very same function again is allowed."""
    if not _NAME.fullmatch(new.name):
        raise ExtractorRefused(new.name, "use lower-case letters, digits and _ in the name; it names an SQL table")
    old = _registered.get(new.name)
    if old and old.function.__qualname__ != new.function.__qualname__:
        raise ExtractorRefused(new.name, f"the name is taken by {old.function.__module__}; choose another")
    _registered[new.name] = new


def registered() -> tuple[Extractor, ...]:
    """All extractors, each after those it requires, else in order of registration.

    Raises `ExtractorRefused` if one requires an extractor that is not there, or itself.
    """
    ordered: dict[str, Extractor] = {}

    def place(one: Extractor, above: tuple[str, ...]) -> None:
        if one.name in ordered:
            return
        for need in one.requires:
            if need in above or need == one.name:
                raise ExtractorRefused(one.name, f"it requires itself by way of {need!r}")
            if need not in _registered:
                raise ExtractorRefused(one.name, f"it requires {need!r}, which is not registered")
            place(_registered[need], (*above, one.name))
        ordered[one.name] = one

    for one in list(_registered.values()):
        place(one, ())
    return tuple(ordered.values())
