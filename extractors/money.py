"""Money: amounts with their currency and scale, and the bounds that the words around them set."""

import re
from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from extractors import money_patterns as say
from extractors.anchors import Anchors
from extractors.bounds import bound
from extractors.currencies import MULTIPLES, SIGN_ANCHORS, WORD_ANCHORS, currency
from extractors.money_context import Context
from extractors.nlp import text_of
from extractors.numbers import read_number, read_scale
from extractors.registry import extractor
from schemas import MoneyMention
from schemas.errors import AmountUnreadable

if TYPE_CHECKING:
    from spacy.tokens import Doc

_SPAN = r"\b(?:anywhere|somewhere|rang(?:e|es|ed|ing)|var(?:y|ies|ying))\s+"
_STEP = re.compile(rf"(?P<span>{_SPAN})?\b(?:(?P<by>by)|from)\s+$", re.IGNORECASE)
# `raised its target from $300 to $400`: two amounts; `plans run from $20 to $200`: a range.
_CHANGED = re.compile(
    r"\b(?:rais|lift|rise|rose|risen|climb|jump|grew|grow|increas|cut|fell|fall|drop|slash|lower|boost|hik|bump|trim"
    r"|doubl|tripl|mov|went|up|down)\w*\b[^.;:()]{0,40}$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\bbetween\s+(?:about\s+|roughly\s+|around\s+)?$", re.IGNORECASE)
_A_SCALE_OF = re.compile(r"an?[\s-](?:thousand|million|billion|trillion)-", re.IGNORECASE)
_FACTORS = {"tens": 10, "dozens": 12, "hundreds": 100, "thousands": 1000, "scores": 20}
_BARE_WORDS = frozenset(["a", "an", "one"])
# Far more amounts begin with a sign than end with a word, and the patterns of the latter cost far more.
_PLACES = (
    (Anchors(SIGN_ANCHORS), (say.PREFIXED,)),
    (Anchors(WORD_ANCHORS), (say.SUFFIXED, say.VAGUE)),
)


@extractor("money", version="1", record=MoneyMention, table="money_mentions")
def money(doc: "Doc") -> Iterator[MoneyMention]:
    """Every amount of money, in reading order."""
    yield from find_money(text_of(doc))


def find_money(text: str) -> list[MoneyMention]:
    """Every amount of money in a text, in reading order, spans without hedges."""
    context = Context(text)
    found: list[MoneyMention] = []
    for anchors, patterns in _PLACES:
        for start, end in anchors.windows(text, before=70, after=50):
            for pattern in patterns:
                found += _scan(pattern, context, start, end)
    if "£" in text or "pence" in text:
        found += _pence(context)
    return _shared_hedges(text, _shared_scales(text, _longest(found)))


def _longest(read: list[MoneyMention]) -> list[MoneyMention]:
    """The readings in order, of those that overlap the longest: `5 billion dollars` in `$5 billion dollars`."""
    spans: list[tuple[int, int, int]] = []
    for rank, one in sorted(enumerate(read), key=lambda ranked: (ranked[1].start - ranked[1].end, ranked[0])):
        at = bisect_left(spans, (one.start, one.end, rank))
        if (at == 0 or spans[at - 1][1] <= one.start) and (at == len(spans) or one.end <= spans[at][0]):
            insort(spans, (one.start, one.end, rank))
    return [read[rank] for _, _, rank in spans]


def _pence(context: Context) -> Iterator[MoneyMention]:
    text = context.text
    for match in say.PENCE.finditer(text):
        if not context.is_picture_height(match["number"]):
            pounds = Decimal(match["number"]) / 100
            yield _mention(text, match.start(), match.end(), "GBP", pounds, pounds)


def _scan(pattern: "re.Pattern[str]", context: Context, start: int, end: int) -> Iterator[MoneyMention]:
    at = start
    while match := pattern.search(context.text, at, end):
        one = _read(context, match)
        if one:
            yield one
        # A match may reach further than what was read of it: the second of two amounts is looked at again.
        at = one.end if one else max(match.start() + 1, match.end() - 1)


def _read(context: Context, match: "re.Match[str]") -> MoneyMention | None:
    try:
        return _PATTERNS[match.re](context, match)
    except (AmountUnreadable, KeyError):
        return None


