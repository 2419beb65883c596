"""Deal claims: roles, amounts, status and what is no deal."""

from collections.abc import Callable

import pytest

from schemas.deal import DealClaim

Read = Callable[[str], list[DealClaim]]


def sides(found: list[DealClaim]) -> set[tuple[str, str, str]]:
    return {(c.kind.value, "+".join(c.payers), "+".join(c.payees or sorted(c.parties))) for c in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Acme] said it would invest {USD 5e9..5e9 = $5 billion} in [Bolt].", ("investment", "Acme", "Bolt")),
        ("[Bolt] raised {USD 4e7..4e7 = $40 million} from [Acme Capital].", ("investment", "Acme Capital", "Bolt")),
        ("[Acme] agreed to buy [Bolt] for {USD 2e9..2e9 = $2 billion}.", ("acquisition", "Acme", "Bolt")),
        ("[Bolt] has been acquired by [Acme] for {USD 2e9..2e9 = $2 billion}.", ("acquisition", "Acme", "Bolt")),
        ("[Acme] completed its {USD 2e9..2e9 = $2 billion} acquisition of [Bolt].", ("acquisition", "Acme", "Bolt")),
        ("[Acme]'s {USD 2e9..2e9 = $2 billion} takeover of [Bolt] closed.", ("acquisition", "Acme", "Bolt")),
        ("[Bolt] will supply [Acme] with chips.", ("purchase", "Acme", "Bolt")),
        ("[Acme] lent [Bolt] {USD 2e9..2e9 = $2 billion}.", ("financing", "Acme", "Bolt")),
        ("[Acme] and [Bolt] formed a joint venture.", ("joint_venture", "", "Acme+Bolt")),
        ("[Acme] and [Bolt] announced a partnership.", ("partnership", "", "Acme+Bolt")),
    ],
)
def test_one_sentence_tells_who_pays_whom(claims: Read, text: str, expected: tuple[str, str, str]) -> None:
    assert sides(claims(text)) == {expected}


def test_respectively_gives_each_investor_its_own_sum_and_bound(claims: Read) -> None:
    found = claims(
        "[Acme] and [Core] will invest up to {USD ..1e10 = $10 billion} and {USD ..5e9 = $5 billion} respectively "
        "in [Bolt]."
    )
    assert {(c.payers, c.amount_min, int(c.amount_max or 0)) for c in found} == {
        (("Acme",), None, 10_000_000_000),
        (("Core",), None, 5_000_000_000),
    }


def test_a_deal_told_twice_is_claimed_once_with_its_amount(claims: Read) -> None:
    found = claims(
        "[Acme] buys [Bolt]\n\n[Acme] agreed to acquire [Bolt] on Monday. [Acme] bought [Bolt] for "
        "{USD 2e9..2e9 = $2 billion}."
    )
    assert [(c.kind.value, c.quoted) for c in found] == [("acquisition", "$2 billion")]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("[Acme] is in talks to buy [Bolt] for {USD 2e9..2e9 = $2 billion}.", "planned"),
        ("[Acme] abandoned its {USD 2e9..2e9 = $2 billion} acquisition of [Bolt].", "ended"),
        ("[Acme] has bought [Bolt] for {USD 2e9..2e9 = $2 billion}.", "announced"),
    ],
)
def test_status_follows_the_words_around_the_deal(claims: Read, text: str, status: str) -> None:
    assert [c.status.value for c in claims(text)] == [status]


@pytest.mark.parametrize(
    "text",
    [
        "[Acme] rose 3% and [Bolt] fell 2% on Monday.",
        "[Acme] did not buy [Bolt].",
        "[Acme] is valued at {USD 2e9..2e9 = $2 billion}, more than [Bolt].",
        "",
    ],
)
def test_comparison_and_denial_tell_no_deal(claims: Read, text: str) -> None:
    assert claims(text) == []


def test_the_evidence_is_the_sentence_and_the_amount_is_quoted_as_printed(claims: Read) -> None:
    text = "Markets rose. [Acme] agreed to buy [Bolt] for {USD 2e9..2e9 = $2 billion}. Shares fell."
    (claim,) = claims(text)
    assert claim.quoted == "$2 billion"
    assert claim.start == len("Markets rose. ")
    assert claim.end == claim.start + len("Acme agreed to buy Bolt for $2 billion.")


def test_capacity_stays_with_its_purchase(claims: Read) -> None:
    (claim,) = claims("[Acme] will buy up to <1000 = one gigawatt> of compute capacity from [Bolt].")
    assert (claim.kind.value, claim.payers, claim.capacity_mw_max) == ("purchase", ("Acme",), 1000.0)


@pytest.mark.parametrize(
    "text",
    [
        "[Acme] invests {USD 1e9..1e9 = $1bn} in [Bolt], and [Core] invests {USD 5e9..5e9 = $5 billion} in [Bolt].",
        "[Acme] will put {USD 1e9..1e9 = $1bn} into [Bolt] and [Core] will invest {USD 5e9..5e9 = $5bn} in [Bolt].",
    ],
)
def test_a_company_that_begins_a_clause_is_no_item_of_the_list_before_it(claims: Read, text: str) -> None:
    assert sides(claims(text)) == {("investment", "Acme", "Bolt"), ("investment", "Core", "Bolt")}


def test_a_title_that_names_more_companies_than_deal_with_each_other_gives_way_to_the_body(claims: Read) -> None:
    found = claims(
        "[Acme] orders {USD 3e10..3e10 = $30 billion} of cloud from [Bolt] and [Core]\n\n"
        "[Acme] has committed to buy {USD 3e10..3e10 = $30 billion} of computing capacity from [Bolt]."
    )
    assert sides(found) == {("purchase", "Acme", "Bolt")}
