"""Claims reported as wrong: no deal is made of them until that is taken back, whatever version tells them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealwire import relink
from dealwire.warehouse import browse, pending, queries, rejected
from dealwire.warehouse.connect import Warehouse
from schemas import DealClaim, DealKind
from schemas.errors import InvalidInput
from tests.test_relink import _tell

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def claim(payer: str, payee: str, *, confidence: float = 0.7, start: int = 0) -> DealClaim:
    return DealClaim(
        start=start, end=start + 40, kind=DealKind.INVESTMENT, payers=(payer,), payees=(payee,), currency="USD",
        amount_min=10**9, amount_max=10**9, confidence=confidence,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Warehouse:
    """Two articles tell of one deal, the first of another one, too."""
    made = Warehouse(tmp_path / "news.duckdb")
    with made.write() as con:
        _tell(con, 0, 0, [claim("Nvidia", "Anthropic"), claim("Oracle", "OpenAI", start=100)])
        _tell(con, 1, 2, [claim("Nvidia", "Anthropic")])
    relink.relink(made)
    return made


def deals(store: Warehouse) -> dict[str, int]:
    """By who pays: the claims that its deal rests on."""
    with store.read() as con:
        query = "SELECT payers[1], count(*) FROM deals JOIN deal_sources USING (deal_id) GROUP BY ALL"
        return dict(con.execute(query).fetchall())


def ids(store: Warehouse, payer: str) -> list[str]:
    with store.read() as con:
        query = "SELECT record_id FROM deal_claims WHERE payers[1] = ? ORDER BY article_id"
        return [row[0] for row in con.execute(query, [payer]).fetchall()]


def reject(store: Warehouse, claim_id: str) -> None:
    with store.write() as con:
        rejected.reject(con, claim_id, now=NOW)
        assert pending.links_due(con)
    relink.relink(store)


def test_no_deal_is_made_of_a_rejected_claim_and_it_can_be_taken_back(store: Warehouse) -> None:
    assert deals(store) == {"Nvidia": 2, "Oracle": 1}
    (oracle,) = ids(store, "Oracle")
    reject(store, oracle)
    assert deals(store) == {"Nvidia": 2}
    with store.read() as con:
        assert not pending.links_due(con)
        (kept,) = con.execute("SELECT count(*) FROM deal_claims").fetchone() or (0,)
        assert [row["claim_id"] for row in rejected.listed(con)] == [oracle]
        article = rejected.listed(con)[0]["article_id"]
        told = {row["payers"][0]: (row["rejected"], row["deal_id"] is None) for row in browse.claims_in(con, article)}
    assert kept == 3
    assert told == {"Nvidia": (False, False), "Oracle": (True, True)}
    with store.write() as con:
        assert rejected.restore(con, oracle[:8]) == oracle
    relink.relink(store)
    assert deals(store) == {"Nvidia": 2, "Oracle": 1}


def test_a_deal_that_others_tell_of_stays_with_what_they_say(store: Warehouse) -> None:
    reject(store, ids(store, "Nvidia")[0])
    assert deals(store) == {"Nvidia": 1, "Oracle": 1}


def test_the_same_claim_from_the_next_version_of_an_extractor_stays_rejected(store: Warehouse) -> None:
    (oracle,) = ids(store, "Oracle")
    reject(store, oracle)
    with store.write() as con:
        _tell(con, 0, 0, [claim("Nvidia", "Anthropic"), claim("Oracle", "OpenAI", confidence=0.9, start=90)])
    (again,) = ids(store, "Oracle")
    assert again != oracle
    relink.relink(store)
    assert deals(store) == {"Nvidia": 2}
    with store.write() as con:
        assert rejected.restore(con, again) == again
        assert rejected.listed(con) == []
    relink.relink(store)
    assert deals(store) == {"Nvidia": 2, "Oracle": 1}


def test_linking_all_leaves_rejected_claims_out_too(store: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    reject(store, ids(store, "Oracle")[0])
    monkeypatch.setattr(relink, "_code", lambda: "another version")
    relink.relink(store)
    assert deals(store) == {"Nvidia": 2}
    with store.read() as con:
        assert len(queries.claims(con)) == 2


@pytest.mark.parametrize("wrong", ["", "zzzz"])
def test_only_claims_that_there_are_can_be_rejected_once(store: Warehouse, wrong: str) -> None:
    (oracle,) = ids(store, "Oracle")
    reject(store, oracle)
    with store.write() as con:
        for claim_id in (wrong, oracle):
            with pytest.raises(InvalidInput):
                rejected.reject(con, claim_id, now=NOW)
        with pytest.raises(InvalidInput):
            rejected.restore(con, wrong)
