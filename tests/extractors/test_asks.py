"""An extractor that uses the text alone is known by its source."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from extractors.asks import text_alone


def reads_text(doc: Any) -> Iterator[str]:
    for word in doc.text.split():
        yield doc.text[0] + word


def reads_text_inside(doc: Any) -> list[str]:
    return [letter for letter in (lambda: doc.text)() if letter in doc.text]


def reads_tokens(doc: Any) -> Iterator[str]:
    for token in doc:
        yield token.text


def reads_spans(doc: Any) -> list[str]:
    return [doc.text, *doc.spans["companies"]]


def hands_on(doc: Any) -> Iterator[str]:
    yield doc.text
    yield from reads_tokens(doc)


def looks_around(doc: Any) -> list[str]:
    return [doc.text, str(locals())]


def rebinds(doc: Any) -> list[str]:
    doc = [doc.text]
    return list(doc)


@functools.wraps(reads_text)
def wrapped(doc: Any) -> list[str]:
    return [*reads_text(doc), *doc.ents]


class Reader:
    def __call__(self, doc: Any) -> list[str]:
        return [doc.text]


@pytest.mark.parametrize(
    ("function", "alone"),
    [
        (reads_text, True),
        (reads_text_inside, True),
        (reads_tokens, False),
        (reads_spans, False),
        (hands_on, False),
        (looks_around, False),
        (rebinds, False),
        (wrapped, False),
        (Reader(), False),
        (len, False),
    ],
)
def test_only_what_uses_nothing_but_the_text_asks_for_it_alone(function: Callable[..., Any], alone: bool) -> None:
    assert text_alone(function) is alone
