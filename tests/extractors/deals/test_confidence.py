"""What a confidence says of a deal."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from extractors.deals.confidence import FEATURES, confidence, features
from extractors.deals.merge import Told
from schemas.deal import DealClaim, DealKind, DealStatus

TOLD = Told(DealKind.PURCHASE, ("Acme",), ("Bolt",), (), DealStatus.ANNOUNCED, None, None, 0, 40, 0.5)


@pytest.mark.parametrize("encoder", [True, False])
def test_it_is_a_share_whatever_speaks_for_the_deal(encoder: bool) -> None:
    for one in (-10.0, -1.0, 0.0, 1.0, 10.0):
        assert 0.01 <= confidence([one] * len(FEATURES), encoder=encoder) <= 0.99


def test_the_surer_the_encoder_the_surer_the_deal() -> None:
    sure = [confidence(features(TOLD, one), encoder=True) for one in (0.02, 0.3, 0.6, 0.95)]
    assert sure == sorted(set(sure))


def test_the_surer_the_pair_model_the_surer_the_deal() -> None:
    given = [features(replace(TOLD, confidence=one), None) for one in (0.1, 0.3, 0.6, 0.95)]
    sure = [confidence(one, encoder=False) for one in given]
    assert sure == sorted(set(sure))


def test_a_plain_sentence_is_surer_than_an_allusion(claims: Callable[[str], list[DealClaim]]) -> None:
    plain = claims("[Acme] has agreed to acquire [Bolt] for about {USD 6.5e9..6.5e9 = $6.5 billion}.")
    alluded = claims("[Acme] becomes the exclusive supplier of memory to [Bolt].")
    assert plain[0].confidence > alluded[0].confidence
