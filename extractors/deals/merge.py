"""One deal once an article: what several sentences tell is put together."""

from dataclasses import dataclass, replace

from extractors.deals.typed import Names
from schemas.deal import DealKind, DealStatus
from schemas.mention import CapacityMention, MoneyMention


@dataclass(frozen=True)
class Told:
    """One deal as one sentence tells it."""

    kind: DealKind
    payers: Names
    payees: Names
    parties: Names
    status: DealStatus
    money: MoneyMention | None
    power: CapacityMention | None
    start: int
    end: int
    confidence: float
    title: bool = False
    joint: bool = False
    share: bool = False
    guessed: bool = False
    """Seen by the small pair model alone, or by a frame that it doubts."""
    joins: bool = False
    """Further investors of a round that was told before."""
    likely: MoneyMention | None = None
    """What the encoder takes for its sum, to be asked where no words tie one to the deal."""

    @property
    def everybody(self) -> Names:
        """Everybody in the deal, in its order."""
        return (*self.payers, *self.payees, *self.parties)

    @property
    def companies(self) -> frozenset[str]:
        """Everybody in the deal."""
        return frozenset(self.everybody)


def merge(told: list[Told]) -> list[Told]:
    """Repeats put together, rounds with all investors, alliances that only name told legs left out."""
    kept: list[Told] = []
    for one in told:
        at = next((i for i, other in enumerate(kept) if _same(one, other)), None)
        if at is None and one.joins:
            at = next((i for i in reversed(range(len(kept))) if _joined(one, kept[i])), None)
        if at is None:
            kept.append(one)
        else:
            kept[at] = _both(kept[at], one)
    return _without_echoes(kept)


def _same(a: Told, b: Told) -> bool:
    if a.kind is not b.kind:
        return False
    if a.kind.directed:
        if a.payees != b.payees and set(a.payees) != set(b.payees):
            return False
        if set(a.payers) != set(b.payers):
            return (
                a.kind in (DealKind.INVESTMENT, DealKind.FINANCING)
                and not (a.share or b.share)
                and bool(set(a.payers) & set(b.payers))
                and (a.money is None or b.money is None or like_sum(a.money, b.money))
            )
    elif (
        a.companies != b.companies
        if a.kind is DealKind.PARTNERSHIP
        else not (a.companies <= b.companies or b.companies <= a.companies)
    ):
        return False
    return a.money is None or b.money is None or like_sum(a.money, b.money)


def _joined(one: Told, round_: Told) -> bool:
    return (
        round_.kind is one.kind
        and not round_.share
        and set(round_.payees) == set(one.payees)
        and (one.money is None or round_.money is None or like_sum(one.money, round_.money))
    )


def same_sum(a: MoneyMention, b: MoneyMention) -> bool:
    """Whether two mentions state the same amount with the same bounds."""
    return (a.currency, a.amount_min, a.amount_max) == (b.currency, b.amount_min, b.amount_max)


def like_sum(a: MoneyMention, b: MoneyMention) -> bool:
    """Whether two mentions may state one amount: within a twentieth, or in other currencies."""
    x, y = a.amount_max or a.amount_min, b.amount_max or b.amount_min
    if a.currency != b.currency:
        return True
    return x is not None and y is not None and abs(x - y) <= max(x, y) / 20


def _both(a: Told, b: Told) -> Told:
    best = max((a, b), key=lambda t: (t.money is not None, not t.title, t.confidence))
    status = a.status if DealStatus.ANNOUNCED not in (a.status, b.status) else b.status if a.title else a.status
    if DealStatus.ENDED in (a.status, b.status):
        status = DealStatus.ENDED
    return replace(
        best,
        payers=_union(a.payers, b.payers),
        payees=_union(a.payees, b.payees),
        parties=_union(a.parties, b.parties),
        status=status,
        power=a.power or b.power,
        confidence=min(0.95, max(a.confidence, b.confidence) + 0.05),
        joint=a.joint or b.joint,
        guessed=a.guessed and b.guessed,
        joins=a.joins and b.joins,
        share=a.share or b.share,
    )


def _union(a: Names, b: Names) -> Names:
    return a + tuple(n for n in b if n not in a)


def _without_echoes(kept: list[Told]) -> list[Told]:
    """No partnership of companies whose directed deals are told, unless they work on something jointly."""
    legs = [t.companies for t in kept if t.kind is not DealKind.PARTNERSHIP]
    out = []
    for one in kept:
        within = sum(len(leg & one.companies) >= 2 for leg in legs)
        if one.kind is DealKind.PARTNERSHIP and within and (not one.joint or len(one.parties) > 2):
            continue
        if one.kind.directed and one.money is None and any(_holds(t, one) for t in kept):
            continue
        if one.kind.directed and one.money is not None and any(_same_sum(t, one) for t in kept):
            continue
        if len(one.payees) > 1 and one.money is None and _told_one_by_one(one, kept):
            continue
        if one.title and one.money is not None and any(_sharper(t, one) for t in kept):
            continue
        if one.kind is DealKind.PURCHASE and any(
            t.kind in (DealKind.LICENSING, DealKind.ACQUISITION) and t.payers == one.payers and t.payees == one.payees
            for t in kept
        ):
            continue
        out.append(one)
    return out


def _told_one_by_one(one: Told, kept: list[Told]) -> bool:
    """Whether there is a deal with each of those that it names together."""
    apart = {other.payees for other in kept if other.kind is one.kind and set(other.payers) == set(one.payers)}
    return all((name,) in apart for name in one.payees)


def _same_sum(other: Told, one: Told) -> bool:
    """Whether a sum is told for another deal of the same companies, and more surely: it is paid once."""
    return (
        other is not one
        and other.kind.directed
        and other.money is one.money
        and other.companies == one.companies
        and (other.kind is not one.kind or other.payers != one.payers)
        and other.confidence > one.confidence
    )


def _sharper(body: Told, title: Told) -> bool:
    """Whether the article tells the title's deal with fewer companies: titles name more than deal with each other."""
    return (
        body.kind is title.kind
        and body.money is not None
        and title.money is not None
        and like_sum(body.money, title.money)
        and set(body.payers) <= set(title.payers)
        and set(body.payees) <= set(title.payees)
        and body.companies < title.companies
    )


def _holds(whole: Told, part: Told) -> bool:
    """True if `part` adds nothing but a doubtful further side to a deal whose amount is told."""
    return (
        whole is not part
        and whole.kind is part.kind
        and whole.money is not None
        and bool(set(whole.payers) & set(part.payers))
        and bool(set(whole.payees) & set(part.payees))
    )
