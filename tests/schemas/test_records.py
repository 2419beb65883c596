"""Records: frozen, closed, with evidence that is not empty."""

import pickle

import pytest
from pydantic import ValidationError

from schemas import DealClaim, DealKind, Record, content_id, errors, slug


def test_a_record_without_evidence_is_refused() -> None:
    with pytest.raises(ValidationError, match="evidence is empty"):
        Record(start=3, end=3)


def test_a_claim_keeps_its_terms_and_evidence() -> None:
    claim = DealClaim(start=0, end=9, kind=DealKind.PURCHASE, payers=("Anthropic",), payees=("Microsoft",))
    assert (claim.kind.directed, claim.status.value, claim.amount_max) == (True, "announced", None)
    with pytest.raises(ValidationError):
        DealClaim(start=0, end=9, kind="gift")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NVIDIA", "nvidia"),
        ("C3.ai", "c3-ai"),
        ("AT&T", "at-and-t"),
        ("Nestlé", "nestle"),
        ("百度", "百度"),
        ("!!", content_id("!!")),
    ],
)
def test_slugs_are_readable_and_never_empty(name: str, expected: str) -> None:
    assert slug(name) == expected


@pytest.mark.parametrize(
    "error",
    [
        errors.FeedUnreachable("http://a", "timed out", 503),
        errors.WarehouseLocked("a.duckdb", "PID 7", 30.0),
        errors.AddressRefused("http://a", "127.0.0.1"),
        errors.WarehouseTooNew("a.duckdb", 9, 1),
    ],
)
def test_errors_survive_pickling(error: errors.DealwireError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.__dict__ == error.__dict__
