"""Edges between companies put together to deals: who shares a commitment, with which amount, told in which sentence."""

import re
from collections import defaultdict
from collections.abc import Sequence

from extractors.deals.lexicon import lexicon
from extractors.deals.merge import Told
from extractors.deals.reader import Edge
from schemas.deal import DealKind
from schemas.mention import CapacityMention, MoneyMention

SURE = 0.55
"""An edge counts from this probability on."""
AMOUNT = 0.5
"""An amount belongs to an edge from this probability on."""
JOINED = 0.3
"""A company joins those that deal with each other if it deals with each of them, from this probability on."""
_TOGETHER = (DealKind.INVESTMENT, DealKind.FINANCING, DealKind.ACQUISITION)
"""Kinds whose payers share one deal with a payee when no amount tells them apart."""
_LIST = re.compile(r"(?:, (?:and |or |plus |as well as )?|,? (?:and|&|or|plus|as well as) )(?:the )?")


def assemble(text: str, found: Sequence[Edge], sentences: Sequence[tuple[int, int]]) -> list[Told]:
    """The deals that the edges make, in reading order of their evidence."""
    kept = _one_direction([edge for edge in found if edge.kind.directed and edge.probability >= SURE])
    told: list[Told] = []
    for kind in DealKind:
        if kind.directed:
            groups = _shared(text, [edge for edge in kept if edge.kind is kind])
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
        out.append((inside, next(iter(_sums(best)), None)))
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


def _shared(text: str, mine: list[Edge]) -> list[tuple[list[Edge], MoneyMention | None]]:
    """Groups of edges under one commitment, each with its amount; an edge may belong to several commitments."""
    by_amount: dict[object, list[Edge]] = defaultdict(list)
    amounts: dict[object, MoneyMention] = {}
    open_: list[Edge] = []
    for edge in mine:
        sums = _sums(edge)
        for one in sums:
            key = (edge.payee, one.currency, one.amount_min, one.amount_max)
            by_amount[key].append(edge)
            amounts.setdefault(key, one)
        if not sums:
            open_.append(edge)
    groups: list[tuple[list[Edge], MoneyMention | None]] = [(edges, amounts[key]) for key, edges in by_amount.items()]
    groups = _same_payers(groups)
    for edge in open_:
        home = next((group for group, _ in groups if _belongs(text, edge, group)), None)
        if home is not None:
            home.append(edge)
        else:
            groups.append(([edge], None))
    return groups


def _sums(edge: Edge) -> list[MoneyMention]:
    """The amounts of an edge, each value once; a total and an own sum may both be there."""
    sums: list[MoneyMention] = []
    for one, probability in edge.amounts:
        if not isinstance(one, MoneyMention) or probability < AMOUNT:
            continue
        if any(
            (one.currency, one.amount_min, one.amount_max) == (x.currency, x.amount_min, x.amount_max) for x in sums
        ):
            continue
        sums.append(one)
    return sums[:3]


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


def _belongs(text: str, edge: Edge, group: list[Edge]) -> bool:
    """Whether an edge without an amount of its own is another side of a deal that is there already."""
    for other in group:
        if edge.payee == other.payee and edge.payer != other.payer:
            if edge.kind in _TOGETHER and (edge.status is other.status or edge.kind is DealKind.INVESTMENT):
                return True
            if _listed(text, edge, other, edge.payer, other.payer):
                return True
        if (
            edge.payer == other.payer
            and edge.payee != other.payee
            and edge.kind in (DealKind.PURCHASE, DealKind.LICENSING)
            and _listed(text, edge, other, edge.payee, other.payee)
        ):
            return True
    return False


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
    power = next(
        (one for one, probability in best.amounts if isinstance(one, CapacityMention) and probability >= AMOUNT), None
    )
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
