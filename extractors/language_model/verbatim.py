"""Words that somebody says stand in a text: whether they do, and where."""

import re
from collections.abc import Iterator

from extractors.spans import Span

_SIGNS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "-", "—": "-"})
_BLANKS = re.compile(r"\s+")


class Verbatim:
    """A text that is searched letter by letter, but for the form of quotation marks, dashes and blanks."""

    def __init__(self, text: str) -> None:
        plain: list[str] = []
        self._places: list[int] = []
        at = 0
        for blank in _BLANKS.finditer(text):
            plain += (text[at : blank.start()], " ")
            self._places += range(at, blank.start() + 1)
            at = blank.end()
        plain.append(text[at:])
        self._places += range(at, len(text) + 1)
        # One sign for one sign, so places stay what they are.
        self._plain = "".join(plain).translate(_SIGNS)

    def places(self, words: str) -> Iterator[Span]:
        """Where the words stand as whole words, in code points of the text, in order."""
        wanted = " ".join(words.split()).translate(_SIGNS)
        if not wanted:
            return
        for found in re.finditer(rf"(?<!\w){re.escape(wanted)}(?!\w)", self._plain):
            yield self._places[found.start()], self._places[found.end() - 1] + 1
