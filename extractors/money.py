"""Money: amounts with their currency and scale, and the bounds that the words around them set."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from extractors.anchors import Anchors
from extractors.bounds import bound
from extractors.currencies import ANCHORS, CODE, HUNDREDTHS, SIGN, WORD, currency
from extractors.nlp import text_of
from extractors.numbers import DIGITS, SCALE, SPELLED, read_number, read_scale
from extractors.registry import extractor
from schemas import MoneyMention
from schemas.errors import AmountUnreadable

if TYPE_CHECKING:
    from spacy.tokens import Doc

_DASH = r"\s?[-–—‑]\s?"
_TO = rf"(?:{_DASH}|\s+to\s+)"
_S = r"[\s\u00a0\u202f-]?"
_SCALE = rf"(?P<{{0}}>(?i:{SCALE}))(?![\w])"
_FIX = rf"(?:{SIGN}|{CODE})"

# $5bn, US$1.2 billion, $5-7 billion, $5 to $7 billion, $225 million to $250 million, EUR 3m, RMB 380bn, $30-billion
_PREFIXED = re.compile(
    rf"(?<![\w$€£¥₹])(?P<sign>{_FIX}(?:\s?(?:US)?\$)?)\s?(?P<low>{DIGITS})(?:{_S}{_SCALE.format('low_scale')})?"
    rf"(?:(?:{_TO}|(?P<both>\s+and\s+))(?:(?:(?P=sign)|\$)\s?)?(?P<high>{DIGITS})(?:{_S}{_SCALE.format('high_scale')})?"
    r"(?![\d%])(?!\s?(?:percent|per cent)))?"
    r"(?:-(?:USD|dollar)\b)?(?![\d])(?!,\d)",
)
# 10 billion dollars, 5-7 billion euros, 380bn yuan, 183 pence, 75 million USD, half a billion dollars
_SUFFIXED = re.compile(
    rf"(?<![\w$€£¥₹.,])(?:(?P<low>{DIGITS}|{SPELLED})(?:{_S}{_SCALE.format('low_scale')})?"
    rf"(?:{_TO}|(?P<both>\s+and\s+)))?"
    rf"(?:(?P<high>{DIGITS})(?:{_S}{_SCALE.format('high_scale')})?{_S}"
    rf"|(?P<spelled>{SPELLED})[\s-](?:{_SCALE.format('spelled_scale')}[\s-])?)"
    rf"(?:of\s+(?=(?:u\.?s\.?\s)?(?:dollar|euro)))?(?P<word>{WORD}|(?-i:{CODE}))(?![\w$])",
    re.IGNORECASE,
)
# 172.5p, 199 p
_PENCE = re.compile(r"(?<![\w$€£.,])(?P<number>\d{1,4}(?:\.\d+)?)\s?p(?=[\s.,;:)]|$)(?!\.\s?m)")
# tens of billions of dollars, billions of euros, several billion dollars, multi-billion-dollar, billion-dollar
_VAGUE = re.compile(
    r"(?<![\w-])(?:(?P<many>tens|dozens|hundreds|thousands|scores)\s+of\s+"
    r"|(?P<some>several|a\s+few|some|many|multiple)\s+(?P<hundred>hundred\s+)?|multi-?)?"
    rf"(?P<scale>thousand|million|billion|trillion|crore|lakh)s?(?:[\s-]+of)?[\s-]+(?P<word>{WORD})(?!\w)"
    rf"|(?<![\w-])(?P<figures>{SPELLED}|\d+)-figure[\s-](?P<figure_word>{WORD})(?!\w)",
    re.IGNORECASE,
)
_STEP = re.compile(r"\b(?:(?P<by>by)|from)\s+$")
_AGAIN = re.compile(rf"{_S}(?:dollars?|yuan|euros?|rupees?)\b")
_LATE_SCALE = re.compile(rf"{_S}({SCALE})(?!\w)")
_A_SCALE_OF = re.compile(r"an?[\s-](?:thousand|million|billion|trillion)-", re.IGNORECASE)
_FACTORS = {"tens": 10, "dozens": 12, "hundreds": 100, "thousands": 1000, "scores": 20}
_BARE_WORDS = frozenset(["a", "an", "one"])
# Words that mean something else beside a plain small number: `three won`, `5 pounds`, `Ten Bucks`.
_OTHER_SENSE = re.compile(r"won|pounds?|rand|dong|peso|reals?|lira|sterling", re.IGNORECASE)
_anchors = Anchors(ANCHORS)


@extractor("money", version="1", record=MoneyMention, table="money_mentions")
def money(doc: "Doc") -> Iterator[MoneyMention]:
    """Every amount of money, in reading order."""
    yield from find_money(text_of(doc))


def find_money(text: str) -> list[MoneyMention]:
    """Every amount of money in a text, in reading order, spans without hedges."""
    found: dict[int, MoneyMention] = {}
    for start, end in _anchors.windows(text, before=70, after=50):
        for pattern in (_PREFIXED, _SUFFIXED, _VAGUE):
            for one in _scan(pattern, text, start, end):
                _keep_longest(found, one)
    if "£" in text or "pence" in text:
        for match in _PENCE.finditer(text):
            if match.start() not in found:
                pounds = Decimal(match["number"]) / 100
                found[match.start()] = _mention(text, match.start(), match.end(), "GBP", pounds, pounds)
    return _shared_hedges(text, [found[start] for start in sorted(found)])


def _keep_longest(found: dict[int, MoneyMention], one: MoneyMention) -> None:
    """Add a reading, unless one at the same place is at least as long: `$5 billion dollars` over `5 billion`."""
    clash = [other for other in found.values() if one.start < other.end and other.start < one.end]
    if all(one.end - one.start > other.end - other.start for other in clash):
        for other in clash:
            del found[other.start]
        found[one.start] = one


def _scan(pattern: "re.Pattern[str]", text: str, start: int, end: int) -> Iterator[MoneyMention]:
    at = start
    while match := pattern.search(text, at, end):
        one = _read(text, match)
        if one:
            yield one
        # A match may reach further than what was read of it: the second of two amounts is looked at again.
        at = one.end if one else max(match.start() + 1, match.end() - 1)


def _read(text: str, match: "re.Match[str]") -> MoneyMention | None:
    try:
        if match.re is _VAGUE:
            return _vague(text, match)
        if match.re is _PREFIXED:
            return _prefixed(text, match, currency(match["sign"]))
        return _suffixed(text, match, currency(match["word"]))
    except (AmountUnreadable, KeyError):
        return None


def _suffixed(text: str, match: "re.Match[str]", code: str) -> MoneyMention | None:
    group = "spelled" if match["spelled"] else "high"
    high, high_scale = match[group], match["spelled_scale" if match["spelled"] else "high_scale"]
    low, low_scale, start = match["low"], match["low_scale"], match.start()
    if low is not None and (
        low.lower() in _BARE_WORDS
        or not _is_range(low, low_scale, high, high_scale)
        or not (match["both"] is None or _between(text, start))
    ):
        start, low = match.start(group), None
    if high.lower() in _BARE_WORDS and not high_scale:
        return None
    if not high_scale and _doubtful(text, match, high):
        return None
    if code in HUNDREDTHS and high_scale:
        return None
    if _A_SCALE_OF.match(text[start : match.end()]):
        return None
    upper = read_number(high) * read_scale(high_scale)
    lower = _lower(low, low_scale, high_scale) if low else upper
    return _mention(text, start, match.end(), code, lower, upper)


def _doubtful(text: str, match: "re.Match[str]", number: str) -> bool:
    """A plain number before a word that need not be a currency, or a year: `three won`, `in 2022 dollars`."""
    if re.fullmatch(r"(?:19|20)\d\d", number) and re.match(
        r"\s+dollars", text[match.end("high") : match.end("high") + 9]
    ):
        return True
    return (
        bool(_OTHER_SENSE.fullmatch(match["word"]))
        and (number[0].isalpha() or len(number.split(".")[0]) < 4)
        and not (match["word"].lower().startswith("pound") and "£" in text)
    )


def _between(text: str, start: int) -> bool:
    return (
        re.search(r"\bbetween\s+(?:about\s+|roughly\s+|around\s+)?$", text[max(0, start - 24) : start], re.IGNORECASE)
        is not None
    )


def _prefixed(text: str, match: "re.Match[str]", code: str) -> MoneyMention | None:
    low, high = match["low"], match["high"]
    low_scale, high_scale = match["low_scale"], match["high_scale"]
    end = match.end()
    step = _STEP.search(text, max(0, match.start() - 6), match.start()) if " to " in match.group() else None
    steps = step and (step["by"] or low_scale)
    listed = match["both"] and not _between(text, match.start())
    if high is not None and (steps or listed or not _is_range(low, low_scale, high, high_scale)):
        high, high_scale = None, None
        end = match.end("low_scale") if low_scale else match.end("low")
    elif high is None and not low_scale and (word := _LATE_SCALE.match(text, end)):
        low_scale, end = word[1], word.end()
    # `$5 billion dollars` and `RMB 5 billion yuan` name the currency twice.
    if again := _AGAIN.match(text, end):
        end = again.end()
    upper = read_number(high or low) * read_scale(high_scale or low_scale)
    return _mention(text, match.start(), end, code, _lower(low, low_scale, high_scale), upper)


def _lower(low: str, low_scale: str | None, high_scale: str | None) -> Decimal:
    """The lower end of a range; it shares the scale of the upper one in `5 to 7 billion`."""
    number = read_number(low)
    return number * read_scale(low_scale or (high_scale if number < 1000 else None))


def _is_range(low: str, low_scale: str | None, high: str, high_scale: str | None) -> bool:
    """Whether two numbers with `to` or a dash between them can be the ends of a range."""
    try:
        first = _lower(low, low_scale, high_scale)
        second = read_number(high) * read_scale(high_scale)
    except AmountUnreadable:
        return False
    return first < second and not (low_scale and not high_scale and second < 1000)


def _vague(text: str, match: "re.Match[str]") -> MoneyMention | None:
    if match["figures"]:
        digits = int(read_number(match["figures"]))
        code = currency(match["figure_word"])
        return MoneyMention(start=match.start(), end=match.end(), currency=code, amount_min=Decimal(10) ** (digits - 1))
    before = text[max(0, match.start() - 10) : match.start()]
    if re.search(r"\d[\s\u00a0-]$", before):
        return None
    least = read_scale(match["scale"].lower()) * _FACTORS.get((match["many"] or "").lower(), 1)
    start = match.start("scale") if (match["some"] or "").lower() == "some" else match.start()
    if match["hundred"]:
        least *= 100
    # `another trillion yen` counts one; `billions of dollars` and `a billion-dollar cheque` do not say how many.
    one = before.lower().endswith("another ") and " " in match.group() and not match["many"]
    return MoneyMention(
        start=start,
        end=match.end(),
        currency=currency(match["word"]),
        amount_min=least,
        amount_max=least if one else None,
    )


def _mention(text: str, start: int, end: int, code: str, low: Decimal, high: Decimal) -> MoneyMention:
    if code in HUNDREDTHS:
        code, low, high = HUNDREDTHS[code], low / 100, high / 100
    side = bound(text, start, end) if low == high else "exact"
    if side == "min" and text[end : end + 1] == "+":
        end += 1
    return MoneyMention(
        start=start,
        end=end,
        currency=code,
        amount_min=None if side == "max" else low,
        amount_max=None if side == "min" else high,
    )


_BRACKET = re.compile(r"\s*[(\[](?:about|around|roughly|approximately|or|some|~|equivalent to)?\s*$", re.IGNORECASE)
_LIST = re.compile(r"(?:,|\s+and|,\s+and)\s+(?:up to\s+)?$", re.IGNORECASE)


def _shared_hedges(text: str, found: list[MoneyMention]) -> list[MoneyMention]:
    """A hedge holds for the conversion in brackets behind the amount, and for a list that ends in `respectively`."""
    out: list[MoneyMention] = []
    for one in found:
        before = out[-1] if out else None
        if before and one.amount_min is not None and one.amount_min == one.amount_max:
            between = text[before.end : one.start]
            in_brackets = _BRACKET.fullmatch(between)
            in_list = _LIST.fullmatch(between) and re.match(
                r"[\s,]*(?:\S+\s+){0,3}?respectively", text[one.end : one.end + 60]
            )
            if in_brackets or in_list:
                if before.amount_min is None:
                    one = one.model_copy(update={"amount_min": None})
                elif before.amount_max is None:
                    one = one.model_copy(update={"amount_max": None})
        out.append(one)
    return out
