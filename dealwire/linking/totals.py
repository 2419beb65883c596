"""Totals: a sum that one outlet tells for several payers, where each of them has a deal of its own, counts once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from dealwire.linking.amounts import amount, figure, known
from dealwire.linking.sides import sides
from schemas import Deal

_NEAR = timedelta(days=10)
_ROUNDED = Decimal("0.03")


def totals(deals: Sequence[Deal]) -> set[str]:
    """Ids of the deals that only add up others: the same kind and payee, the payers together, the sums together.

    `up to $15 billion` from two companies is not a deal beside `up to $10 billion` from one and `up to $5 billion` from
    the other. A round whose investors' own sums do not add up to it stays.
    """
    groups: dict[tuple[str, frozenset[str], str], list[Deal]] = defaultdict(list)
    for deal in deals:
        if deal.kind.directed and known(amount(deal)):
            groups[deal.kind.value, sides(deal)[1], deal.currency or ""].append(deal)
    return {deal.deal_id for group in groups.values() if len(group) > 2 for deal in group if _adds_up(deal, group)}


def _adds_up(whole: Deal, group: Sequence[Deal]) -> bool:
    payers = sides(whole)[0]
    if len(payers) < 2:
        return False
    own: dict[str, Decimal] = {}
    for deal in group:
        (payer, *others) = sides(deal)[0]
        if not others and payer in payers and abs(deal.announced_on - whole.announced_on) <= _NEAR:
            own.setdefault(payer, figure(amount(deal)))
    stated = figure(amount(whole))
    return own.keys() == payers and abs(sum(own.values()) - stated) <= stated * _ROUNDED
