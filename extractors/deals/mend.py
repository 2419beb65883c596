"""What the encoder mends of deals that frames read: sides it denies or adds, sums they missed, further rounds."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from extractors.deals.merge import Told, like_sum, same_sum
from extractors.deals.reader import Edge, between
from schemas.deal import DealKind
from schemas.mention import MoneyMention

LIKELY = 0.3
"""From this probability on a sum belongs to a deal for which the frames find none."""
CERTAIN = 0.65
"""From this probability of all of them on its sides are those that the encoder sees, if these are more."""
DOUBTED = 0.35
"""From this probability of all of them on its sides are those that the frames read, if the encoder sees no more."""
UNLIKELY = 0.2
"""A side that is seen in such a deal with less than this probability is dropped from a deal of several."""
ANOTHER = 0.9
"""From this probability on an investment of another, firm sum is another round: not `a billion-dollar alliance`."""


def mended(found: Sequence[Told], seen: Sequence[Edge], assembled: Sequence[Told]) -> list[Told]:
    """The deals, each with its sides and the sum that the encoder would give it; each once.

    `seen`: the encoder's edges; `assembled`: the deals that they make by themselves.
    """
    out: list[Told] = []
    for one in found:
        better = _as_seen(_without_denied(one, seen), seen, assembled)
        if not any(_alike(better, other) for other in out):
            out.append(replace(better, likely=_likely(better, seen)))
    return out


def is_told(one: Told, told: Iterable[Told]) -> bool:
    """Whether a deal of this kind between two of the companies is told of already; another round of theirs is not."""
    return any(
        one.kind is other.kind and len(one.companies & other.companies) > 1 and not _another_round(one, other)
        for other in told
    )


def is_membership(one: Told, told: Sequence[Told], named: Iterable[str]) -> bool:
    """Whether two partners are only members of an alliance whose legs are told: each has a deal with a third company of
    the sentence, and none with the other. `named`: the companies of the sentence."""
    if one.kind is not DealKind.PARTNERSHIP or len(one.parties) != 2:
        return False
    first, second = one.parties
    legs = [other.companies for other in told if other.kind.directed]
    if any(one.companies <= leg for leg in legs):
        return False
    return any(
        any({first, third} <= leg for leg in legs) and any({second, third} <= leg for leg in legs)
        for third in {*named} - one.companies
    )


def _another_round(one: Told, other: Told) -> bool:
    if one.kind is not DealKind.INVESTMENT or one.money is None or other.money is None:
        return False
    firm = one.money.amount_min == one.money.amount_max
    return firm and one.confidence >= ANOTHER and not same_sum(one.money, other.money)


def _without_denied(one: Told, seen: Sequence[Edge]) -> Told:
    """Without those payers and payees whom the encoder hardly sees in such a deal with anybody on the other side."""
    if not one.kind.directed or len(one.companies) < 3:
        return one
    likely = [edge for edge in between(one, seen) if edge.probability >= UNLIKELY]
    sides = {side for edge in likely for side in (edge.payer, edge.payee)}
    payers = tuple(name for name in one.payers if name in sides)
    payees = tuple(name for name in one.payees if name in sides)
    return replace(one, payers=payers, payees=payees) if payers and payees else one


def _as_seen(one: Told, seen: Sequence[Edge], assembled: Iterable[Told]) -> Told:
    """With the sides that the encoder sees in it, where these are more, or where it doubts some of the frames' own."""
    if one.share:
        return one
    doubted = _surely(one, seen) < DOUBTED
    better = [
        (_surely(other, seen), other)
        for other in assembled
        if other.kind is one.kind
        and len(other.companies & one.companies) > 1
        and (other.companies > one.companies or (doubted and other.companies != one.companies))
        and not (other.money and one.money and not same_sum(other.money, one.money))
    ]
    sure, best = max(better, key=lambda pair: pair[0], default=(0.0, one))
    if sure < CERTAIN:
        return one
    return replace(one, payers=best.payers, payees=best.payees, parties=best.parties, money=one.money or best.money)


def _surely(one: Told, seen: Sequence[Edge]) -> float:
    """How likely the encoder holds the deal's least likely side: of partners each with the one it is seen best with."""
    likely = {(edge.payer, edge.payee): edge.probability for edge in seen if edge.kind is one.kind}
    if not one.kind.directed:
        both = {pair: max(p, likely.get(pair[::-1], 0.0)) for pair, p in likely.items()}
        both |= {(b, a): p for (a, b), p in both.items()}
        partners = (max((both.get((a, b), 0.0) for b in one.parties if b != a), default=0.0) for a in one.parties)
        return min(partners, default=0.0)
    return min((likely.get((a, b), 0.0) for a in one.payers for b in one.payees if a != b), default=0.0)


def _likely(one: Told, seen: Sequence[Edge]) -> MoneyMention | None:
    sums = ((p, sum_) for edge in between(one, seen) for sum_, p in edge.amounts if isinstance(sum_, MoneyMention))
    probability, sum_ = max(sums, key=lambda pair: pair[0], default=(0.0, None))
    return sum_ if probability >= LIKELY else None


def _alike(a: Told, b: Told) -> bool:
    """Whether two deals have become one: of the same sides, with the same sum; nobody is taken over twice."""
    sides, others = ((set(x.payers), set(x.payees), set(x.parties)) for x in (a, b))
    if a.kind is not b.kind or sides != others:
        return False
    if a.kind is DealKind.ACQUISITION and a.status is b.status:
        return True
    return like_sum(a.money, b.money) if a.money and b.money else a.money is b.money
