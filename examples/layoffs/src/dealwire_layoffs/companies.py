"""Which of the companies that an article names is the one that cuts."""

import re
from collections.abc import Sequence
from itertools import zip_longest

Named = tuple[int, int, str, str]
"""Start, end, the name as printed, the company's id."""

_AT = re.compile(
    r"^[\s,]*(?:\w+\s+){0,4}?(?:at|by|of|from|for)\s+(?:the\s+|\w+\s+maker\s+|chip\w*\s+)?$", re.IGNORECASE
)
# A company behind one of these is somebody that the sentence compares with, or has its news from.
_ASIDE = re.compile(
    r"\b(?:unlike|like|rivals?|after|than|from|by|with|to|told|against|customers?|partners?|following|including|as|where"
    r"|analysts?\s+at)\s+(?:the\s+|its\s+)?$",
    re.IGNORECASE,
)
_OWNS = re.compile(r"['’]s?\s+(?:[a-z-]+\s+){0,3}")
_SOURCE = re.compile(r"^\s+(?:reported|first\s+reported|wrote|has\s+learned)\b", re.IGNORECASE)


def who(text: str, begins: int, ends: int, start: int, end: int, companies: Sequence[Named]) -> tuple[str, str] | None:
    """Name and id of the company whose jobs go in `text[start:end]`, told in the sentence from `begins` to `ends`."""
    inside = [one for one in companies if begins <= one[0] < ends]
    behind = [one for one in inside if one[0] >= end and _AT.match(text[end : one[0]])]
    within = [one for one in inside if start <= one[0] < end]
    before = [one for one in inside if one[1] <= start]
    # `Volkswagen's software arm Cariad`: it is the last one that acts.
    before = [one for one, other in zip_longest(before, before[1:]) if not _owns(text, one, other)]
    acting = [
        one for one in before if not _ASIDE.search(text[begins : one[0]]) and not _SOURCE.match(text[one[1] : ends])
    ]
    after = [one for one in inside if one[0] >= end]
    earlier = [one for one in companies if one[1] <= begins and not _ASIDE.search(text[max(0, one[0] - 30) : one[0]])]
    for found in (acting, within, behind, after, before, _latest(text, earlier)):
        if found:
            return found[0][2], found[0][3]
    return None


def _owns(text: str, one: Named, other: Named | None) -> bool:
    return other is not None and _OWNS.fullmatch(text[one[1] : other[0]]) is not None


def _latest(text: str, earlier: Sequence[Named]) -> Sequence[Named]:
    """The first company of the sentence before that names any."""
    if not earlier:
        return ()
    last = earlier[-1]
    opens = max(text.rfind(mark, 0, last[0]) for mark in (". ", "\n", "? ", "! "))
    return [one for one in earlier if one[0] > opens][:1]
