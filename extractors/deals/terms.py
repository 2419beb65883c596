"""A deal's further terms: for how many years it runs, which share of a company it buys, at which valuation."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors.deals.merge import Told
from extractors.numbers import DIGITS, SPELLED, read_number
from schemas.deal import DealKind
from schemas.errors import AmountUnreadable
from schemas.mention import CompanyMention, MoneyMention

_REACH = 400
"""Code points behind the evidence in which its sentences go on about the same deal."""
_SHARES = (DealKind.INVESTMENT, DealKind.ACQUISITION, DealKind.JOINT_VENTURE)

_NUMBER = rf"(?P<n>{DIGITS}|{SPELLED})"
_CONTRACT = (
    r"(?:deal|agreement|contract|pact|partnership|lease|term|commitment|licen[cs]e|arrangement|accord|tie-up|alliance"
    r"|collaboration|cooperation|renewal|extension|loan|facility|period|order|plan|offtake|supply)"
)
_YEARS = (
    re.compile(
        rf"(?<![\w$€£¥.-]){_NUMBER}[ -]years?(?:[ -]long)?,? (?:[\w$€£¥.,-]+ ){{0,4}}?{_CONTRACT}s?\b", re.IGNORECASE
    ),
    re.compile(
        r"\b(?:over|for|across|through|within|lasts?|runs?|spans?|spanning|covers?|term of|period of|duration of)"
        r" (?:at least |up to |about |around |roughly |the next |the coming |an initial |a period of |a term of )*"
        rf"{_NUMBER}(?: more)? years\b(?! (?:ago|old|earlier|in a row)\b)",
        re.IGNORECASE,
    ),
)
_PERCENT = r"(?P<n>\d{1,3}(?:\.\d+)?) ?(?:%|percent|per cent|pc)"
_STAKE = (
    re.compile(rf"\b{_PERCENT}[ -](?:[a-z-]+ ){{0,3}}?(?:stake|interest|holding|shareholding|ownership|equity)\b"),
    re.compile(
        r"\b(?:stake|interest|holding|shareholding) (?:in [^.;]{1,60} )?of (?:about |around |up to )?" + _PERCENT
    ),
    re.compile(
        rf"\b{_PERCENT} of (?:the (?:company|business|start-?up|group|firm|venture|shares|equity)"
        r"|its (?:shares|equity|stock))\b"
    ),
)
_VALUE_BEFORE = re.compile(r"\b(?:valu(?:ed|es|ing|ation)|post-money|pre-money)\b[^.;:$€£¥\d]{0,40}$", re.IGNORECASE)
_VALUE_AFTER = re.compile(r"[ -](?:(?:post|pre)-money|(?:[a-z]+ )?valuation)\b", re.IGNORECASE)


class Terms(NamedTuple):
    """What is stated beside a deal's sides and amount."""

    years: float | None = None
    stake_percent: float | None = None
    valuation: Decimal | None = None
    valuation_currency: str | None = None


def terms(
    text: str,
    one: Told,
    sentences: Sequence[tuple[int, int]],
    companies: Sequence[CompanyMention],
    money: Sequence[MoneyMention],
) -> Terms:
    """The terms in the deal's evidence, else in the sentences behind it that name nobody else."""
    stretches = list(about(one, sentences, companies))
    years = next((found for span in stretches if (found := _first(_YEARS, text, span)) is not None), None)
    stake = None
    if one.kind in _SHARES:
        stake = next((found for span in stretches if (found := _first(_STAKE, text, span)) is not None), None)
    value = None
    if one.kind in (DealKind.INVESTMENT, DealKind.ACQUISITION):
        value = next((found for span in stretches for found in _valuations(text, span, one, money)), None)
    return Terms(
        years=years if years and years <= 99 else None,
        stake_percent=stake if stake and stake <= 100 else None,
        valuation=(value.amount_max or value.amount_min) if value else None,
        valuation_currency=value.currency if value else None,
    )


def about(
    one: Told, sentences: Sequence[tuple[int, int]], companies: Sequence[CompanyMention]
) -> Iterator[tuple[int, int]]:
    """The deal's own sentence, and those behind it as long as they name nobody else."""
    yield one.start, one.end
    for start, end in sentences:
        if start < one.end:
            continue
        if start > one.end + _REACH:
            return
        if any(start <= other.start < end and other.name not in one.companies for other in companies):
            return
        yield start, end


def _first(patterns: Sequence[re.Pattern[str]], text: str, span: tuple[int, int]) -> float | None:
    found = sorted((match.start(), match["n"]) for pattern in patterns for match in pattern.finditer(text, *span))
    for _, printed in found:
        try:
            return float(read_number(printed))
        except AmountUnreadable:
            continue
    return None


def _valuations(text: str, span: tuple[int, int], one: Told, money: Sequence[MoneyMention]) -> Iterator[MoneyMention]:
    for amount in money:
        if span[0] <= amount.start < span[1] and not _is_the_price(amount, one.money):
            before = text[max(span[0], amount.start - 60) : amount.start]
            if _VALUE_BEFORE.search(before) or _VALUE_AFTER.match(text, amount.end):
                yield amount


def _is_the_price(amount: MoneyMention, price: MoneyMention | None) -> bool:
    """A takeover `valued at $2 billion` states its price."""
    return price is not None and (amount.currency, amount.amount_min, amount.amount_max) == (
        price.currency,
        price.amount_min,
        price.amount_max,
    )
