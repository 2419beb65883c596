"""Who is who where sentences are less plain: lists, rounds told over several sentences, pronouns, asides."""

from collections.abc import Callable

import pytest

from schemas.deal import DealClaim

Read = Callable[[str], list[DealClaim]]


def payments(found: list[DealClaim]) -> set[tuple[str, frozenset[str], frozenset[str]]]:
    return {(c.kind.value, frozenset(c.payers), frozenset(c.payees)) for c in found if c.payers}


def one(kind: str, payers: str, payees: str) -> set[tuple[str, frozenset[str], frozenset[str]]]:
    return {(kind, frozenset(payers.split("+")), frozenset(payees.split("+")))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[Acme] and Canada's [Core] agreed to buy [Bolt] for {USD 2e9..2e9 = $2 billion}.",
            one("acquisition", "Acme+Core", "Bolt"),
        ),
        (
            "[Acme], [Core]'s [Dyna] and the Czech group [Echo] are buying [Bolt] for {USD 2e9..2e9 = $2 billion}.",
            one("acquisition", "Acme+Dyna+Echo", "Bolt"),
        ),
        (
            "[Acme] ([Core] and [Dyna] are members) is buying [Bolt] for {USD 2e9..2e9 = $2 billion}.",
            one("acquisition", "Acme", "Bolt"),
        ),
        ("[Acme] will pay {USD 2e9..2e9 = $2 billion} in stock for [Bolt].", one("acquisition", "Acme", "Bolt")),
        ("The servers will be bought by [Acme] from [Bolt].", one("purchase", "Acme", "Bolt")),
        ("[Acme] gave [Bolt] a three-year contract to run its data centres.", one("purchase", "Acme", "Bolt")),
    ],
)
def test_lists_asides_and_passives_bind_the_right_sides(
    claims: Read, text: str, expected: set[tuple[str, frozenset[str], frozenset[str]]]
) -> None:
    assert payments(claims(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[Bolt] raised {USD 4e7..4e7 = $40 million} in a Series B. [Acme] led; [Core] and [Dyna] took part.",
        "[Bolt] raised {USD 4e7..4e7 = $40 million} in a Series B led by [Acme], in which [Core] and [Dyna] "
        "participated.",
        "[Bolt] closed an [Acme]-led round of {USD 4e7..4e7 = $40 million}. [Core] and [Dyna] participated.",
    ],
)
def test_investors_told_one_after_the_other_share_the_round_and_its_sum(claims: Read, text: str) -> None:
    found = claims(text)
    assert payments(found) == one("investment", "Acme+Core+Dyna", "Bolt")
    assert [int(c.amount_max or 0) for c in found] == [40_000_000]


def test_another_company_in_between_keeps_its_own_investors(claims: Read) -> None:
    found = claims(
        "[Bolt] raised {USD 4e7..4e7 = $40 million} from [Acme].\n\n[Flux] said [Core] led its round of "
        "{USD 1e7..1e7 = $10 million}."
    )
    assert one("investment", "Acme", "Bolt") <= payments(found)
    assert not any({"Core"} & set(c.payers) and "Bolt" in c.payees for c in found)


def test_contracts_counted_and_priced_one_by_one_are_one_deal_each(claims: Read) -> None:
    found = claims(
        "[Acme] signed three contracts with [Bolt], of {USD 3e9..3e9 = $3 billion}, {USD 2e9..2e9 = $2 billion} and "
        "{USD 1e9..1e9 = $1 billion}."
    )
    assert sorted(int(c.amount_max or 0) for c in found) == [1_000_000_000, 2_000_000_000, 3_000_000_000]


def test_it_is_never_who_acts_on_it(claims: Read) -> None:
    found = claims(
        "[Acme] agreed to put {USD 1e9..1e9 = $1 billion} into [Bolt] and to supply it with accelerators worth "
        "{USD 2e9..2e9 = $2 billion}."
    )
    assert ("purchase", frozenset({"Bolt"}), frozenset({"Acme"})) in payments(found)


def test_a_sum_told_only_in_an_aside_does_no_harm(claims: Read) -> None:
    found = claims("[Bolt] has spent its seed (it was {USD 5e6..5e6 = $5 million}). [Acme] agreed to buy [Core].")
    assert payments(found) == one("acquisition", "Acme", "Core")
