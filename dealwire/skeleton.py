"""The package that `dealwire extractors new` writes: an extractor that works, with a test, to be changed."""

from pathlib import Path

from schemas.columns import OWN_TABLES, why_no_table
from schemas.errors import InvalidInput

_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "dealwire-{dashed}"
version = "0.1.0"
description = "{title} from tech news, for dealwire."
requires-python = ">=3.11"
dependencies = ["dealwire"]

[project.entry-points."dealwire.extractors"]
{name} = "dealwire_{name}"

[tool.hatch.build.targets.wheel]
packages = ["dealwire_{name}"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""
_README = """\
# {title}

An extractor for dealwire; its records land in the table `{name}`.

```sh
python -m pytest                                   # the test in tests/
pip install -e .                                   # dealwire finds it by its entry point
dealwire extractors test {name} article.txt        # what it finds in a text
dealwire extract --stale {name}                    # reads the stored articles
dealwire sql "SELECT * FROM {name}"
```

Raise `version` in `dealwire_{name}/__init__.py` whenever it finds other things than before: the stored articles are
then read again.
"""
_MODULE = '''\
"""{title}: change what it looks for, and what it keeps of it."""

import re
from collections.abc import Iterator

from pydantic import Field
from spacy.tokens import Doc

from dealwire import Record, extractor

_PATTERN = re.compile(r"opens? an? office in (?P<place>[A-Z]\\w+)")


class {kind}(Record):
    """One office that is opened."""

    place: str = Field(description="Where, as printed.")


@extractor("{name}", version="1", record={kind}, when=lambda text: "office" in text)
def {name}(doc: Doc) -> Iterator[{kind}]:
    """Every office whose opening the article tells of."""
    for found in _PATTERN.finditer(doc.text):
        yield {kind}(start=found.start(), end=found.end(), place=found["place"])
'''
_TEST = '''\
"""What the extractor finds, and what it leaves."""

import pytest
import spacy
from dealwire_{name} import {name}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Nvidia opens an office in Oslo.", ["Oslo"]),
        ("Nvidia closes its office in Oslo.", []),
    ],
)
def test_it_finds_what_the_text_tells(text: str, places: list[str]) -> None:
    found = list({name}(spacy.blank("en")(text)))
    assert [one.place for one in found] == places
    assert all(one.place in text[one.start : one.end] for one in found)
'''


def write(name: str, folder: Path) -> list[Path]:
    """Write the package into `folder`, which must not be there yet; the files. Raises `InvalidInput`."""
    if (reason := why_no_table(name)) is not None:
        raise InvalidInput(reason)
    if name in OWN_TABLES:
        raise InvalidInput(f"dealwire has a table {name} itself; choose another name")
    if folder.exists():
        raise InvalidInput(f"{folder} is there already; it was left as it is")
    facts = {
        "name": name,
        "dashed": name.replace("_", "-"),
        "title": name.replace("_", " ").capitalize(),
        "kind": "".join(part.capitalize() for part in name.split("_")),
    }
    files = {
        "pyproject.toml": _PYPROJECT,
        "README.md": _README,
        f"dealwire_{name}/__init__.py": _MODULE,
        f"dealwire_{name}/py.typed": "",
        f"tests/test_{name}.py": _TEST,
    }
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text.format(**facts), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written ({error.strerror})") from error
    return [folder / path for path in files]
