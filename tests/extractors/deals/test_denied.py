"""What the encoder alone sees and the sentence denies."""

import pytest

from extractors.deals.denied import denied
from extractors.deals.merge import Told
from extractors.deals.typed import Scene
from schemas.deal import DealKind, DealStatus

A, B = "\ue000", "\ue001"


def deal(text: str, kind: str) -> tuple[Told, Scene]:
    """A deal of A's with B, told in a sentence in which the letters stand for them."""
    code = text.replace("A", A).replace("B", B)
    scene = Scene(0, len(code), code, groups=[("Acme",), ("Bolt",)])
    sides = (("Acme",), ("Bolt",), ()) if DealKind(kind).directed else ((), (), ("Acme", "Bolt"))
    one = Told(DealKind(kind), *sides, DealStatus.ANNOUNCED, None, None, 0, len(code), confidence=0.9)
    return one, scene


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A denied that it wants B", "acquisition"),
        ("suppose it were true that A bought B", "acquisition"),
        ("B acted as placement agent to A", "purchase"),
        ("A holds 27% of B", "investment"),
        ("B, backed by A, grew", "investment"),
        ("A has a 10% stake in B", "investment"),
        ("B, whose backers include A, reported a loss", "investment"),
        ("A denied a pact with B", "partnership"),
        ("A looks beyond its well-established relationship with B", "partnership"),
        ("A looks for others, despite A's ties with B", "partnership"),
    ],
)
def test_a_sentence_can_say_that_there_is_no_deal(text: str, kind: str) -> None:
    one, scene = deal(text, kind)
    assert denied(one, [scene])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A bought B", "acquisition"),
        ("B denied a report of losses; A bought B", "acquisition"),
        ("A took 27% of B", "investment"),
        ("A holds 27% of B", "acquisition"),
        ("A extends its long-standing relationship with B to chips", "partnership"),
    ],
)
def test_other_sentences_say_nothing_against_it(text: str, kind: str) -> None:
    one, scene = deal(text, kind)
    assert not denied(one, [scene])


def test_a_sentence_that_does_not_name_both_sides_says_nothing() -> None:
    one, scene = deal("A denied everything", "acquisition")
    assert not denied(one, [scene])
    assert not denied(one, [])
