"""Which edges can be sides of one commitment, and what is known of two."""

import numpy as np
import pytest

from extractors.deals import together
from extractors.deals.candidates import CLASSES, Candidates, Place
from schemas.deal import DealKind
from tests.extractors.deals.test_candidates import read

TEXT = "Acme and Bolt put money into Corex. Corex buys from Acme."
SUMS = np.array([[0.9, 0.1], [0.8, 0.2]])
STATUS = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])


@pytest.fixture(scope="module")
def window() -> Candidates:
    _, (found,) = read(TEXT, "Acme", "Bolt", "Corex")
    return found


def place(window: Candidates, kind: str, payer: int, payee: int) -> Place:
    pair = min(payer, payee), max(payer, payee)
    way = (">" if payer < payee else "<") if f"{kind}>" in CLASSES else ""
    return window.pairs.index(pair), CLASSES.index(kind + way)


ACME, BOLT, COREX = range(3)


@pytest.mark.parametrize(
    ("kind", "one", "other", "may"),
    [
        ("investment", (ACME, COREX), (BOLT, COREX), True),
        ("purchase", (COREX, ACME), (COREX, BOLT), True),
        ("partnership", (ACME, BOLT), (BOLT, COREX), True),
        ("acquisition", (ACME, BOLT), (BOLT, COREX), False),
        ("investment", (ACME, COREX), (COREX, ACME), False),
    ],
)
def test_edges_that_share_a_side_can_be_of_one_commitment(
    window: Candidates, kind: str, one: tuple[int, int], other: tuple[int, int], may: bool
) -> None:
    edges = [place(window, kind, *one), place(window, kind, *other)]
    assert together.comparable(window, edges) == ([(1, 0)] if may else [])


def test_edges_of_unlike_kinds_cannot(window: Candidates) -> None:
    edges = [place(window, "investment", ACME, COREX), place(window, "financing", BOLT, COREX)]
    assert together.comparable(window, edges) == []


def test_what_is_known_of_two_edges_is_the_same_whichever_comes_first(window: Candidates) -> None:
    edges = [place(window, "investment", ACME, COREX), place(window, "investment", BOLT, COREX)]
    found, turned = together.facts(window, edges, [(0, 1), (1, 0)], SUMS, STATUS)
    assert len(found) == together.FACTS
    assert found.tolist() == pytest.approx(turned.tolist())
    assert found[0] == 1  # they share the payee


def test_partners_stand_in_the_order_of_their_names_whoever_is_named_first() -> None:
    for text in ("Acme and Bolt work together.", "Bolt and Acme work together."):
        _, (window,) = read(text, "Acme", "Bolt")
        kind, *sides = window.sides((0, CLASSES.index("partnership")))
        assert kind is DealKind.PARTNERSHIP
        assert [window.entities[at].name for at in sides] == ["Acme", "Bolt"]
