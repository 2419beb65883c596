"""Claims as articles make them, for the tests of linking."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from schemas import DealKind, StoredClaim, content_id

DAY = datetime(2025, 11, 18, 14, tzinfo=UTC)


def claim(
    payer: str | tuple[str, ...],
    payee: str | tuple[str, ...],
    kind: str = "investment",
    *,
    exact: float | None = None,
    up_to: float | None = None,
    day: float = 0,
    article: str = "a",
    site: str | None = None,
    at: int = 0,
    currency: str = "USD",
    **more: Any,
) -> StoredClaim:
    """A claim in an article; undirected kinds take both sides as parties."""
    payers = (payer,) if isinstance(payer, str) else payer
    payees = (payee,) if isinstance(payee, str) else payee
    directed = DealKind(kind).directed
    stated = exact is not None or up_to is not None
    high = exact if exact is not None else up_to
    return StoredClaim(
        claim_id=content_id(payers, payees, kind, exact, up_to, day, article, at),
        article_id=article,
        kind=DealKind(kind),
        payers=payers if directed else (),
        payees=payees if directed else (),
        parties=() if directed else payers + payees,
        currency=currency if stated else None,
        amount_min=Decimal(str(exact)) if exact is not None else None,
        amount_max=Decimal(str(high)) if high is not None else None,
        confidence=more.pop("confidence", 0.8),
        start=at,
        end=at + 100,
        title=more.pop("title", ""),
        site=site or f"{article}.example",
        url=f"https://{article}.example/",
        published_at=DAY + timedelta(days=day),
        **more,
    )
