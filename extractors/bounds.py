"""Hedges before and after an amount: whether it is exact, an upper or a lower bound."""

import re
from typing import Literal

Bound = Literal["exact", "max", "min"]

_ABOUT = r"(?:(?:roughly|about|around|approximately|some|nearly|almost|an?\s+estimated)\s+)?"
_GAP = (
    r"(?:(?:an?|another|a\s+total\s+of|total|as|further|additional|initial|extra|combined|whopping|staggering)\s+){0,3}"
    + _ABOUT
)
_MAX = re.compile(
    r"(?:\b(?:(?:(?<!add\s)|(?<=to\sadd\s))(?<!adds\s)(?<!adding\s)(?<!added\s)up\s+to|"
    r"as\s+(?:much|many|high|large)\s+as|at\s+most|(?:no|not|never|nor)\s+(?:\w+\s+)?more\s+than|max(?:imum|\.)?(?:\s+of)?|capped\s+at|a\s+(?:cap|ceiling|limit)\s+of|"
    r"(?:no|nothing)\s+above|"
    r"(?:less|lower|fewer|smaller)\s+than|not\s+(?:to\s+)?exceed(?:ing)?|"
    r"(?:could|can)\s+(?:\w+\s+)?reach|"
    r"(?:could|can|may|might)\s+(?:\w+\s+)?(?:total|grow\s+to|rise\s+to|climb\s+to|go\s+to|run\s+to|expand\s+to))\s+"
    + _GAP
    + r"|(?<!just\s)(?<!slipped\s)(?<!slips\s)(?<!fell\s)(?<!dropped\s)\b(?:under|below)\s+"
    + _ABOUT
    + r"|\bsub-|(?<![^\s(])[≤<]\s*)$",
    re.IGNORECASE,
)
_NO_LESS = re.compile(
    r"\b(?:no|not|nothing|never)\s+(?:an?\s+\w+\s+)?(?:less|lower|fewer)\s+than\s+" + _GAP + r"$", re.IGNORECASE
)
_MIN = re.compile(
    r"(?:\b(?:(?:more|greater|higher|larger|better|bigger)\s+than|at\s+least|"
    r"upwards?\s+of|north\s+of|"
    r"(?:in\s+)?excess\s+of|exceed(?:s|ed|ing)?|min(?:imum|\.)?(?:\s+of)?|surpass(?:es|ed|ing)?|"
    r"cross(?:es|ed|ing)?|as\s+little\s+as|top(?:s|ped|ping)?|starting\s+(?:at|from)|a\s+floor\s+of|(?:has|have|had|also|now)\s+passe[sd]|pass(?:es|ing))\s+"
    + _GAP
    + r"|(?<!handing\s)(?<!handed\s)(?<!hand\s)(?<!turned\s)(?<!turning\s)(?<!talks\s)"
    r"(?<!dispute\s)(?<!fight\s)(?<!row\s)(?<!battle\s)(?<!took\s)(?<!lawsuit\s)(?<!time\s)\bover\s+"
    + _ABOUT
    + r"|(?<!shade\s)(?<!hair\s)(?<!touch\s)\b(?:above|beyond|past)\s+"
    + _ABOUT
    + r"|(?<![^\s(])[≥>]\s*)$",
    re.IGNORECASE,
)
# `under a $2.9 billion award`, `over a $5 billion contract`: the amount names a thing, the word before sets no bound.
_THING = re.compile(
    r"\s+(?:\w+\s+){0,2}(?:contract|deal|agreement|award|program(?:me)?|plan|order|pact|accord|tender|licen[cs]e)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:under|over|beyond|above|below)\s+(?:\w+\s+)?$", re.IGNORECASE)
# `a $100 million plus round`, `$75 million plus in stock`, but `$5 billion plus royalties`: that is a further sum.
_SUM = "(?:valuation|round|fund|deal|order|contract|investment|price|budget|level|mark|market|project|company|business)"
_GOES_ON = "(?:in|for|of|per|this|from|to|at|over|an?\\s+(?:year|month|share))"
_STOP = "(?:$|[.,;:!?)\\]”’\"'–—-])"
_AFTER_MIN = re.compile(
    rf"(?:\+|\s\+(?=\s*{_STOP})|-plus\b|\s+plus\b(?=\s*{_STOP}|\s+(?:{_GOES_ON}|(?:\w+\s+){{0,2}}{_SUM})\b))"
    r"|\s*(?:or\s+(?:more|higher|above|better)\b|(?:and\s+)?upwards?\b|and\s+(?:up|above|more|counting)\b"
    r"|(?:an?\s+(?:year|month)\s+)?at\s+(?:the\s+(?:very\s+)?least|least|a\s+minimum)\b)",
    re.IGNORECASE,
)
_AFTER_MAX = re.compile(
    r"\s*(?:or\s+(?:less|below|fewer)\b|at\s+(?:the\s+)?most\b|at\s+(?:the|a)\s+maximum\b"
    r"|,?\s*(?:this\s+year,?\s+)?(?:tops|max|at\s+the\s+outside)\b)",
    re.IGNORECASE,
)


def bound(text: str, start: int, end: int) -> Bound:
    """Which bound the words around `text[start:end]` make the amount."""
    before = text[max(0, start - 45) : start]
    before = before[before.rfind("\n") + 1 :]
    after = text[end : end + 50]
    if _NO_LESS.search(before):
        return "min"
    if _MAX.search(before):
        return "exact" if _PLACE.search(before) and _THING.match(after) else "max"
    if _MIN.search(before):
        return "exact" if _PLACE.search(before) and _THING.match(after) else "min"
    if _AFTER_MIN.match(after):
        return "min"
    if _AFTER_MAX.match(after):
        return "max"
    return "exact"
