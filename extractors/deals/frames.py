"""Frames over typed sentences: every trigger word of a sentence is read, the best reading of each pair is kept."""

import re
from collections.abc import Iterable

from extractors.deals.amounts import amount, amounts, capacity
from extractors.deals.coreference import Discourse, resolve
from extractors.deals.lexicon import lexicon
from extractors.deals.merge import Told
from extractors.deals.roles import Bound, bind
from extractors.deals.status import status
from extractors.deals.typed import Scene, join_lists
from schemas.deal import DealKind


def read(scenes: Iterable[tuple[Scene, bool]], *, title_end: int) -> list[Told]:
    """Every deal that the sentences tell, in reading order, repeats included."""
    mind = Discourse()
    told: list[Told] = []
    for scene, promising in scenes:
        scene.title = scene.end <= title_end
        if promising and (scene.groups or mind.recent):
            resolve(scene, mind)
            join_lists(scene)
            told.extend(_sentence(scene))
        mind.note(scene)
    return told


def _sentence(scene: Scene) -> list[Told]:
    found: list[Told] = []
    if len({n for names in scene.groups for n in names}) < 2:
        return found
    words = lexicon()
    for match in words.trigger.finditer(scene.code):
        best: Bound | None = None
        for frame, form in words.frames[match[0]]:
            bound = bind(scene, match.start(), match.end(), frame, form)
            if bound and (best is None or bound.confidence > best.confidence):
                best = bound
        if best:
            found.extend(_told(scene, best))
    return _one_a_pair(found)


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
        joint=bool(_JOINT.search(scene.code)),
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
    return _replace(base, **{side: (name,), "money": money})


def _replace(base: Told, **fields: object) -> Told:
    from dataclasses import replace

    return replace(base, **fields)  # type: ignore[arg-type]


def _one_a_pair(found: list[Told]) -> list[Told]:
    """Of readings of the same companies and the same kind in one sentence the surest."""
    best: dict[object, Told] = {}
    for one in found:
        key = (one.companies, one.kind)
        if key not in best or one.confidence > best[key].confidence:
            best[key] = one
    return list(best.values())


_JOINT = re.compile(
    r"co-design|co-engineer|jointly|joint (?:engineering|selling|development|research)|co-develop|engineering|optimi[sz]e|integrat|resell|distribut"
)
