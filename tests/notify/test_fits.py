"""Which alliances fit which filters."""

from decimal import Decimal
from typing import Any

import pytest

from dealwire.notify.fits import fits
from schemas.subscriber import Subscriber
from tests.notify.conftest import NOW, alliance


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, True),
        ({"parties": ("example labs",)}, True),
        ({"parties": ("Example-Cloud",)}, True),
        ({"parties": ("Nobody", "Example Labs")}, True),
        ({"parties": ("Nobody",)}, False),
        ({"parties": ("Example",)}, False),
        ({"kinds": ("purchase", "investment")}, True),
        ({"kinds": ("investment",)}, False),
        ({"statuses": ("announced",)}, True),
        ({"statuses": ("ended", "planned")}, False),
        ({"min_usd": Decimal(30_000_000_000)}, True),
        ({"min_usd": Decimal(30_000_000_001)}, False),
        ({"min_confidence": 0.9}, True),
        ({"min_confidence": 0.91}, False),
        ({"parties": ("Example Labs",), "kinds": ("purchase",), "min_usd": Decimal(1), "min_confidence": 0.5}, True),
        ({"parties": ("Example Labs",), "kinds": ("licensing",), "min_usd": Decimal(1)}, False),
    ],
)
def test_all_filters_have_to_fit(filters: dict[str, Any], expected: bool) -> None:
    one = Subscriber(subscriber_id="s", name="s", kind="command", target="x", added_at=NOW, **filters)
    assert fits(one, alliance("a"), one.parties) is expected


def test_kind_status_and_confidence_are_those_of_one_deal() -> None:
    sure = alliance("a").deals[0]
    unsure = sure.model_copy(update={"kind": "investment", "confidence": 0.2})
    both = alliance("a", deals=(sure, unsure))
    one = Subscriber(
        subscriber_id="s", name="s", kind="command", target="x", added_at=NOW, kinds=("investment",), min_confidence=0.5
    )
    assert not fits(one, both, ())


def test_an_unknown_amount_is_not_enough() -> None:
    one = Subscriber(subscriber_id="s", name="s", kind="command", target="x", added_at=NOW, min_usd=Decimal(1))
    assert not fits(one, alliance("a", usd=None), ())
