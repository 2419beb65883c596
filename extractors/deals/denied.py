"""What the encoder alone takes for a deal and its sentence denies: what is supposed, standing, arranged for others."""

import re
from collections.abc import Iterable

from extractors.deals.lexicon import lexicon
from extractors.deals.merge import Told
from extractors.deals.typed import G, Scene, is_group
from schemas.deal import DealKind


def denied(one: Told, scenes: Iterable[Scene]) -> bool:
    """Whether the sentence that tells a deal best, and names both of its sides, says that there is none."""
    for scene in scenes:
        if not one.start <= scene.start < one.end:
            continue
        named = [(at, set(scene.names(char))) for at, char in enumerate(scene.code) if is_group(char)]
        pairs = [
            (abs(a - b), min(a, b), max(a, b))
            for a, payers in named
            for b, payees in named
            if a != b and _are_sides(one, payers, payees)
        ]
        if not pairs:
            continue
        _, first, last = min(pairs)
        clause = scene.code[max(0, first - REACH) : last].rpartition(";")[2]
        if lexicon().void.search(clause) or _ARRANGES.search(scene.code) or is_standing(one, scene):
            return True
    return False


def _are_sides(one: Told, some: set[str], others: set[str]) -> bool:
    if one.parties:
        return bool(some & set(one.parties) and others & set(one.parties) and some != others)
    return bool(some & set(one.payers) and others & set(one.payees))


def is_standing(one: Told, scene: Scene) -> bool:
    """Whether a sentence speaks of a stake or ties that are merely there, and the deal is that."""
    if one.parties:
        return _TIES.search(scene.code) is not None
    return one.kind is DealKind.INVESTMENT and one.money is None and _STANDING.search(scene.code) is not None


REACH = 60
"""So many characters before the side that is named first may deny what follows."""
_ARRANGES = re.compile(
    r"\b(?:act(?:s|ed|ing)?|serv(?:es|ed|ing)) as (?:\w+ |the |an? )*?(?:placement agent|advis[eo]rs?|bookrunners?|"
    r"underwriters?|counsel|managers?|brokers?)\b|\badvis(?:es|ed|ing) "
)
"""Banks and lawyers that help with a deal are no side of it."""
_STANDING = re.compile(
    rf"\b(?:holds?|owns?|owning|holding|has|have|with) (?:about |around |roughly |nearly |almost |an? |some |the )*"
    rf"(?:[\d.]+ ?(?:%|per ?cent|percent)|(?:[\w.%-]+ )?(?:stake|share|holding|interest)) "
    rf"(?:stake |share |interest |holding )?(?:in|of) |\bbacked by (?:{G}|investors)|\bbackers (?:include|are)|"
    rf"\binvestors (?:in {G} )?include|\b(?:largest|biggest|main|majority|minority|existing) "
    r"(?:shareholder|investor|owner)"
)
"""A stake that is merely there."""
_TIES = re.compile(
    rf"\b(?:beyond|besides?|despite|outside|away from|apart from|in spite of|independent of) (?:its|their|the|{G}'s) "
    r"(?:[\w-]+ ){0,3}(?:relationship|relations|ties|partnership|alliance|collaboration|reliance|dependence)\b"
)
"""`beyond its well-established relationship with`: ties that something else is set against."""
