"""Reads annotated documents and predictions from JSONL."""

from collections.abc import Sequence
from pathlib import Path

from dealwire import jsonl
from dealwire.scoring.keys import Document
from schemas.errors import InvalidInput


def read(path: Path, *, need: Sequence[str] = ("id", "text", "mentions")) -> list[Document]:
    """The documents of a JSONL file, each with the fields in `need`. Raises `InvalidInput` with the line at fault."""
    documents: list[Document] = []
    seen: set[object] = set()
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read ({error})") from error
    for number, one in jsonl.values(lines, str(path)):
        if not isinstance(one, dict) or not set(need) <= one.keys():
            raise InvalidInput(f"{path} line {number} is no annotated document; it needs {', '.join(need)}")
        if one["id"] in seen:
            raise InvalidInput(f"{path} line {number}: the id {one['id']} stands there twice")
        seen.add(one["id"])
        documents.append(one)
    return documents
