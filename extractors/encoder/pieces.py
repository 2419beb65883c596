"""Texts as the encoder reads them: word pieces with their casing and with the type of the mention they lie in."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TYPES = ("COMPANY", "MONEY", "CHIP", "MODEL", "CAPACITY", "OUTLET")
"""Types of mentions; in the input 0 is none, then these from 1."""
LONGEST = 510
"""Word pieces in a window, without the two that frame it; the encoder knows 512 positions."""
_WORD = re.compile(r"\w+(?:[.,]\d+)*|[^\w\s]")
START, END, _UNKNOWN = 101, 102, 100

Typed = tuple[int, int, int]
"""Start and end in code points, and an index into `TYPES` plus one."""


class Word(NamedTuple):
    """One word: its place in the text, its pieces, its casing (0 lower, 1 Title, 2 CAPITALS, 3 mixed)."""

    start: int
    end: int
    ids: tuple[int, ...]
    casing: int


class Window(NamedTuple):
    """What one call of the encoder sees. `places[i]` is the first piece of word `first + i`."""

    ids: list[int]
    casing: list[int]
    types: list[int]
    places: list[int]
    first: int


def words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of a stretch of text; offsets count from the text's beginning."""
    spans = [found.span() for found in _WORD.finditer(text, start, len(text) if end is None else end)]
    if not spans:
        return []
    printed = [text[a:b] for a, b in spans]
    coded = _tokenizer().encode(printed, is_pretokenized=True, add_special_tokens=False)
    ids: list[list[int]] = [[] for _ in spans]
    for piece, word in zip(coded.ids, coded.word_ids, strict=True):
        if word is not None:
            ids[word].append(piece)
    return [
        Word(a, b, tuple(pieces) or (_UNKNOWN,), _casing(word))
        for (a, b), pieces, word in zip(spans, ids, printed, strict=True)
    ]


def window(given: Sequence[Word], first: int, last: int, types: Sequence[int]) -> Window:
    """The words from `first` up to `last`; `types` holds a type a word of `given`."""
    ids, casing, kinds, places = [START], [0], [0], []
    for index in range(first, last):
        word = given[index]
        places.append(len(ids))
        ids += word.ids
        casing += [word.casing] * len(word.ids)
        kinds += [types[index]] * len(word.ids)
    return Window([*ids, END], [*casing, 0], [*kinds, 0], places, first)


def word_types(given: Sequence[Word], marks: Sequence[Typed]) -> list[int]:
    """For each word the type of the mark that it begins in, else 0. `marks` are sorted and do not overlap."""
    types = [0] * len(given)
    at = 0
    for index, word in enumerate(given):
        while at < len(marks) and marks[at][1] <= word.start:
            at += 1
        if at < len(marks) and marks[at][0] <= word.start:
            types[index] = marks[at][2]
    return types


def stretches(given: Sequence[Word], size: int, back: int) -> Iterator[tuple[int, int]]:
    """Runs of words of at most `size` pieces that cover all, each beginning `back` words before the last one's end."""
    first = 0
    while first < len(given):
        last, length = first, 0
        while last < len(given) and length + len(given[last].ids) <= size:
            length += len(given[last].ids)
            last += 1
        last = max(last, first + 1)
        yield first, last
        if last >= len(given):
            return
        first = max(first + 1, last - back)


def _casing(word: str) -> int:
    if word.islower() or not any(map(str.isalpha, word)):
        return 0
    if word.isupper() and len(word) > 1:
        return 2
    return 1 if word[0].isupper() and (len(word) == 1 or word[1:].islower()) else 3 if word != word.lower() else 0


@cache
def _tokenizer() -> "Tokenizer":
    from tokenizers import Tokenizer

    found = Tokenizer.from_str((files("extractors.encoder") / "tokenizer.json").read_text("utf-8"))
    found.no_padding()
    found.no_truncation()
    return found
