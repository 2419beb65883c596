"""Many ids as one parameter: for each value of a list DuckDB looks twice for pandas, in all folders if it is absent."""

import json
from collections.abc import Iterable


def listed(parameter: str) -> str:
    """The list of texts that a parameter stands for which `texts` has made."""
    return f"from_json({parameter}, '[\"VARCHAR\"]')"


AMONG = f"(SELECT unnest({listed('?')}))"
"""For `IN`: the texts of a parameter that `texts` has made."""


def texts(values: Iterable[str]) -> str:
    """The values as one text."""
    return json.dumps(list(values))
