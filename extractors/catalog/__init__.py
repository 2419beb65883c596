"""The catalogue: companies, chip families and model families that are known before any text is read.

The data files hold one JSON object a line, each with its `origin`.
"""

from extractors.catalog.load import (
    Company,
    Family,
    chip_families,
    chip_rows,
    companies,
    company_rows,
    model_families,
    model_rows,
    words,
)

__all__ = [
    "Company",
    "Family",
    "chip_families",
    "chip_rows",
    "companies",
    "company_rows",
    "model_families",
    "model_rows",
    "words",
]
