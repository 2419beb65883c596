"""The registry: what can be registered and in which order extractors run."""

from collections.abc import Iterator
from typing import Any

import pytest

from extractors import registry
from schemas import Record
from schemas.errors import ExtractorRefused


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


class Word(Record):
    text: str


def make(name: str, requires: tuple[str, ...] = ()) -> None:
    def find(doc: Any) -> Iterator[Word]:
        yield Word(start=0, end=1, text=name)

    find.__qualname__ = name
    registry.extractor(name, version="1", record=Word, requires=requires)(find)


def test_extractors_come_after_those_they_require() -> None:
    make("lawsuits", ("courts",))
    make("courts")
    assert [one.name for one in registry.registered()] == ["courts", "lawsuits"]


@pytest.mark.parametrize("name", ["Deals", "two words", "1st", "drop table", ""])
def test_a_name_that_is_no_table_name_is_refused(name: str) -> None:
    with pytest.raises(ExtractorRefused, match="SQL table"):
        make(name)


def test_a_taken_name_is_refused() -> None:
    make("courts")

    def other(doc: Any) -> Iterator[Word]:
        yield from ()

    with pytest.raises(ExtractorRefused, match="taken"):
        registry.extractor("courts", version="1", record=Word)(other)


def test_a_missing_or_circular_requirement_is_refused() -> None:
    make("a", ("b",))
    with pytest.raises(ExtractorRefused, match="not registered"):
        registry.registered()
    make("b", ("a",))
    with pytest.raises(ExtractorRefused, match="itself"):
        registry.registered()
