"""Patterns of amounts: sign before the number, word behind it, and sums that are told only by their order."""

import re

from extractors.currencies import CODE, SIGN, WORD
from extractors.numbers import DIGITS, SCALE, SPELLED

_TO = r"(?:\s?[-–—‑]\s?|\s+to\s+|-to-)"
_LINK = r"(?P<link>\s+(?:and|or)\s+)"
_S = r"[\s\u00a0\u202f-]?"
# A letter apart from the number may begin another word: `a $20 T-shirt`, `the $129 M.2 drive`.
_APART = r"(?!\s[kmbtKMBT][-.&'’]\w)"
_SCALE = rf"{_APART}{_S}(?P<{{0}}>(?i:{SCALE}))(?!\w)"
# `EUR/USD 1.08` is a rate of exchange, `$1` in backticks a variable.
_FIX = rf"(?:(?<!`){SIGN}|(?<![A-Z]{{3}}/){CODE})"

# $5bn, US$1.2 billion, $5-7 billion, $5 to $7 billion, $225 million to $250 million, EUR 3m, RMB 380bn, $30-billion
PREFIXED = re.compile(
    rf"(?<![\w$€£¥₹])(?P<sign>{_FIX}(?:\s?(?:US)?\$)?)\s?(?P<low>{DIGITS})(?:{_SCALE.format('low_scale')})?"
    rf"(?:(?:{_TO}|{_LINK})(?:(?:(?P=sign)|\$)\s?)?(?P<high>{DIGITS})(?:{_SCALE.format('high_scale')})?"
    r"(?![\w%])(?!\s?(?:percent|per cent)))?"
    r"(?:-(?:USD|dollar)\b)?(?!\w)(?![.,]\d)",
)
# 10 billion dollars, 5-7 billion euros, 380bn yuan, 183 pence, 75 million USD, half a billion dollars, 20M€. A lower
# end is looked for only where the number alone does not do: `twenty-five million`, `two hundred and fifty`.
SUFFIXED = re.compile(
    rf"(?<![\w$€£¥₹.,])(?:(?P<low>{DIGITS}|{SPELLED})(?:{_SCALE.format('low_scale')})?(?:{_TO}|{_LINK}))??"
    rf"(?:(?P<high>{DIGITS})(?:{_SCALE.format('high_scale')})?{_S}"
    rf"|(?P<spelled>{SPELLED})(?:{_SCALE.format('spelled_scale')}(?P<more>\s+and\s+a\s+(?:half|quarter))?)?[\s-])"
    rf"(?:of\s+(?=(?:u\.?s\.?\s)?(?:dollar|euro)))?(?P<word>{WORD}|€(?!\s?\d)|(?-i:{CODE}))(?![\w$])",
    re.IGNORECASE,
)
# tens of billions of dollars, billions of euros, several billion dollars, multi-billion-dollar, billion-dollar
VAGUE = re.compile(
    r"(?<![\w-])(?:(?P<many>tens|dozens|hundreds|thousands|scores)\s+of\s+"
    r"|(?P<some>several|a\s+few|some|many|multiple)\s+(?P<hundred>hundred\s+)?|multi-?)?"
    r"(?P<scale>hundred(?=s\s+of)|thousand|million|billion|trillion|crore|lakh)s?"
    rf"(?:[\s-]+of)?[\s-]+(?P<word>{WORD})(?!\w)"
    rf"|(?<![\w-])(?P<figures>{SPELLED}|\d+)-figure[\s-](?P<figure_word>{WORD})(?!\w)",
    re.IGNORECASE,
)
# 172.5p, 199 p
PENCE = re.compile(r"(?<![\w$€£.,])(?P<number>\d{1,4}(?:\.\d+)?)\s?p(?=[\s.,;:)]|$)(?!\.\s?m)")

AGAIN = re.compile(rf"{_S}(?:dollars?|yuan|euros?|rupees?)\b")
"""The currency named once more: `$5 billion dollars`, `RMB 5 billion yuan`."""
CODE_AFTER = re.compile(rf"\s?(?P<code>{CODE})(?![\w/])(?!\s?[\d$€£])")
"""A code that says which dollars: `$18m CAD`."""
WATTS = re.compile(r"[\s-]?(?:[GMTk]W|(?:giga|mega|tera|kilo)watts?)(?:p|dc|ac|e)?(?!\w)", re.IGNORECASE)
LATE_SCALE = re.compile(rf"{_APART}{_S}({SCALE})(?!\w)")
"""The scale where it was not read with the number."""
