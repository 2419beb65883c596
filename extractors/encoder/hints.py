"""Hints: what the rules and the catalogue take for a mention, given to the encoder with the text."""

from collections.abc import Iterable

from extractors import capacity, chip_names, company_names, model_names, money
from extractors.encoder.pieces import TYPES, Typed
from extractors.spans import Span, Taken, touches


def hints(text: str) -> list[Typed]:
    """The marks of a text that nothing was read of yet."""
    return marks(
        CAPACITY=[(one.start, one.end) for one in capacity.find_capacity(text)],
        MONEY=[(one.start, one.end) for one in money.find_money(text)],
        CHIP=[(one.start, one.end) for one in chip_names.find(text)],
        MODEL=[(one.start, one.end) for one in model_names.find(text)],
        COMPANY=[(one.start, one.end) for one in company_names.find_known(text, Taken([]))],
    )


def marks(**spans: Iterable[Span]) -> list[Typed]:
    """Spans by label as marks in reading order; where two meet, that of the label given first stays."""
    kept: list[Typed] = []
    for label, found in spans.items():
        before = [(start, end) for start, end, _ in kept]
        kept += [(start, end, TYPES.index(label) + 1) for start, end in found if not touches((start, end), before)]
    return sorted(kept)
