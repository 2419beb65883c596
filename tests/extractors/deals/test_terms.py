"""Years, stake and valuation that are stated with a deal."""

from collections.abc import Callable

import pytest

from schemas.deal import DealClaim

Read = Callable[[str], list[DealClaim]]


def one(claims: Read, text: str) -> DealClaim:
    (found,) = claims(text)
    return found


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("[Acme] signed a seven-year, {USD 2e9..2e9 = $2 billion} contract to buy compute from [Bolt].", 7),
        ("[Acme] will buy {USD 2e9..2e9 = $2 billion} of compute from [Bolt] over the next five years.", 5),
        (
            "[Acme] agreed to buy compute from [Bolt] for {USD 2e9..2e9 = $2 billion}. The contract runs for 15 years.",
            15,
        ),
        ("[Acme], founded five years ago, agreed to buy [Bolt] for {USD 2e9..2e9 = $2 billion}.", None),
        ("[Acme] agreed to buy the 10-year-old [Bolt] for {USD 2e9..2e9 = $2 billion}.", None),
        ("[Acme] agreed to buy [Bolt] for {USD 2e9..2e9 = $2 billion}. [Core] has a two-year deal with [Dyn].", None),
    ],
)
def test_years(claims: Read, text: str, years: float | None) -> None:
    assert claims(text)[0].years == years


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("[Acme] invested {USD 5e9..5e9 = $5 billion} in [Bolt] for a 49% stake.", 49),
        ("[Acme] bought a 4.9 percent passive stake in [Bolt] for {USD 5e9..5e9 = $5 billion}.", 4.9),
        ("[Acme] invested {USD 5e9..5e9 = $5 billion} in [Bolt]. Its shares rose 12% on Monday.", None),
    ],
)
def test_stakes(claims: Read, text: str, percent: float | None) -> None:
    assert one(claims, text).stake_percent == percent


def test_a_valuation_is_kept_beside_the_sum_raised(claims: Read) -> None:
    found = one(
        claims,
        "[Bolt] raised {USD 4e7..4e7 = $40 million} from [Acme Capital] at a {USD 5e8..5e8 = $500 million} valuation.",
    )
    assert (found.quoted, found.valuation, found.valuation_currency) == ("$40 million", 500_000_000, "USD")


def test_a_valuation_in_the_next_sentence_counts_if_it_is_about_nobody_else(claims: Read) -> None:
    raised = "[Acme Capital] invested {USD 4e7..4e7 = $40 million} in [Bolt]. "
    assert one(claims, raised + "The round values it at {USD 5e8..5e8 = $500 million}.").valuation == 500_000_000
    assert claims(raised + "[Core] is valued at {USD 9e8..9e8 = $900 million}.")[0].valuation is None


def test_a_takeover_valued_at_its_price_has_no_other_valuation(claims: Read) -> None:
    found = one(claims, "[Acme] agreed to buy [Bolt] in a deal valued at {USD 2e9..2e9 = $2 billion}.")
    assert found.valuation is None or found.quoted is None
