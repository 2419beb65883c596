"""Many ids as one parameter: for each value of a list DuckDB looks twice for pandas, in all folders if it is absent."""

import json
from collections.abc import Iterable

AMONG = "(SELECT unnest(from_json(?, '[\"VARCHAR\"]')))"
"""For `IN`: the texts of a parameter that `texts` has made."""


def texts(values: Iterable[str]) -> str:
    """The values as one text."""
    return json.dumps(list(values))
