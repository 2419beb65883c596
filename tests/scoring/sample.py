"""One annotated document, to be changed by the tests."""

from typing import Any

TEXT = "Acme buys Zeta for $5 million. Acme said so."


def document(**changed: Any) -> dict[str, Any]:
    return {
        "id": "a",
        "text": TEXT,
        "mentions": [
            {"start": 0, "end": 4, "label": "COMPANY", "entity": "Acme"},
            {"start": 10, "end": 14, "label": "COMPANY", "entity": "Zeta"},
            {"start": 19, "end": 29, "label": "MONEY", "currency": "USD", "min": 5_000_000, "max": 5_000_000},
            {"start": 31, "end": 35, "label": "COMPANY", "entity": "Acme"},
        ],
        "deals": [
            {
                "kind": "acquisition", "status": "announced", "payers": ["Acme"], "payees": ["Zeta"], "parties": [],
                "currency": "USD", "min": 5_000_000, "max": 5_000_000, "capacity_mw": None, "evidence": [0, 30],
            }
        ],
    } | changed  # fmt: skip
