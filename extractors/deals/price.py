"""What a deal is worth, with its bounds: where its own sentence does not say so, from those that go on about it."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors.deals.merge import Told, same_sum
from extractors.deals.terms import about
from schemas.deal import DealKind
from schemas.mention import CompanyMention, MoneyMention


class Price(NamedTuple):
    """An amount in whole units, None where a bound is not stated, and the span of the text that states it."""

    currency: str
    low: Decimal | None
    high: Decimal | None
    start: int
    end: int


def price(
    text: str,
    one: Told,
    told: Sequence[Told],
    sentences: Sequence[tuple[int, int]],
    companies: Sequence[CompanyMention],
    money: Sequence[MoneyMention],
) -> Price | None:
    """The price of a deal among all that the article tells; None if none is stated."""
    if one.money is not None and not one.kind.directed and any(_pays(other, one, one.money) for other in told):
        return None
    sum_ = one.money or next(_told_later(text, one, told, sentences, companies, money), None)
    if sum_ is None and one.likely and not any(other.money and same_sum(other.money, one.likely) for other in told):
        sum_ = one.likely
    return _bounds(text, sum_, money)


def _pays(other: Told, one: Told, sum_: MoneyMention) -> bool:
    """Whether two of the partners pay each other what is said to be the sum of all."""
    return other.kind.directed and other.money == sum_ and len(other.companies & one.companies) > 1


def as_told(sum_: MoneyMention | None) -> Price | None:
    """The price that the words of a sum alone give."""
    return Price(sum_.currency, sum_.amount_min, sum_.amount_max, sum_.start, sum_.end) if sum_ else None


def _told_later(
    text: str,
    one: Told,
    told: Sequence[Told],
    sentences: Sequence[tuple[int, int]],
    companies: Sequence[CompanyMention],
    money: Sequence[MoneyMention],
) -> Iterator[MoneyMention]:
    """The sums of sentences behind the deal's own that say what `the deal` is worth."""
    beside = [other.kind for other in told if other is not one and other.start == one.start]
    if one.kind in beside:
        return
    said = re.compile(_SAID.format(nouns=_NOUNS[one.kind] + ("" if beside else "|" + _ANY)), re.IGNORECASE)
    for start, end in list(about(one, sentences, companies))[1:]:
        if any(start <= other.start < end for other in told):
            return
        for sum_ in money:
            if not start <= sum_.start < end or any(other.money == sum_ for other in told):
                continue
            before = text[start : sum_.start]
            valued = _VALUES.search(before) if one.kind is DealKind.ACQUISITION else None
            if valued and any(
                start + valued.start(1) <= other.start < sum_.start and other.name not in one.payees
                for other in companies
            ):
                continue
            if valued or said.search(before) or (not beside and one.kind in _PAID_FOR and _PAYS.search(before)):
                yield sum_


def _bounds(text: str, sum_: MoneyMention | None, money: Sequence[MoneyMention]) -> Price | None:
    """The sum, with what depends on results, or what an option makes of it."""
    given = as_told(sum_)
    if sum_ is None or given is None or given.low is None or given.low != given.high:
        return given
    firm = given.low
    alone = given._replace(high=None) if _AND_MORE.match(text, sum_.end) else given
    more = min((one for one in money if one.start >= sum_.end), key=lambda one: one.start, default=None)
    most = more.amount_max if more and more.currency == sum_.currency else None
    if more is None or most is None:
        return alone
    between = text[sum_.end : more.start]
    if most > firm and (_UP_TO.fullmatch(between) or _CAN_RISE.fullmatch(between)):
        return given._replace(high=most, end=more.end)
    if _PLUS.fullmatch(between) and (_DEPENDING.search(between) or _DEPENDING.match(text, more.end)):
        return given._replace(high=firm + most, end=more.end)
    return alone


_ANY = "deal|agreement|transaction|arrangement|pact"
_NOUNS = {
    DealKind.ACQUISITION: "acquisition|takeover|purchase|buyout|merger|sale",
    DealKind.INVESTMENT: "investment|stake",
    DealKind.PURCHASE: "contract|order|lease|commitment|purchase",
    DealKind.FINANCING: "loan|facility|financing",
    DealKind.LICENSING: "licen[cs]e|contract",
    DealKind.PARTNERSHIP: "project|partnership|collaboration",
    DealKind.JOINT_VENTURE: "venture|project",
}
"""What the sentences behind call a deal of each kind, beside the words for all of them."""
_PAID_FOR = (DealKind.ACQUISITION, DealKind.PURCHASE, DealKind.LICENSING)
_ABOUT = (
    r"(?:(?:about|around|roughly|nearly|almost|some|approximately|more than|over|up to|as much as|at least|close to|"
    r"a total of|an estimated|just over|just under|well over|upwards of|between) )*"
)
_WORTH = (
    r"(?:worth|valued at|priced at|estimated at|(?:price|value|sum|total) (?:of|is|was)|put(?:s)? at|amounts? to|"
    r"totals?|(?:estimated |expected )?to cost|costs?|"
    r"(?:could|will|would|should|may|might) (?:bring in|deliver|be worth|fetch))"
)
_SAID = (
    r"\b(?:the|this|that) (?:[\w-]+ ){{0,4}}?(?:{nouns})\b,?(?! (?:with|between)\b)[^.;$]{{0,80}}?\b"
    + _WORTH
    + " "
    + _ABOUT
    + r"(?:\w{{1,3}})?$"
    r"|\b(?:value|price|worth|size) (?:of|for) the (?:{nouns}) (?:is |was |at )" + _ABOUT + "$"
    r"|\b(?:purchase|deal|contract) (?:price|value) (?:is|was|of) " + _ABOUT + "$"
)
"""`The deal is worth …`, `the contract, which has a value of …`, `put the value of the deal at …`."""
_VALUES = re.compile(r"\b(?:deal|transaction|agreement|offer) (?:values|valued) ([^.;$]{1,60}?) at " + _ABOUT + "$")
_PAYS = re.compile(
    r"\b(?:(?:will|would|to|had|has|have) (?:be )?(?:pay|paid|paying)|paid|pays|is paying|was paying) " + _ABOUT + "$"
)
_UP_TO = re.compile(r" (?:to|and) ")
_CAN_RISE = re.compile(
    r"[^.;]{0,60}\b(?:could|can|may|might|would)\b[^.;]{0,40}\b(?:rise|grow|increase|expand|climb|go up|reach|swell|"
    r"raised|increased|expanded|bring|raise)\b[^.;]{0,30}"
)
_PLUS = re.compile(
    r"[^.;$€£]{0,40}(?:\bplus\b|\band\b|\bwith\b)[^.;]{0,40}?(?:up to|as much as|another|a further|an additional|more) "
)
_DEPENDING = re.compile(
    r"[^.;]{0,60}\b(?:milestones?|earn-?outs?|performance|results|targets?|contingent|depend\w*|conditional|goals)\b"
)
_AND_MORE = re.compile(r"[^.;,]{0,20},? plus (?:an? |further )?(?:earn-?outs?|performance|milestone|contingent)\b")
