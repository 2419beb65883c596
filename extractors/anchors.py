"""Windows: the stretches of a text around cheap anchor strings, where an expensive pattern is worth trying."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


class Anchors:
    """A set of strings whose places in a text are found in one pass, built when first used."""

    def __init__(self, strings: Iterable[str]) -> None:
        self._strings = tuple(strings)
        self._matcher: AhoCorasick | None = None

    def windows(self, text: str, *, before: int, after: int, more: Sequence[int] = ()) -> Iterator[tuple[int, int]]:
        """Stretches that reach `before` and `after` code points around the anchors and the places in `more`, in order.

        They do not overlap and do not cut a word in two.
        """
        if self._matcher is None:
            from ahocorasick_rs import AhoCorasick

            self._matcher = AhoCorasick(self._strings)
        places = [at for _, at, _ in self._matcher.find_matches_as_indexes(text)]
        if more:
            places = sorted((*places, *more))
        if not places:
            return
        start, end = places[0] - before, places[0] + after
        for at in places:
            if at - before > end:
                yield _whole(text, start, end)
                start = at - before
            end = at + after
        yield _whole(text, start, end)


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    start, end = max(0, start), min(len(text), end)
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end
