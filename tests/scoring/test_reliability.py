"""Confidence against the share that is right."""

import pytest

from dealwire import scoring
from tests.scoring.sample import document

DEAL = document()["deals"][0]


def test_bins_hold_how_many_are_right_and_the_error_is_their_mean_gap() -> None:
    gold = [document(id=n) for n in range(4)]
    wrong = DEAL | {"payers": ["Zeta"], "payees": ["Acme"]}
    mine = [
        document(id=0, deals=[DEAL | {"confidence": 0.95}]),
        document(id=1, deals=[DEAL | {"confidence": 1.0}]),
        document(id=2, deals=[DEAL | {"confidence": 0.62}, wrong | {"confidence": 0.66}]),
        document(id=3, deals=[DEAL]),
    ]
    found = scoring.reliability(gold, mine)
    assert [(one.low, one.deals, one.right) for one in found.bins] == [(0.6, 2, 0.5), (0.9, 2, 1.0)]
    assert found.error == pytest.approx((2 * 0.14 + 2 * 0.025) / 4)
    assert found.silent == 1


def test_a_deal_told_twice_is_right_once() -> None:
    mine = document(deals=[DEAL | {"confidence": 0.3}, DEAL | {"confidence": 0.9}])
    found = scoring.reliability([document()], [mine])
    assert [(one.low, one.right) for one in found.bins] == [(0.3, 0.0), (0.9, 1.0)]


def test_without_deals_there_is_no_error() -> None:
    assert scoring.reliability([document()], []).error == 0
