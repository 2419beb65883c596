"""What a deal is worth: from its own sentence, from those that go on about it, and how sure it is."""

from collections.abc import Callable

import pytest

from schemas.deal import DealClaim

Read = Callable[[str], list[DealClaim]]


def bounds(one: DealClaim) -> tuple[int | None, int | None]:
    """The amount's bounds in whole units."""
    low, high = one.amount_min, one.amount_max
    return (int(low) if low is not None else None, int(high) if high is not None else None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Acme] bought [Bolt]. The deal was worth {USD 2e9..2e9 = $2 billion}.", (2_000_000_000, 2_000_000_000)),
        (
            "[Acme] will acquire [Bolt]. The transaction values [Bolt] at {USD 2e9..2e9 = $2 billion}.",
            (2_000_000_000, 2_000_000_000),
        ),
        ("[Acme] will acquire [Bolt]. [Bolt] was last valued at {USD 2e9..2e9 = $2 billion}.", (None, None)),
        ("[Acme] bought [Bolt]. The deal with [Core] is worth {USD 2e9..2e9 = $2 billion}.", (None, None)),
        (
            "[Acme] agreed to buy [Bolt] for {USD 4e8..4e8 = $400 million} in cash plus up to "
            "{USD ..1e8 = $100 million} if targets are met.",
            (400_000_000, 500_000_000),
        ),
        ("[Acme] acquired [Bolt] for {USD 4e8..4e8 = $400 million} plus an earn-out.", (400_000_000, None)),
        (
            "[Acme] signed a {USD 7e9..7e9 = $7 billion} contract with [Bolt] for cloud capacity that could grow to "
            "{USD 9e9..9e9 = $9 billion}.",
            (7_000_000_000, 9_000_000_000),
        ),
    ],
)
def test_the_price_is_what_the_article_says_of_the_deal(
    claims: Read, text: str, expected: tuple[int | None, int | None]
) -> None:
    assert [bounds(one) for one in claims(text) if {*one.payers, *one.payees} == {"Acme", "Bolt"}] == [expected]


def test_a_sum_belongs_to_the_noun_that_it_describes(claims: Read) -> None:
    found = claims(
        "[Acme] bought startup [Bolt] in May and [Core] in June closed its {USD 2e9..2e9 = $2 billion} "
        "acquisition of [Dyna]."
    )
    assert [bounds(one) for one in found if "Bolt" in one.payees] == [(None, None)]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("[Acme] bought [Bolt] in May for {USD 2e9..2e9 = $2 billion}.", "announced"),
        ("[Acme] has agreed to acquire [Bolt] as it looks to secure electricity.", "announced"),
        ("[Acme] may acquire [Bolt].", "planned"),
        ("[Acme] is close to raising {USD 2e9..2e9 = $2 billion} from [Bolt].", "planned"),
        ("[Acme] drops plan to buy [Bolt]", "ended"),
        ("[Acme]'s {USD 2e9..2e9 = $2 billion} bid for [Bolt] died after two regulators objected.", "ended"),
        ("Critics may say that [Acme] paid {USD 2e9..2e9 = $2 billion} for [Bolt] too soon.", "announced"),
        ("[Acme], which could not hire enough people, has bought [Bolt].", "announced"),
        ("Dutch eye-surgery group [Acme] has bought [Bolt] for {EUR 2e7..2e7 = €20 million}.", "announced"),
        (
            "[Acme] will buy {USD 2e9..2e9 = $2 billion} of [Bolt]'s chips, and [Bolt] gave up its exclusive rights.",
            "announced",
        ),
        ("[Acme] signed a contract with [Bolt], reportedly worth {USD 2e9..2e9 = $2 billion}.", "announced"),
        ("[Acme] gave up its {USD 2e9..2e9 = $2 billion} takeover of [Bolt].", "ended"),
    ],
)
def test_only_words_about_the_deal_itself_say_how_sure_it_is(claims: Read, text: str, status: str) -> None:
    assert [one.status.value for one in claims(text)] == [status]
