"""Frames over typed sentences: every trigger word of a sentence is read, the best reading of each pair is kept."""

import re
from collections.abc import Iterable, Iterator

from extractors.deals.amounts import amount, amounts, capacity
from extractors.deals.coreference import Discourse, resolve
from extractors.deals.lexicon import lexicon, triggers
from extractors.deals.merge import Told
from extractors.deals.roles import Bound, bind
from extractors.deals.status import status
from extractors.deals.typed import Scene, join_lists
from schemas.deal import DealKind


def walk(scenes: Iterable[tuple[Scene, bool]], *, title_end: int) -> Iterator[tuple[Scene, list[Told], Discourse]]:
    """Each sentence that names companies with its references resolved, what the frames read in it, and what was
    in mind when it began."""
    mind = Discourse()
    for scene, promising in scenes:
        scene.title = scene.end <= title_end
        if scene.groups or (promising and mind.recent):
            join_lists(scene)
            resolve(scene, mind)
            join_lists(scene)
            yield scene, _sentence(scene, mind) if promising else [], mind
        mind.note(scene)


def _sentence(scene: Scene, mind: Discourse) -> list[Told]:
    found: list[Told] = []
    if not scene.groups:
        return found
    words = lexicon()
    for match in triggers(scene.code):
        best: Bound | None = None
        for frame, form in words.frames[match[0]]:
            bound = bind(scene, match.start(), match.end(), frame, form)
            if bound and bound.kind.directed and not _complete(bound, scene, mind):
                continue
            if bound and (best is None or bound.confidence > best.confidence):
                best = bound
        if best:
            found.extend(_told(scene, best))
    return _one_a_pair(found)


def _complete(bound: Bound, scene: Scene, mind: Discourse) -> bool:
    """Whether both sides are there; investors told without the company join the round told before."""
    payers, payees = bound.sides.get("payer", ()), bound.sides.get("payee", ())
    if bound.kind is DealKind.INVESTMENT:
        if payees and not payers and len(payees) == 1 and not bound.raised_wrong:
            mind.round = payees
        if payers and not payees and mind.round and not set(mind.round) & set(payers) and bound.round:
            bound.sides["payee"] = payees = mind.round
            bound.confidence -= 0.1
    if payers and payees and bound.kind is DealKind.INVESTMENT and len(payees) == 1:
        mind.round = payees
    return bool(payers and payees)


def _told(scene: Scene, bound: Bound) -> list[Told]:
    sure = status(scene, bound.at, bound.left, bound.right)
    if sure is None:
        return []
    payers, payees = bound.sides.get("payer", ()), bound.sides.get("payee", ())
    base = Told(
        kind=bound.kind,
        payers=payers,
        payees=payees,
        parties=bound.sides.get("party", ()),
        status=sure,
        money=None,
        power=capacity(scene, bound.left, bound.right) if bound.kind is DealKind.PURCHASE else None,
        start=scene.start,
        end=scene.end,
        confidence=bound.confidence,
        title=scene.title,
        joint=bool(JOINT.search(scene.code)),
    )
    if bound.kind is DealKind.PARTNERSHIP:
        return [base]
    sums = amounts(scene, bound.left, bound.right)
    if "respectively" in scene.code or "each" in scene.code:
        for side in ("payers", "payees"):
            names = getattr(base, side)
            if len(names) > 1 and len(names) <= len(sums):
                return [_with(base, side, name, sum_) for name, sum_ in zip(names, sums[-len(names) :], strict=True)]
    return [_replace(base, money=amount(scene, bound.at, bound.left, bound.right))]


def _with(base: Told, side: str, name: str, money: object) -> Told:
    return _replace(base, **{side: (name,), "money": money, "share": True})


def _replace(base: Told, **fields: object) -> Told:
    from dataclasses import replace

    return replace(base, **fields)  # type: ignore[arg-type]


def _one_a_pair(found: list[Told]) -> list[Told]:
    """Of readings of the same companies and the same kind in one sentence the surest; shares told apart stay apart."""
    apart = {(one.kind, name) for one in found if one.share for name in one.companies}
    best: dict[object, Told] = {}
    for one in found:
        if not one.share and all((one.kind, name) in apart for name in one.companies):
            continue
        key = (one.companies, one.kind)
        if key not in best or one.confidence > best[key].confidence:
            best[key] = one
    return list(best.values())


JOINT = re.compile(
    r"co-design|co-engineer|jointly|joint (?:engineering|selling|development|research)|co-develop|engineering|"
    r"optimi[sz]e|integrat|resell|distribut"
)
