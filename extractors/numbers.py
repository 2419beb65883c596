"""Numbers as news prints them: digits, scale words in every spelling, small numbers in words."""

import re
from decimal import Decimal, InvalidOperation

from schemas.errors import AmountUnreadable

SCALES: dict[str, Decimal] = {
    "hundred": Decimal(100),
    **dict.fromkeys(("k", "thousand", "thousands"), Decimal(10) ** 3),
    **dict.fromkeys(("m", "mn", "mln", "mil", "mio", "million", "millions", "mm"), Decimal(10) ** 6),
    **dict.fromkeys(("b", "bn", "bln", "bil", "mrd", "billion", "billions"), Decimal(10) ** 9),
    **dict.fromkeys(("t", "tn", "trn", "tril", "trillion", "trillions"), Decimal(10) ** 12),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs"), Decimal(10) ** 5),
    **dict.fromkeys(("crore", "crores", "cr"), Decimal(10) ** 7),
    **dict.fromkeys(("lakh crore", "lakh crores"), Decimal(10) ** 12),
}
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORDS: dict[str, int] = {
    "zero": 0,
    "oh": 0,
    "a": 1,
    "an": 1,
    "dozen": 12,
    "couple": 2,
    **{word: value for value, word in enumerate(_ONES, 1)},
    **{word: value for value, word in enumerate(_TEENS, 10)},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}

_ONE = "(?:" + "|".join(_ONES) + ")"
_WORD = rf"(?:(?:{'|'.join(_TENS)})(?:[ -]{_ONE})?|{'|'.join(sorted(_TEENS, key=len, reverse=True))}|{_ONE})"
DIGITS = r"\d+(?:[,\u2009\u202f']\d{2,3})*(?:\.\d+)?"
SPELLED = (
    r"(?:half[ -](?:of[ -])?an?|(?:half|quarter)(?=[ -](?:[mb]illion|trillion))"
    r"|(?:an?|one|two|three)[ -](?:half|third|quarter|fifth|tenth)s?[ -]of[ -]an?"
    rf"|{_WORD}[ -]and[ -]a[ -](?:half|third|quarter)|{_WORD}[ -]point(?:[ -](?:zero|oh|{_ONE}))+"
    rf"|(?:{_WORD}|an?)[ -]hundred(?:[ -](?:and[ -])?{_WORD})?"
    rf"|a[ -]couple[ -]of[ -]hundred|(?:a|two)[ -]dozen|{_WORD}|an?)"
)
SCALE = (
    r"(?:lakh[ -]crores?|thousand|millions?|billions?|trillions?|crores?|lakhs?|lacs?"
    r"|[mb]ln|[mb]il|tril|mrd|mio|mm|mn|bn|trn|tn|cr|[kmbt])"
)


def read_number(text: str) -> Decimal:
    """`1,200.5`, `half a`, `twelve` or `one point two` as a number. Raises `AmountUnreadable`."""
    if text[:1].isdigit():
        try:
            return Decimal(re.sub(r"[,\u2009\u202f']", "", text))
        except InvalidOperation as error:
            raise AmountUnreadable(text) from error
    words = text.lower().replace("-", " ").split()
    try:
        return _spelled(words)
    except (KeyError, IndexError) as error:
        raise AmountUnreadable(text) from error


def read_scale(text: str | None) -> Decimal:
    """`bn` as 1000000000; nothing as 1. Raises `AmountUnreadable`."""
    if not text:
        return Decimal(1)
    try:
        return SCALES[" ".join(text.lower().replace("-", " ").split()).strip(".")]
    except KeyError as error:
        raise AmountUnreadable(text) from error


def _spelled(words: list[str]) -> Decimal:
    if "point" in words:
        at = words.index("point")
        digits = "".join(str(WORDS[word]) for word in words[at + 1 :])
        return _spelled(words[:at]) + Decimal(f"0.{digits}")
    if words[0] in _PARTS:
        return Decimal(1) / _PARTS[words[0]]
    part = next(
        (_PARTS[word.rstrip("s") if word != "half" else word] for word in words if word.rstrip("s") in _PARTS), None
    )
    if part and "and" in words:
        return _spelled(words[: words.index("and")]) + Decimal(1) / part
    if part:
        return Decimal(WORDS[words[0]]) / part
    total = Decimal(0)
    for word in words:
        if word == "hundred":
            total = max(total, Decimal(1)) * 100
        elif word == "dozen":
            total = max(total, Decimal(1)) * 12
        elif word not in ("and", "of") and not (word == "a" and len(words) > 1 and words[1] == "couple"):
            total += WORDS[word]
    return total
