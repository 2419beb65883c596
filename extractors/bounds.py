"""Hedges before and after an amount: whether it is exact, an upper or a lower bound."""

import re
from typing import Literal

Bound = Literal["exact", "max", "min"]

_GAP = r"(?:(?:an?|the|another|some|its|total(?: of)?|as|roughly|about|around|approximately|further|additional|initial|extra)\s+){0,3}"
_MAX = re.compile(
    r"\b(?:up\s+to|as\s+(?:much|many|high|large)\s+as|at\s+most|no\s+more\s+than|not\s+more\s+than|max(?:imum|\.)?(?:\s+of)?|capped\s+at|"
    r"less\s+than|slip(?:s|ped)?\s+under|could\s+total|may\s+total|might\s+total|contingent\s+payments?\s+of|fewer\s+than|under|below|not\s+exceed(?:ing)?|just\s+under\s+a\s+cap\s+of|a\s+ceiling\s+of)\s+"
    + _GAP
    + r"$",
    re.IGNORECASE,
)
_MIN = re.compile(
    r"(?:\b(?:(?:no|not)\s+(?:less|fewer)\s+than|(?:much\s+|far\s+|significantly\s+)?more\s+than|greater\s+than|higher\s+than|over|at\s+least|upwards?\s+of|north\s+of|"
    r"(?:in\s+)?excess\s+(?:of)?|exceed(?:s|ed|ing)?|above|beyond|past|min(?:imum|\.)?(?:\s+of)?|surpass(?:es|ed|ing)?|top(?:s|ped|ping)?|a\s+(?:shade|touch|hair)\s+(?:above|over)|"
    r"starting\s+(?:at|from)|from\s+at\s+least|a\s+floor\s+of)\s+" + _GAP + r"|>\s*)$",
    re.IGNORECASE,
)
_NOT_MIN = re.compile(r"\bover\s+(?:the\s+)?(?:next|past|last|coming)\b", re.IGNORECASE)
_AFTER_MIN = re.compile(
    r"\s*(?:\+|-plus\b|\s*plus\b(?!\s+(?:\$|an?\b|the\b|up\b|[\d€£]))|or\s+(?:more|higher|above)\b|(?:and\s+)?upwards?\b|and\s+(?:up|above|more|counting)\b|at\s+(?:least|a\s+minimum)\b)",
    re.IGNORECASE,
)
_AFTER_MAX = re.compile(
    r"\s*(?:or\s+(?:less|below|fewer)\b|at\s+(?:most|(?:the|a)\s+maximum)\b|(?:tops|max)\b)", re.IGNORECASE
)


def bound(text: str, start: int, end: int) -> Bound:
    """Which bound the words around `text[start:end]` make the amount."""
    before = text[max(0, start - 45) : start]
    before = before[before.rfind("\n") + 1 :]
    if _MAX.search(before):
        return "max"
    if _MIN.search(before) and not _NOT_MIN.search(before):
        return "min"
    after = text[end : end + 16]
    if _AFTER_MIN.match(after):
        return "min"
    if _AFTER_MAX.match(after):
        return "max"
    return "exact"