def _suffixed(context: Context, match: "re.Match[str]") -> MoneyMention | None:
    text, code = context.text, "EUR" if match["word"] == "€" else currency(match["word"])
    group = "spelled" if match["spelled"] else "high"
    high, high_scale = match[group], match["spelled_scale" if match["spelled"] else "high_scale"]
    low, low_scale, start = match["low"], match["low_scale"], match.start()
    link = (match["link"] or "").strip().lower()
    if low is not None and (
        low.lower() in (_BARE_WORDS if link != "or" else ("a", "an"))
        or not _is_range(low, low_scale, high, high_scale)
        or (link == "and" and not _BETWEEN.search(text, max(0, start - 24), start))
        or (link == "or" and low_scale)
    ):
        start, low = match.start(group), None
    if high.lower() in _BARE_WORDS and not high_scale:
        return None
    if not high_scale and context.is_other_sense(match, high):
        return None
    if code in MULTIPLES and high_scale:
        return None
    if _A_SCALE_OF.match(text, start, match.end()) and not match["more"]:
        return None
    upper = read_number(high) * read_scale(high_scale)
    if match["more"]:
        upper += read_scale(high_scale) / (2 if match["more"].endswith("half") else 4)
    lower = _lower(low, low_scale, high_scale) if low else upper
    return _mention(text, start, match.end(), code, lower, upper)


def _prefixed(context: Context, match: "re.Match[str]") -> MoneyMention | None:
    text, code = context.text, currency(match["sign"])
    low, high = match["low"], match["high"]
    low_scale, high_scale = match["low_scale"], match["high_scale"]
    end = match.end()
    if high is not None and not _one_range(text, match):
        high, high_scale = None, None
        end = match.end("low_scale") if low_scale else match.end("low")
    elif high is None and not low_scale and (word := say.LATE_SCALE.match(text, end)):
        low_scale, end = word[1], word.end()
    if not (low_scale or high_scale) and context.is_other_name(match["sign"], low):
        return None
    if match["sign"].isalpha() and say.WATTS.match(text, end):
        # The number is a power's: "RMB 800 MW".
        return None
    if again := say.AGAIN.match(text, end):
        end = again.end()
    elif match["sign"].endswith("$") and (after := say.CODE_AFTER.match(text, end)):
        code, end = currency(after["code"]), after.end()
    if match["sign"] == "¥" and context.means_yuan:
        code = "CNY"
    upper = read_number(high or low) * read_scale(high_scale or low_scale)
    return _mention(text, match.start(), end, code, _lower(low, low_scale, high_scale), upper)


def _one_range(text: str, match: "re.Match[str]") -> bool:
    """Whether the two numbers of a match are one range: `$5 to $7 billion`, not `rose by $5 billion to $7 billion`."""
    start, low_scale, high_scale = match.start(), match["low_scale"], match["high_scale"]
    if not _is_range(match["low"], low_scale, match["high"], high_scale):
        return False
    link = (match["link"] or "").strip()
    if link == "and":
        return _BETWEEN.search(text, max(0, start - 24), start) is not None
    if link == "or":
        return not low_scale and high_scale is not None
    step = _STEP.search(text, max(0, start - 20), start) if " to " in match.group() else None
    if step is None or step["span"]:
        return True
    return not (
        step["by"]
        or low_scale
        or (not high_scale and _CHANGED.search(text, max(0, start - 60), start - len(step[0]) + 1))
    )


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


def _vague(context: Context, match: "re.Match[str]") -> MoneyMention | None:
    if match["figures"]:
        digits = int(read_number(match["figures"]))
        code = currency(match["figure_word"])
        return MoneyMention(start=match.start(), end=match.end(), currency=code, amount_min=Decimal(10) ** (digits - 1))
    before = context.text[max(0, match.start() - 10) : match.start()]
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
    if code in MULTIPLES:
        code, factor = MULTIPLES[code]
        low, high = low * factor, high * factor
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


_PATTERNS = {say.PREFIXED: _prefixed, say.SUFFIXED: _suffixed, say.VAGUE: _vague}
_COMMA = re.compile(r",\s+|,?\s+(?:and|or)\s+")
_SCALED = re.compile(r"(?i:thousand|[mb]illion|trillion|crore|lakh|[mbt]n|[mb]ln|[kmbt])$")


def _shared_scales(text: str, found: list[MoneyMention]) -> list[MoneyMention]:
    """The scale at the end of a list holds for all of it: `$10, $20 and $30 million`."""
    out = list(found)
    scale: Decimal | None = None
    for at in range(len(out) - 2, -1, -1):
        one, after = out[at], out[at + 1]
        if written := _SCALED.search(text, after.start, after.end):
            scale = read_scale(written[0])
        if scale is None or not _listed(text, one, after, scale):
            scale = None
            continue
        value = (one.amount_max or Decimal(0)) * scale
        out[at] = one.model_copy(update={"amount_min": value, "amount_max": value})
    return out


def _listed(text: str, one: MoneyMention, after: MoneyMention, scale: Decimal) -> bool:
    """Whether the first amount lacks the scale of the second; what is counted in one scale is of one size."""
    low, high = one.amount_max, after.amount_max
    return (
        low is not None
        and high is not None
        and one.amount_min == low < 1000
        and high / 20 <= low * scale <= high * 20
        and one.currency == after.currency
        and text[one.end - 1].isdigit()
        and _COMMA.fullmatch(text, one.end, after.start) is not None
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
