"""Edges between companies put together to deals: who shares a commitment, with which amount, told in which sentence."""

import re
from collections import defaultdict
from collections.abc import Sequence

from extractors.deals.lexicon import lexicon
from extractors.deals.merge import Told
from extractors.deals.reader import SURE, Edge
from schemas.deal import DealKind
from schemas.mention import CapacityMention, MoneyMention

AMOUNT = 0.5
"""An amount belongs to an edge from this probability on."""
TOGETHER = 0.7
"""Groups of edges are one commitment if their edges are so from this probability on, on average."""
CLASH = 0.3
"""What unlike sums take from it."""
SAME = 0.1
"""What the same sum adds to it."""
AS_LIKELY = 0.9
"""A further amount of an edge is so likely, of the likeliest one."""
_ONE_PAYEE = {DealKind.INVESTMENT, DealKind.ACQUISITION, DealKind.FINANCING}
"""Money for two companies makes two deals, however alike they are told."""
Sum = tuple[MoneyMention, float]
"""An amount, and how likely it belongs to an edge."""
Share = tuple[Edge, Sum | None]
"""An edge with one of its sums."""


def assemble(text: str, found: Sequence[Edge], sentences: Sequence[tuple[int, int]]) -> list[Told]:
    """The deals that the edges make, in reading order of their evidence."""
    kept = _one_direction([edge for edge in found if edge.probability >= SURE])
    told: list[Told] = []
    for kind in DealKind:
        for group in _commitments([edge for edge in kept if edge.kind is kind]):
            told.append(_told(text, kind, [edge for edge, _ in group], _sum(group), sentences))
    return sorted(_without_echoes(told, text), key=lambda one: (one.start, one.kind.value))


def _commitments(mine: list[Edge]) -> list[list[Share]]:
    """Edges of a kind as the commitments that they are sides of; an edge may have a share in several."""
    likely = [(edge, _sums(edge)) for edge in mine]
    owned = _owned(likely)
    groups: list[list[Share]] = []
    for edge, found in likely:
        # What is another payer's own sum, and likelier so, is not this one's, too.
        sums = [one for at, one in enumerate(found) if not at or one[1] >= owned.get((edge.payee, _value(one[0])), 0)]
        groups += [[(edge, one)] for one in sums] or [[(edge, None)]]
    while True:
        pairs = [(_cohesion(a, b), n, m) for n, a in enumerate(groups) for m, b in enumerate(groups[:n])]
        best, n, m = max(pairs, default=(0.0, 0, 0))
        if best < TOGETHER:
            return groups
        groups[m] += groups.pop(n)


def _cohesion(a: list[Share], b: list[Share]) -> float:
    """How likely the shares of two groups are of one commitment, on average over those that can be compared."""
    if {id(edge) for edge, _ in a} & {id(edge) for edge, _ in b}:
        return 0.0
    first, other = a[0][0], b[0][0]
    if first.kind in _ONE_PAYEE and first.payee != other.payee:
        return 0.0
    there = [(edge.payer, edge.payee) for edge, _ in b]
    likely = [edge.together[other] for edge, _ in a for other in there if other in edge.together]
    if not likely:
        return 0.0
    mean = sum(likely) / len(likely)
    sums, others = ({_value(one[0]) for _, one in group if one} for group in (a, b))
    if sums and others and sums != others:
        return mean - CLASH
    return mean + SAME * bool(sums & others)


def _sum(group: list[Share]) -> MoneyMention | None:
    """The sum that its sides hold the likeliest together."""
    votes: dict[tuple[object, ...], float] = defaultdict(float)
    for _, one in group:
        if one:
            votes[_value(one[0])] += one[1]
    best = max(votes, key=lambda value: votes[value], default=None)
    return next((one[0] for _, one in group if one and _value(one[0]) == best), None)


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


def _without_echoes(told: list[Told], text: str) -> list[Told]:
    """A purchase from a company that is bought or licensed from in the same article for the same sum is that deal, and
    a sum that stands there once is paid once: of two deals between whom it may pass, the likelier."""
    out = []
    for one in told:
        twins = [t for t in told if t.kind is not one.kind and t.companies == one.companies and not _is_return(t, one)]
        if one.money and any(t.money == one.money and t.confidence > one.confidence for t in twins):
            continue
        if any(t.confidence > one.confidence and _is_paid(one, t, text) for t in told):
            continue
        out.append(one)
    return out


def _is_return(one: Told, other: Told) -> bool:
    """Whether in one deal those pay who are paid in the other."""
    return one.kind.directed and other.kind.directed and one.payers != other.payers


def _is_paid(one: Told, other: Told, text: str) -> bool:
    """Whether two deals of one kind share a side and the very words of their sum, and not `$1 billion each`."""
    if one.money is None or one.money != other.money or one.kind is not other.kind or _EACH.match(text, one.money.end):
        return False
    if one.payees == other.payees:
        return one.payers != other.payers
    return not {*one.payers}.isdisjoint(other.payers)


_EACH = re.compile(r"[^.;]{0,30}\b(?:each|apiece)\b")
