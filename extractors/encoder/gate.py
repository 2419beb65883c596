"""The gate: which sentences the encoder is asked about; one whose every capital is accounted for has no news for it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from extractors.catalog import words
from extractors.spans import Span, Taken

_WORD = re.compile(r"[^\W_][\w’'.+-]*[\w+]|[^\W_]")


def asked(text: str, sentences: Sequence[Span], explained: Iterable[Span], doubtful: Iterable[Span] = ()) -> list[Span]:
    """The sentences with a word that may be or belong to a name and lies in none of the `explained` spans.

    `doubtful`: words that are a name or open a sentence: `Apple has …`.
    """
    taken, unclear = Taken(explained), Taken(doubtful)
    return [span for span in sentences if unclear.touches(*span) or any(_open(text, span, taken))]


def _open(text: str, span: Span, taken: Taken) -> Iterator[bool]:
    first, person = True, False
    for match in _WORD.finditer(text, *span):
        word = match[0]
        if word.endswith(("'s", "’s")):
            word = word[:-2]
        named = not word.islower() and any(map(str.isalpha, word))
        if not named or taken.touches(match.start(), match.end()):
            person = False
        elif person:
            # The rest of a person's name.
            pass
        elif word in words("first_names"):
            person = True
        elif (
            word.lower() not in words("plain_capitals")
            and word not in words("not_companies")
            and word not in words("lead_words")
        ):
            yield not first or word.lower() not in words("common") or word[1:] != word[1:].lower()
        first = False
