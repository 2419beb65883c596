"""Claims are grouped as if each were compared with all deals, though it is compared with few."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealwire.linking import clusters
from dealwire.linking.clusters import Cluster, cluster
from dealwire.linking.link import link, links, settle
from dealwire.linking.near import Near
from dealwire.linking.rates import Rates
from schemas import StoredClaim
from tests.linking.conftest import claim

RATES = Rates.load()
names = st.lists(st.sampled_from("ABC"), min_size=1, max_size=2, unique=True).map(tuple)
stated = st.one_of(
    st.just({}),
    st.sampled_from([1e9, 1.01e9, 1.5e9, 2e9, 30e9]).map(lambda value: {"exact": value}),
    st.sampled_from([1e9, 2e9]).map(lambda value: {"up_to": value}),
)
claims = st.builds(
    lambda payers, payee, kind, sums, day, article, at, more: claim(
        payers, payee, kind, day=day, article=f"{article}{day}", at=at, **sums, **more
    ),
    names,
    st.sampled_from("XY"),
    st.sampled_from(["investment", "purchase", "partnership"]),
    stated,
    st.sampled_from([0, 1, 3, 9, 60, 130, 300, 500, 700]),
    st.sampled_from("ab"),
    st.integers(0, 3),
    st.fixed_dictionaries(
        {
            "extractor": st.sampled_from(["deals", "deals", "reader"]),
            "status": st.sampled_from(["planned", "announced"]),
            "currency": st.sampled_from(["USD", "USD", "EUR"]),
        }
    ),
)
several = st.lists(claims, max_size=15, unique_by=lambda one: one.claim_id)


def grouped(groups: list[Cluster]) -> list[list[str]]:
    return [[one.claim_id for one in group.claims] for group in groups]


def test_a_claim_is_compared_with_few_of_the_deals_between_two_companies(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    fit = clusters._fit

    def counted(*given: object) -> float:
        nonlocal compared
        compared += 1
        return fit(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(clusters, "_fit", counted)
    sums = [1.1**n * 1e6 for n in range(100)]
    told = [claim("A", "B", "purchase", exact=value, article=f"a{n}", day=5 * n) for n, value in enumerate(sums)]
    again = [claim("A", "B", "purchase", exact=value, article=f"b{n}", day=505 + 5 * n) for n, value in enumerate(sums)]
    assert len(cluster([*told, *again], RATES)) == 100
    assert compared < 1000


@settings(max_examples=50)
@given(several)
def test_leaving_deals_out_of_the_comparison_changes_nothing(found: list[StoredClaim]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        few = grouped(cluster(found, RATES))
        patch.setattr(Near, "alike", everything)
        patch.setattr(Near, "twice", everything)
        patch.setattr(Near, "lately", everything)
        assert grouped(cluster(found, RATES)) == few


def everything(near: Near, keys: tuple[str, ...], value: object, **_: object) -> set[int]:
    """All deals that have one of the keys."""
    return {at for key in keys for at in near._shelves[key].lately}


@settings(max_examples=60)
@given(several, several, st.sets(st.integers(0, 14)))
def test_a_former_linking_changes_nothing_but_the_work(
    old: list[StoredClaim], more: list[StoredClaim], gone: set[int]
) -> None:
    """Deals that stay as they were are marked so; those that lose a claim are linked as if they were new."""
    removed = {one.claim_id for at, one in enumerate(old) if at in gone}
    now = {one.claim_id: one for one in [*old, *more[:5]] if one.claim_id not in removed}
    was = {group[0]: group for group in grouped([one.cluster for one in settle(old, rates=RATES)])}
    before = {claim_id: first for first, group in was.items() if removed.isdisjoint(group) for claim_id in group}
    found = settle(now.values(), rates=RATES, before=before)
    assert [one.deal for one in found] == [one.deal for one in settle(now.values(), rates=RATES)]
    assert links(found) == link(now.values(), rates=RATES)
    for group in (one.cluster for one in found if not one.cluster.new):
        assert [one.claim_id for one in group.claims] == was[group.first.claim_id]
