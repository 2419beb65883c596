"""Rows of deals as the warehouse hands them to the charts, and companies that trade at random."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

DAY = date(2025, 11, 18)


def deal(
    payers: str, payees: str, usd: float | None = None, *, kind: str = "investment", **more: Any
) -> dict[str, Any]:
    """A deal between companies of one letter each: `deal("AB", "C")` is a round of two for C."""
    directed = kind not in ("partnership", "joint_venture")
    return {
        "deal_id": f"{payers}-{payees}-{kind}-{usd}",
        "alliance_id": "alliance",
        "kind": kind,
        "status": "announced",
        "payers": list(payers) if directed else [],
        "payees": list(payees) if directed else [],
        "parties": [] if directed else list(payers + payees),
        "usd": usd,
        "announced_on": DAY,
        **more,
    }


companies = st.sampled_from("ABCDEFG")
amounts = st.one_of(st.none(), st.integers(1, 10**12).map(float))
