"""Many ids as one parameter: for each value of a list DuckDB looks twice for pandas, in all folders if it is absent."""

import json
from collections.abc import Iterable


def listed(parameter: str) -> str:
    """The list of texts that a parameter stands for which `texts` has made."""
    return f"from_json({parameter}, '[\"VARCHAR\"]')"


AMONG = f"(SELECT unnest({listed('?')}))"
"""For `IN`: the texts of a parameter that `texts` has made."""


AMONG_IDS = f"(SELECT unnest({listed('$ids')}))"
"""The same of the parameter `ids`. Not for long texts: of those the database reads all, with `ONE_OF_IDS` few."""

ONE_OF_IDS = f"list_contains({listed('$ids')}, {{}})"
"""Whether a column, to be put in with `format`, is one of the parameter `ids`."""


def texts(values: Iterable[str]) -> str:
    """The values as one text."""
    return json.dumps(list(values))
