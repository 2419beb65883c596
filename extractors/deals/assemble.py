"""Edges between companies put together to deals: who shares a commitment, with which amount, told in which sentence."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter

from extractors.deals.lexicon import lexicon
from extractors.deals.merge import Told
from extractors.deals.reader import Edge
from schemas.deal import DealKind
from schemas.mention import CapacityMention, MoneyMention

SURE = 0.4
"""An edge counts from this probability on."""
AMOUNT = 0.5
"""An amount belongs to an edge from this probability on."""
NEARBY = 1
"""Payers whose deals are told so few sentences apart share one when no amount tells them apart."""
AS_LIKELY = 0.9
"""A further amount of an edge is so likely, of the likeliest one."""
JOINED = 0.3
"""A company joins those that deal with each other if it deals with each of them, from this probability on."""
Sum = tuple[MoneyMention, float]
"""An amount, and how likely it belongs to an edge."""
_TOGETHER = (DealKind.INVESTMENT, DealKind.FINANCING, DealKind.ACQUISITION)
"""Kinds whose payers share one deal with a payee when no amount tells them apart."""
_LIST = re.compile(r"(?:, (?:and |or |plus |as well as )?|,? (?:and|&|or|plus|as well as) )(?:the )?")


def assemble(text: str, found: Sequence[Edge], sentences: Sequence[tuple[int, int]]) -> list[Told]:
    """The deals that the edges make, in reading order of their evidence."""
    kept = _one_direction([edge for edge in found if edge.kind.directed and edge.probability >= SURE])
    told: list[Told] = []
    for kind in DealKind:
        if kind.directed:
            groups = _shared(text, [edge for edge in kept if edge.kind is kind], sentences)
        else:
            groups = _joint([edge for edge in found if edge.kind is kind])
        told += [_told(text, kind, group, money, sentences) for group, money in groups]
    return sorted(_without_echoes(told), key=lambda one: (one.start, one.kind.value))


def _joint(mine: list[Edge]) -> list[tuple[list[Edge], MoneyMention | None]]:
    """Edges of an undirected kind among companies that all deal with each other, each group with its likeliest sum."""
    by_pair = {frozenset((edge.payer, edge.payee)): edge for edge in mine}
    joined = {pair for pair, edge in by_pair.items() if edge.probability >= JOINED}
    groups: list[set[str]] = []
    for pair, edge in sorted(by_pair.items(), key=lambda item: (-item[1].probability, sorted(item[0]))):
        if edge.probability < SURE or any(pair <= group for group in groups):
            continue
        for group in groups:
            new = pair - group
            if len(new) == 1 and all(new | {name} in joined for name in group):
                group |= pair
                break
        else:
            groups.append(set(pair))
    out: list[tuple[list[Edge], MoneyMention | None]] = []
    for group in groups:
        inside = [edge for pair, edge in by_pair.items() if pair <= group]
        best = max(inside, key=lambda edge: edge.probability)
        out.append((inside, next((one for one, _ in _sums(best)), None)))
    return out


def _one_direction(found: list[Edge]) -> list[Edge]:
    """Of an edge and its reverse of one kind the likelier, unless both are sure (a swap of shares)."""
    by_key = {(edge.kind, edge.payer, edge.payee): edge for edge in found}
    out = []
    for edge in found:
        other = by_key.get((edge.kind, edge.payee, edge.payer))
        if other and other.probability > edge.probability and edge.probability < 0.8:
            continue
        out.append(edge)
    return out


def _shared(
    text: str, mine: list[Edge], sentences: Sequence[tuple[int, int]]
) -> list[tuple[list[Edge], MoneyMention | None]]:
    """Groups of edges under one commitment, each with its amount; an edge may belong to several commitments."""
    by_amount: dict[object, list[Edge]] = defaultdict(list)
    amounts: dict[object, MoneyMention] = {}
    open_: list[Edge] = []
    likely = [(edge, _sums(edge)) for edge in mine]
    owned = _owned(likely)
    for edge, found in likely:
        # What is another payer's own sum, and likelier so, is not this one's, too.
        sums = [one for at, (one, p) in enumerate(found) if not at or p >= owned.get((edge.payee, _value(one)), 0)]
        for one in sums:
            key = (edge.payee, _value(one))
            by_amount[key].append(edge)
            amounts.setdefault(key, one)
        if not sums:
            open_.append(edge)
    groups: list[tuple[list[Edge], MoneyMention | None]] = [(edges, amounts[key]) for key, edges in by_amount.items()]
    groups = _same_payers(groups)
    for edge in open_:
        home = next((group for group, _ in groups if _belongs(text, edge, group, sentences)), None)
        if home is not None:
            home.append(edge)
        else:
            groups.append(([edge], None))
    return groups


def _owned(likely: list[tuple[Edge, list[Sum]]]) -> dict[tuple[str, tuple[object, ...]], float]:
    """Payees with the sums that are somebody's likeliest, and how likely each is at most."""
    owned: dict[tuple[str, tuple[object, ...]], float] = {}
    for edge, found in likely:
        for one, probability in found[:1]:
            key = edge.payee, _value(one)
            owned[key] = max(owned.get(key, 0.0), probability)
    return owned


