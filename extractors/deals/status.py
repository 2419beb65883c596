"""How sure a told deal is: announced, planned, ended, or not told at all."""

import re

from extractors.deals.lexicon import lexicon
from extractors.deals.typed import Scene
from schemas.deal import DealStatus


def status(scene: Scene, at: int, left: int, right: int) -> DealStatus | None:
    """The status that the words around the trigger give; None where the sentence denies or supposes the deal."""
    words = lexicon()
    clause = scene.code[left:right]
    if _NEGATED.search(scene.code[left:at]) or words.void.search(scene.code):
        return None
    if words.ended.search(clause):
        return DealStatus.ENDED
    # "the chips that it plans to make" and "as it looks for power" say nothing of the deal told before them, nor does
    # "one may argue that" of what is argued.
    before = _ARGUED.sub(" ", _BESIDE.sub(" ", scene.code[left : at + _VERB]))
    if words.planned.search(before) or words.hearsay.search(clause):
        return DealStatus.PLANNED
    return DealStatus.ANNOUNCED


_VERB = 9
"""What the trigger word itself may begin: `close to`, `offered to`."""
_ARGUED = re.compile(r"\b(?:may|might|could) [^,;]*?\bthat\b")
_BESIDE = re.compile(r", (?:which|who|whose) [^,]*,")
_NEGATED = re.compile(
    r"(?:\bnot|n't|\bnever|\bwithout|\brather than|\binstead of|\bdenied|\bdeclined to|\brefused to|"
    r"\bnor)\b[^\ue000-\uefff]{0,20}$"
)
