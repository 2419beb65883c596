"""Amounts: when two claims state the same sum, and which of several sums is shown."""

from datetime import date
from decimal import Decimal

from dealwire.linking.rates import Rates
from schemas import DealTerms

Amount = tuple[str | None, Decimal | None, Decimal | None]
"""Currency, lower bound, upper bound."""

_SAME = Decimal("0.03")
_SAME_CONVERTED = Decimal("0.15")


def amount(terms: DealTerms) -> Amount:
    """The amount of a claim; all None if it states none."""
    if terms.currency is None or (terms.amount_min is None and terms.amount_max is None):
        return (None, None, None)
    return (terms.currency, terms.amount_min, terms.amount_max)


def known(value: Amount) -> bool:
    """Whether anything is stated."""
    return value[0] is not None


def agree(one: Amount, other: Amount, day: date, rates: Rates) -> bool:
    """Whether two stated amounts can be one sum: equal but for rounding, hedges and conversion."""
    tolerance = _SAME
    if one[0] != other[0]:
        one, other = _usd(one, day, rates), _usd(other, day, rates)
        tolerance = _SAME_CONVERTED
        if not known(one) or not known(other):
            return False
    first, second = figure(one), figure(other)
    if first == 0 or second == 0:
        return first == second
    if abs(first - second) / max(first, second) <= tolerance:
        return True
    return _within(one, second) or _within(other, first)


def ratio(one: Amount, other: Amount, day: date, rates: Rates) -> Decimal:
    """How many times the larger of two stated amounts is the smaller; a million if they cannot be compared."""
    if one[0] != other[0]:
        one, other = _usd(one, day, rates), _usd(other, day, rates)
    first, second = figure(one), figure(other)
    return max(first, second) / min(first, second) if first and second else Decimal(1_000_000)


def figure(value: Amount) -> Decimal:
    """The number that stands for an amount: the upper bound, else the lower; 0 if none is stated."""
    return value[2] if value[2] is not None else value[1] if value[1] is not None else Decimal(0)


def _within(span: Amount, point: Decimal) -> bool:
    """Whether the point lies in a range that has two different ends."""
    return span[1] is not None and span[2] is not None and span[1] < span[2] and span[1] <= point <= span[2]


def _usd(value: Amount, day: date, rates: Rates) -> Amount:
    currency, low, high = value
    converted = (rates.usd(low, currency, day), rates.usd(high, currency, day))
    return ("USD", *converted) if any(one is not None for one in converted) else (None, None, None)