def _sums(edge: Edge) -> list[Sum]:
    """The amounts of an edge, the likeliest first, each value once; a total and an own sum may both be there."""
    money = [(one, p) for one, p in edge.amounts if isinstance(one, MoneyMention) and p >= AMOUNT]
    sums: dict[tuple[object, ...], Sum] = {}
    for one, probability in money:
        if probability >= AS_LIKELY * money[0][1]:
            sums.setdefault(_value(one), (one, probability))
    return list(sums.values())[:3]


def _value(one: MoneyMention) -> tuple[object, ...]:
    return one.currency, one.amount_min, one.amount_max


def _power(edge: Edge) -> CapacityMention | None:
    """The capacity that belongs to an edge."""
    return next(
        (one for one, probability in edge.amounts if isinstance(one, CapacityMention) and probability >= AMOUNT), None
    )


def _same_payers(
    groups: list[tuple[list[Edge], MoneyMention | None]],
) -> list[tuple[list[Edge], MoneyMention | None]]:
    """Purchases and licences from several suppliers under one sum are one."""
    out: list[tuple[list[Edge], MoneyMention | None]] = []
    for edges, money in groups:
        if edges[0].kind in (DealKind.PURCHASE, DealKind.LICENSING, DealKind.FINANCING):
            twin = next(
                (
                    other
                    for other, sum_ in out
                    if sum_ is money or (sum_ and money and (sum_.start, sum_.end) == (money.start, money.end))
                    if {e.payer for e in other} == {e.payer for e in edges}
                ),
                None,
            )
            if twin is not None:
                twin += edges
                continue
        out.append((edges, money))
    return out


def _belongs(text: str, edge: Edge, group: list[Edge], sentences: Sequence[tuple[int, int]]) -> bool:
    """Whether an edge without an amount of its own is another side of a deal that is there already."""
    for other in group:
        if edge.payee == other.payee and edge.payer != other.payer:
            if (
                edge.kind in _TOGETHER
                and (edge.status is other.status or edge.kind is DealKind.INVESTMENT)
                and _apart(edge, other, sentences) <= NEARBY
            ):
                return True
            if _listed(text, edge, other, edge.payer, other.payer):
                return True
        if (
            edge.payer == other.payer
            and edge.payee != other.payee
            and edge.kind in (DealKind.PURCHASE, DealKind.LICENSING)
            and not _power(edge)
            and _listed(text, edge, other, edge.payee, other.payee)
        ):
            return True
    return False


def _apart(a: Edge, b: Edge, sentences: Sequence[tuple[int, int]]) -> int:
    """Sentences between where two edges are told best; 0: they share one."""
    (first, last), (other, end) = (
        [bisect_right(sentences, place, key=itemgetter(0)) for place in edge.at] for edge in (a, b)
    )
    return max(0, other - last, first - end)


def _listed(text: str, edge: Edge, other: Edge, a: str, b: str) -> bool:
    """Whether the two names stand in one list: `A, B and C`."""
    here = [span for span, name in _named(edge) if name == a]
    there = [span for span, name in _named(other) if name == b]
    return any(_LIST.fullmatch(text[min(x[1], y[1]) : max(x[0], y[0])]) for x in here for y in there)


def _named(edge: Edge) -> list[tuple[tuple[int, int], str]]:
    return [(span, edge.payer) for span in edge.payer_spans] + [(span, edge.payee) for span in edge.payee_spans]


def _told(
    text: str, kind: DealKind, group: list[Edge], money: MoneyMention | None, sentences: Sequence[tuple[int, int]]
) -> Told:
    payers = tuple(dict.fromkeys(edge.payer for edge in group))
    payees = tuple(dict.fromkeys(edge.payee for edge in group))
    best = max(group, key=lambda edge: edge.probability)
    power = _power(best)
    start, end = _evidence(text, group, money, sentences)
    first = lambda name: min((s for edge in group for s, n in _named(edge) if n == name), default=(0, 0))  # noqa: E731
    return Told(
        kind=kind,
        payers=tuple(sorted(payers, key=first)) if kind.directed else (),
        payees=tuple(sorted(payees, key=first)) if kind.directed else (),
        parties=() if kind.directed else tuple(sorted({*payers, *payees}, key=first)),
        status=best.status,
        money=money,
        power=power,
        start=start,
        end=end,
        confidence=min(0.99, best.probability),
        title=end <= text.find("\n"),
    )


def _evidence(
    text: str, group: list[Edge], money: MoneyMention | None, sentences: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """The sentence that names most of the sides, holds the amount and a word that deals are told in; the title last."""
    title_end = text.find("\n")

    def worth(span: tuple[int, int]) -> tuple[float, int]:
        start, end = span
        names = {name for edge in group for (s, e), name in _named(edge) if start <= s and e <= end}
        score = float(min(len(names), 3))
        score += 1.5 * (money is not None and start <= money.start < end)
        score += 0.5 * bool(lexicon().trigger.search(text[start:end].lower()))
        score -= 0.6 * (end <= title_end)
        return score, -start

    return max(sentences, key=worth, default=(0, len(text)))


def _without_echoes(told: list[Told]) -> list[Told]:
    """A purchase from a company that is bought or licensed from in the same article for the same sum is that deal."""
    out = []
    for one in told:
        twins = [t for t in told if t is not one and t.companies == one.companies and t.kind is not one.kind]
        if one.money and any(t.money == one.money and t.confidence > one.confidence for t in twins):
            continue
        out.append(one)
    return out
