"""The pages about the warehouse say what is so."""

import re
from pathlib import Path

import pytest

from dealwire.warehouse import document, migrate, queries
from dealwire.warehouse.connect import Warehouse

DOCS = Path(__file__).parents[2] / "docs"
QUESTIONS = re.findall(
    r"^## (.+?)$.*?^```sql\n(.+?)^```$", (DOCS / "cookbook.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


def test_the_schema_page_is_what_the_code_says() -> None:
    page = (DOCS / "schema.md").read_text(encoding="utf-8")
    assert page == document.schema_page(), "run: python -m dealwire.warehouse.document > docs/schema.md"


def test_the_schema_page_says_what_every_column_means() -> None:
    assert not re.findall(r"^\| `(\w+)` \| .+ \|\s+\|$", document.schema_page(), re.MULTILINE)


def test_every_view_describes_all_its_columns_and_no_other(filled_once: Path) -> None:
    with Warehouse(filled_once).read() as con:
        for view in migrate.views():
            if view.number:
                assert view.about, view.name
                columns = con.execute(f"SELECT * FROM {view.name} LIMIT 0").description or ()
                assert [column[0] for column in columns] == list(view.columns), view.name


def test_the_cookbook_has_a_dozen_questions() -> None:
    assert len(QUESTIONS) >= 12
    assert len({title for title, _ in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize(("title", "query"), QUESTIONS, ids=[title for title, _ in QUESTIONS])
def test_each_question_of_the_cookbook_gets_rows(filled_once: Path, title: str, query: str) -> None:
    columns, rows = queries.run_sql(Warehouse(filled_once), query)
    assert rows, title
    assert len(columns) == len(rows[0])
