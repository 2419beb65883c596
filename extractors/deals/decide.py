"""Which readings of a sentence are told as deals: frames and the pair model together."""

import re
from dataclasses import replace

from extractors.deals.amounts import amount, capacity
from extractors.deals.coreference import Discourse
from extractors.deals.denied import is_standing
from extractors.deals.frames import JOINT, told_apart
from extractors.deals.merge import Told
from extractors.deals.pairs import CLASSES, Pair, pairs, scores
from extractors.deals.status import status
from extractors.deals.typed import Names, Scene
from schemas.deal import DealKind

SURE = 0.4
"""A pair that no frame reads is told from this probability on."""
ENOUGH = 0.15
"""A frame's reading is doubted below this probability."""
PLAIN = 0.5
"""A frame of less confidence is no deal when it is doubted."""
STRONG = 0.8
"""A frame of at least this confidence is told whatever the pair model says."""


_STANDING = re.compile(r"\b(?:well-established|long-?standing|long-?time|existing|beyond its|relationship with)\b")
"""Companies that are said to be partners already have not agreed on it just now."""
_OWNING = {DealKind.INVESTMENT, DealKind.ACQUISITION}


def decide(scene: Scene, read: list[Told], mind: Discourse) -> tuple[list[Told], list[Told]]:
    """The deals of one sentence, and those that a frame reads and the pair model doubts."""
    judged = [(pair, scores(pair)) for pair in pairs(scene, read, mind)]
    kept, doubted = [], []
    for one in read:
        probability = max((_agreement(one, pair, score) for pair, score in judged), default=one.confidence)
        if probability >= ENOUGH or one.confidence >= STRONG or one.joins:
            kept.append(replace(one, confidence=min(0.95, max(0.3, probability))))
        elif one.confidence >= PLAIN:
            doubted.append(replace(one, guessed=True))
    return kept + _found(scene, judged, kept), doubted


def _agreement(one: Told, pair: Pair, score: list[float]) -> float:
    a, b = set(pair.first), set(pair.second)
    if one.parties:
        fits = a & set(one.parties) and b & set(one.parties)
        return score[CLASSES.index(one.kind.value)] if fits else 0.0
    if a & set(one.payers) and b & set(one.payees):
        return score[CLASSES.index(f"{one.kind.value}>")]
    if b & set(one.payers) and a & set(one.payees):
        return score[CLASSES.index(f"{one.kind.value}<")]
    return 0.0


def _found(scene: Scene, judged: list[tuple[Pair, list[float]]], kept: list[Told]) -> list[Told]:
    out: list[Told] = []
    for pair, score in judged:
        best = max(range(1, len(CLASSES)), key=score.__getitem__)
        if score[best] < SURE or (CLASSES[best] == DealKind.PARTNERSHIP.value and _STANDING.search(scene.code)):
            continue
        one = _told(scene, pair, CLASSES[best], score[best])
        if one is None or is_standing(one, scene) or any(_spoken_for(one, other) for other in kept):
            continue
        if not one.companies <= {n for other in kept if other.kind is one.kind for n in other.companies}:
            apart = told_apart(one, scene, 0, len(scene.code)) if one.kind.directed else []
            for part in apart or [one]:
                _add(out, part)
    return out


def _spoken_for(one: Told, other: Told) -> bool:
    """Whether a frame already gave this payer's money to somebody else in the sentence, or a share of the same company
    where this takes all of it, or the other way round."""
    if {one.kind, other.kind} == _OWNING and (one.payers, one.payees) == (other.payers, other.payees):
        return True
    return one.money is not None and one.money is other.money and one.kind is other.kind and one.payers == other.payers


def _told(scene: Scene, pair: Pair, name: str, probability: float) -> Told | None:
    kind = DealKind(name.rstrip("<>"))
    payers: Names = ()
    payees: Names = ()
    parties: Names = ()
    if not kind.directed:
        parties = pair.first + tuple(n for n in pair.second if n not in pair.first)
    elif name.endswith(">"):
        payers, payees = pair.first, pair.second
    else:
        payers, payees = pair.second, pair.first
    whole = len(scene.code)
    sure = status(scene, pair.to, 0, whole)
    if sure is None:
        return None
    money = (
        None if kind is DealKind.PARTNERSHIP else amount(scene, pair.at, 0, whole, whole=kind is DealKind.ACQUISITION)
    )
    return Told(
        kind=kind,
        payers=payers,
        payees=payees,
        parties=parties,
        status=sure,
        money=money,
        power=capacity(scene, 0, whole) if kind is DealKind.PURCHASE else None,
        start=scene.start,
        end=scene.end,
        confidence=min(0.95, max(0.3, probability)),
        title=scene.title,
        joint=bool(JOINT.search(scene.code)),
        guessed=True,
    )


def _add(out: list[Told], one: Told) -> None:
    """Investors and lenders of one company in one sentence share a deal; so do the parties of one venture."""
    for n, other in enumerate(out):
        if other.kind is not one.kind:
            continue
        if (
            one.kind in (DealKind.INVESTMENT, DealKind.FINANCING)
            and one.payees == other.payees
            and one.money == other.money
        ):
            out[n] = replace(other, payers=other.payers + tuple(p for p in one.payers if p not in other.payers))
            return
        if one.kind is DealKind.JOINT_VENTURE and one.companies & other.companies:
            out[n] = replace(other, parties=other.parties + tuple(p for p in one.parties if p not in other.parties))
            return
    out.append(one)
