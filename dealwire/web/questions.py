"""Questions to begin with, as the SQL page offers them: those of docs/cookbook.md, which is not installed along.

`python -m dealwire.web.questions docs/cookbook.md > dealwire/web/questions.sql` takes them over.
"""

import re
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple


class Question(NamedTuple):
    """A question in words, and in SQL."""

    title: str
    query: str


@cache
def questions() -> tuple[Question, ...]:
    """All of them, in the order of the cookbook."""
    text = (files("dealwire.web") / "questions.sql").read_text(encoding="utf-8")
    parts = (part.partition("\n") for part in re.split("^-- ", text, flags=re.MULTILINE) if part)
    return tuple(Question(title, query.strip()) for title, _, query in parts)


def taken_from(cookbook: str) -> str:
    """The file of questions, as the text of the cookbook has them."""
    found = re.findall(r"^## (.+?)$.*?^```sql\n(.+?)^```$", cookbook, re.DOTALL | re.MULTILINE)
    return "\n".join(f"-- {title}\n{query}" for title, query in found)


if __name__ == "__main__":
    sys.stdout.write(taken_from(Path(sys.argv[1]).read_text(encoding="utf-8")))
