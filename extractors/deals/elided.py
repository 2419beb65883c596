"""The side of a deal that its sentence leaves out, because the article has said who it is."""

import re

from extractors.deals.amounts import amount
from extractors.deals.coreference import Discourse
from extractors.deals.epithets import is_investor
from extractors.deals.roles import Bound
from extractors.deals.rounds import RECENT
from extractors.deals.typed import G, Names, Scene
from schemas.deal import DealKind


def left_out(bound: Bound, scene: Scene, mind: Discourse) -> Names:
    """Who is on the side of a reading that its clause does not name; none if that is open."""
    payers, payees = bound.sides.get("payer", ()), bound.sides.get("payee", ())
    if bool(payers) == bool(payees):
        return ()
    if _UNDER.search(scene.code, bound.left, bound.right):
        return _other_side(payers or payees, mind)
    if payers and bound.kind is DealKind.INVESTMENT and not bound.round:
        return _raising(payers, bound, scene, mind)
    return ()


def _other_side(known: Names, mind: Discourse) -> Names:
    """`Under the agreement, A will pay …`: the other company of the deal that was told last."""
    if mind.since > 1 or len(mind.sides) != 2 or not set(known) < set(mind.sides):
        return ()
    return tuple(name for name in mind.sides if name not in known)


def _raising(payers: Names, bound: Bound, scene: Scene, mind: Discourse) -> Names:
    """`A will put in $30 billion`: whom money is being raised for."""
    named = re.findall(G, scene.code[bound.at : bound.right])
    if named or amount(scene, bound.at, bound.left, bound.right) is None or not _GIVES.search(scene.code, bound.at):
        return ()
    if mind.round and mind.age < RECENT:
        return mind.round if set(mind.round).isdisjoint(payers) else ()
    one = mind.one
    return one if len(one) == 1 and one[0] not in payers and not is_investor(one[0]) else ()


_UNDER = re.compile(
    r"\b(?:under|as part of|according to|per) (?:the (?:terms of the )?|this |that )(?:[\w-]+ ){0,3}?(?:deal|agreement|"
    r"contract|terms|pact|partnership|arrangement|accord|plan|tie-up|alliance|lease)\b|"
    r"\b(?:in return|in exchange|in turn)\b"
)
_GIVES = re.compile(
    r"(?:invest(?:s|ed|ing)?|put(?:s|ting)? (?:in|up)|contribut\w+|chip\w* in|commit\w*) (?:about |around |up to |"
    r"some |as much as |another |a further |an additional |more than |over |at least )*[\ue800-\ue9ff]"
)
