"""Mentions as the encoder reads them: every word gets a type, words of one mention are joined."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from extractors.encoder import pieces, session
from extractors.encoder.pieces import TYPES

if TYPE_CHECKING:
    import numpy as np

    from extractors.encoder.pieces import Typed, Window, Word

SIZE = 200
_AT_ONCE = 3200
"""Word pieces of one call; more are cut into several."""


class Marked(NamedTuple):
    """A mention with the probability of its type, averaged over its words; offsets in code points."""

    start: int
    end: int
    label: str
    probability: float


class Tagging(NamedTuple):
    """The words that were read with the probability of each type (column 0: none), and the mentions they make."""

    words: "list[Word]"
    types: "np.ndarray[Any, Any]"
    mentions: list[Marked]

    def probability(self, start: int, end: int, label: str) -> float | None:
        """How likely it is, on average, that the words of this span are of this type; None if they were not read."""
        first = bisect_right(self.words, start, key=lambda word: word.end)
        last = bisect_left(self.words, end, key=lambda word: word.start)
        return float(self.types[first:last, TYPES.index(label) + 1].mean()) if first < last else None


def tagging(text: str, sentences: Sequence[tuple[int, int]], marks: "Sequence[Typed]") -> Tagging:
    """Read these sentences of a text; `marks` are the rules' hints."""
    import numpy as np

    words = [word for start, end in stretches(sentences) for word in pieces.words(text, start, end)]
    if not words:
        return Tagging([], np.zeros((0, len(TYPES) + 1), dtype=np.float32), [])
    windows = list(_windows(words, [end for _, end in sentences], pieces.word_types(words, marks)))
    scores = np.zeros((len(words), 2 * len(TYPES) + 1), dtype=np.float32)
    for batch in _batches(windows):
        found = session.tags(batch)
        for row, one in enumerate(batch):
            scores[one.first : one.first + len(one.places)] = found[row, one.places]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    types = np.concatenate([scores[:, :1], scores[:, 1::2] + scores[:, 2::2]], axis=1)
    return Tagging(words, types, _mentions(text, words, scores, types))


def _mentions(text: str, words: "list[Word]", scores: Any, types: Any) -> list[Marked]:
    best, begins = types.argmax(axis=1), scores[:, 1::2]
    runs: list[tuple[int, int, int]] = []
    for at, kind in enumerate(best):
        if kind == 0:
            continue
        goes_on = runs and runs[-1][1] == at and runs[-1][2] == kind
        if goes_on and begins[at, kind - 1] < 0.5 and "\n" not in text[words[at - 1].end : words[at].start]:
            runs[-1] = (runs[-1][0], at + 1, int(kind))
        else:
            runs.append((at, at + 1, int(kind)))
    return [
        Marked(words[a].start, words[b - 1].end, TYPES[kind - 1], float(types[a:b, kind].mean())) for a, b, kind in runs
    ]


def stretches(sentences: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sentences put together where nothing but blanks lies between them."""
    first: int | None = None
    last = -2
    for start, end in sentences:
        if first is not None and start > last + 3:
            yield first, last
            first = None
        first, last = start if first is None else first, end
    if first is not None:
        yield first, last


def _windows(words: "list[Word]", ends: list[int], types: list[int]) -> "list[Window]":
    """Windows of whole sentences; a sentence that is too long is cut."""
    breaks, at = [], 0
    for index, word in enumerate(words):
        moved = False
        while at < len(ends) and word.start >= ends[at]:
            at += 1
            moved = True
        if moved:
            breaks.append(index)
    found, first, last, length = [], 0, 0, 0
    for stop in [*breaks, len(words)]:
        size = sum(len(word.ids) for word in words[last:stop])
        if length and length + size > SIZE:
            found.append((first, last))
            first, length = last, 0
        last, length = stop, length + size
    found.append((first, last))
    return [
        pieces.window(words, first + a, first + b, types)
        for first, last in found
        for a, b in pieces.stretches(words[first:last], pieces.LONGEST, 0)
    ]


def _batches(windows: "list[Window]") -> "list[list[Window]]":
    batches: list[list[Window]] = [[]]
    for one in sorted(windows, key=lambda window: len(window.ids)):
        if batches[-1] and (len(batches[-1]) + 1) * len(one.ids) > _AT_ONCE:
            batches.append([])
        batches[-1].append(one)
    return batches
