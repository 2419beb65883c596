"""Money: amounts with their currency and scale, and the bounds that the words around them set."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from extractors.bounds import bound
from extractors.currencies import CODE, HUNDREDTHS, SIGN, WORD, currency
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
    rf"(?:(?:{_TO}|(?P<both>\s+and\s+))(?:(?P=sign)\s?)?(?P<high>{DIGITS})(?:{_S}{_SCALE.format('high_scale')})?(?![\d%])(?!\s?(?:percent|per cent)))?"
    rf"(?:-(?:USD|dollar)\b)?(?![\d])(?!,\d)",
)
# 10 billion dollars, 5-7 billion euros, 380bn yuan, 183 pence, 75 million USD, half a billion dollars, 30-billion-dollar
_SUFFIXED = re.compile(
    rf"(?<![\w$€£¥₹.,])(?:(?P<low>{DIGITS}|{SPELLED})(?:{_S}{_SCALE.format('low_scale')})?(?:{_TO}))?"
    rf"(?:(?P<high>{DIGITS})(?:{_S}{_SCALE.format('high_scale')})?{_S}|(?P<spelled>{SPELLED})[\s-](?:{_SCALE.format('spelled_scale')}[\s-])?)(?P<word>{WORD}|{CODE})(?![\w$])",
    re.IGNORECASE,
)
# 172.5p, 199 p
_PENCE = re.compile(r"(?<![\w$€£.,])(?P<number>\d{1,4}(?:\.\d+)?)\s?p(?=[\s.,;:)]|$)(?!\.\s?m)")
# tens of billions of dollars, billions of euros, several billion dollars, multi-billion-dollar, billion-dollar
_VAGUE = re.compile(
    r"\b(?:(?P<many>tens|dozens|hundreds|thousands|scores)\s+of\s+|(?P<some>several|a\s+few|many|multiple)\s+|multi-?)?"
    r"(?P<scale>thousand|million|billion|trillion)s?(?:[\s-]+of)?[\s-]+(?P<word>(?:u\.?s\.?\s+)?(?:dollars?|euros?|pounds?|yen|yuan|won|rupees))\b",
    re.IGNORECASE,
)
_CHEAP = re.compile(
    r"[$€£¥₹₩₪₺₽₱₫฿]|\b(?:Rs|RMB|RM|Rp|Dhs?|SR|SFr)\b|[A-Z]{3}|dollar|euro|pound|sterling|pence|cents?\b|yen|yuan|renminbi|rupee|"
    r"\bwon\b|franc|kron|crown|zlot|riyal|dirham|shekel|reais|reals|rouble|ruble|lira|rand\b|baht|rupiah|ringgit|peso|dong"
)
_FACTORS = {"tens": 10, "dozens": 12, "hundreds": 100, "thousands": 1000, "scores": 20}
_BARE_WORDS = frozenset(["a", "an", "one"])


@extractor("money", version="1", record=MoneyMention, table="money_mentions")
def money(doc: "Doc") -> Iterator[MoneyMention]:
    """Every amount of money, in reading order."""
    yield from find_money(doc.text)


def find_money(text: str) -> list[MoneyMention]:
    """Every amount of money in a text, in reading order, spans without hedges."""
    if not _CHEAP.search(text):
        return []
    found: dict[int, MoneyMention] = {}
    for one in (*_scan(_PREFIXED, text), *_scan(_SUFFIXED, text), *_scan(_VAGUE, text)):
        if not any(one.start < other.end and other.start < one.end for other in found.values()):
            found[one.start] = one
        else:
            # The longer reading wins: `$5 billion dollars` over `5 billion`.
            clash = [o for o in found.values() if one.start < o.end and o.start < one.end]
            if all(one.end - one.start > o.end - o.start for o in clash):
                for other in clash:
                    del found[other.start]
                found[one.start] = one
    if "£" in text or "pence" in text:
        for match in _PENCE.finditer(text):
            if match.start() not in found:
                pounds = Decimal(match["number"]) / 100
                found[match.start()] = _mention(text, match.start(), match.end(), "GBP", pounds, pounds)
    ordered = [found[start] for start in sorted(found)]
    return _shared_hedges(text, ordered)


def _scan(pattern: "re.Pattern[str]", text: str) -> Iterator[MoneyMention]:
    at = 0
    while match := pattern.search(text, at):
        one = _read(text, match)
        if one:
            yield one
        # A match may reach further than what was read of it: the second of two amounts is looked at again.
        at = one.end if one else match.end()


def _read(text: str, match: "re.Match[str]") -> MoneyMention | None:
    given = match.groupdict()
    try:
        if match.re is _VAGUE:
            return _vague(text, match)
        code = currency(given.get("sign") or given["word"])
        high, low = given.get("high"), given.get("low")
        high_scale, low_scale = given.get("high_scale"), given.get("low_scale")
        start = match.start()
        if given.get("spelled"):
            high, high_scale = given["spelled"], given["spelled_scale"]
        if match.re is _PREFIXED:
            return _prefixed(text, match, code)
        assert high is not None
        if low is not None and (low.lower() in _BARE_WORDS or not _is_range(low, low_scale, high, high_scale)):
            start, low = match.start("spelled" if given.get("spelled") else "high"), None
        if high.lower() in _BARE_WORDS and not high_scale:
            return None
        if code in ("USX", "GBX") and high_scale:
            return None
        upper = read_number(high) * read_scale(high_scale)
        lower = read_number(low) * read_scale(low_scale or high_scale) if low else upper
        return _mention(text, start, match.end(), code, lower, upper)
    except (AmountUnreadable, KeyError):
        return None


def _prefixed(text: str, match: "re.Match[str]", code: str) -> MoneyMention | None:
    low, high = match["low"], match["high"]
    low_scale, high_scale = match["low_scale"], match["high_scale"]
    end = match.end()
    steps = " to " in match.group() and re.search(r"\bby\s+$", text[max(0, match.start() - 5) : match.start()])
    between = match["both"] and re.search(r"\bbetween\s+$", text[max(0, match.start() - 12) : match.start()])
    if high is not None and (
        steps or not (between or not match["both"]) or not _is_range(low, low_scale, high, high_scale)
    ):
        high, high_scale = None, None
        end = match.end("low_scale") if low_scale else match.end("low")
    elif high is None and not low_scale and (word := re.match(rf"{_S}({SCALE})(?!\w)", text[end:])):
        low_scale, end = word[1], end + word.end()
    # `$5 billion dollars` and `RMB 5 billion yuan` name the currency twice.
    if again := re.match(rf"{_S}(?:dollars?|yuan|euros?|rupees?)\b", text[end:]):
        end += again.end()
    upper = read_number(high or low) * read_scale(high_scale or low_scale)
    lower = read_number(low) * read_scale(low_scale or high_scale)
    return _mention(text, match.start(), end, code, lower, upper)


def _is_range(low: str, low_scale: str | None, high: str, high_scale: str | None) -> bool:
    """Whether two numbers with `to` or a dash between them can be the ends of a range."""
    try:
        first = read_number(low) * read_scale(low_scale or high_scale)
        second = read_number(high) * read_scale(high_scale)
    except AmountUnreadable:
        return False
    return first < second and not (low_scale and not high_scale and second < 1000)


def _vague(text: str, match: "re.Match[str]") -> MoneyMention | None:
    plural = match.group().lower()
    plain = not (match["many"] or match["some"] or plural.startswith("multi"))
    word = match["word"]
    before = text[max(0, match.start() - 2) : match.start()]
    if (
        plain
        and re.search(r"[\d\w]\s?-?$", before)
        and not re.search(
            r"\b(?:a|the|of|its|this|that|in|for|with)\s$", text[max(0, match.start() - 6) : match.start()]
        )
    ):
        return None
    least = read_scale(match["scale"].lower()) * _FACTORS.get((match["many"] or "").lower(), 1)
    return MoneyMention(start=match.start(), end=match.end(), currency=currency(word), amount_min=least)


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
