"""The catalogue: companies, chip families and model families that are known before any text is read.

The data files hold one JSON object a line, each with its `origin`. A user's own entries are put before ours by
`extend`; what is made of the catalogue and kept is marked with `of_catalogue`.
"""

from extractors.catalog.load import (
    Additions,
    Company,
    Family,
    added,
    chip_families,
    chip_rows,
    companies,
    company_rows,
    extend,
    model_families,
    model_rows,
    of_catalogue,
    words,
)

__all__ = [
    "Additions",
    "Company",
    "Family",
    "added",
    "chip_families",
    "chip_rows",
    "companies",
    "company_rows",
    "extend",
    "model_families",
    "model_rows",
    "of_catalogue",
    "words",
]
