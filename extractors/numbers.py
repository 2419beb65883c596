"""Numbers as news prints them: digits, scale words in every spelling, small numbers in words."""

import re
from decimal import Decimal, InvalidOperation

from schemas.errors import AmountUnreadable

SCALES: dict[str, Decimal] = {
    **dict.fromkeys(("k", "thousand", "thousands"), Decimal(10) ** 3),
    **dict.fromkeys(("m", "mn", "mln", "mio", "million", "millions", "mm"), Decimal(10) ** 6),
    **dict.fromkeys(("b", "bn", "bln", "billion", "billions"), Decimal(10) ** 9),
    **dict.fromkeys(("t", "tn", "trn", "trillion", "trillions"), Decimal(10) ** 12),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs"), Decimal(10) ** 5),
    **dict.fromkeys(("crore", "crores", "cr"), Decimal(10) ** 7),
    **dict.fromkeys(("lakh crore", "lakh crores"), Decimal(10) ** 12),
}
WORDS: dict[str, Decimal] = {
    name: Decimal(value)
    for value, name in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
    )
} | {
    **{
        name: Decimal(10 * value)
        for value, name in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 3)
    },
    "a": Decimal(1),
    "an": Decimal(1),
    "hundred": Decimal(100),
    "a hundred": Decimal(100),
    "one hundred": Decimal(100),
    "a dozen": Decimal(12),
    "half a": Decimal("0.5"),
    "half-a": Decimal("0.5"),
    "a half": Decimal("0.5"),
    "one and a half": Decimal("1.5"),
    "a quarter of a": Decimal("0.25"),
    "a quarter": Decimal("0.25"),
    "three quarters of a": Decimal("0.75"),
    "two and a half": Decimal("2.5"),
}
DIGITS = r"\d+(?:[,\u2009\u202f']\d{2,3})*(?:\.\d+)?"
SPELLED = (
    r"(?:half[ -]an?|(?:a|three) quarters? of an?|(?:one|two) and a half|(?:a|one) hundred|a dozen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|an?)"
)
SCALE = r"(?:lakh crores?|thousand|millions?|billions?|trillions?|crores?|lakhs?|lacs?|[mb]ln|mio|mm|mn|bn|trn|tn|cr|[kmbt])"


def read_number(text: str) -> Decimal:
    """`1,200.5`, `half a` or `twelve` as a number. Raises `AmountUnreadable`."""
    plain = " ".join(text.lower().replace("-", " ").split())
    if plain in WORDS:
        return WORDS[plain]
    if plain in ("half an", "half a"):
        return Decimal("0.5")
    try:
        return Decimal(re.sub(r"[,\u2009\u202f']", "", plain))
    except InvalidOperation as error:
        raise AmountUnreadable(text) from error


def read_scale(text: str | None) -> Decimal:
    """`bn` as 1000000000; nothing as 1. Raises `AmountUnreadable`."""
    if not text:
        return Decimal(1)
    try:
        return SCALES[" ".join(text.lower().split()).strip(".")]
    except KeyError as error:
        raise AmountUnreadable(text) from error
