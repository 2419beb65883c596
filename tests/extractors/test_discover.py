"""Extractors come in through packages, files and folders; what cannot be loaded is told and left out."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors import builtin, discover, registry

SOURCE = """
from collections.abc import Iterator
from spacy.tokens import Doc
from dealwire import Record, extractor

class Word(Record):
    text: str

@extractor("{name}", version="{version}", record=Word{more})
def {name}(doc: Doc) -> Iterator[Word]:
    yield Word(start=0, end=1, text=doc.text[0])
"""


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The folder is empty, and what it registers is forgotten."""
    builtin.extractors()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    yield
    discover.load(())


def written(path: str, name: str = "words", version: str = "1", more: str = "") -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(SOURCE.format(name=name, version=version, more=more))
    return file


def own() -> dict[str, str]:
    return {one.name: one.version for one in builtin.extractors() if one.custom}


def test_a_file_a_folder_and_a_package_are_loaded() -> None:
    written("one.py", "first")
    written("many/b.py", "second")
    written("many/a.py", "third")
    written("many/_helper.py", "helper")
    written("many/test_a.py", "test")
    written("whole/__init__.py", "fourth")
    assert discover.load([Path("one.py"), Path("many"), Path("whole")]) == ()
    assert list(own()) == ["first", "third", "second", "fourth"]
    assert registry.get("first").text_alone
    assert registry.get("first").place == str(Path("one.py").absolute())


def test_a_file_finds_the_helper_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    written("many/words.py").write_text(
        "from beside_words import NAME\n" + SOURCE.format(name="words", version="1", more="")
    )
    Path("many/beside_words.py").write_text("NAME = 1\n")
    assert discover.load([Path("many/words.py")]) == ()
    monkeypatch.delitem(sys.modules, "beside_words")


def test_a_file_that_changes_is_read_again_and_one_no_longer_listed_is_forgotten() -> None:
    file = written("one.py")
    discover.load([file])
    before = registry.get("words")
    assert discover.load([file]) == ()
    assert registry.get("words") is before
    written("one.py", version="2")
    discover.load([file])
    assert own() == {"words": "2"}
    written("one.py", name="others")
    discover.load([file])
    assert own() == {"others": "1"}
    assert discover.load(()) == ()
    assert own() == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = (1,\ny = 2\n", "one.py: line 1: '(' was never closed"),
        ("\n\nimport nowhere_at_all\n", "one.py: line 3: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("raise SystemExit('no')\n", "one.py: line 1: SystemExit: no"),
        (
            SOURCE.format(name="order", version="1", more=""),
            "one.py: line 9: extractor 'order': order is a word of SQL",
        ),
        (
            SOURCE.format(name="words", version="1", more=', requires=("nothing",)'),
            "one.py: extractor 'words': it requires 'nothing', which is not registered; there are: ",
        ),
        (SOURCE.format(name="words", version="1", more="") + "1 / 0\n", "one.py: line 12: ZeroDivisionError"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told_with_its_line_and_the_others_are_there(text: str, told: str) -> None:
    Path("one.py").write_text(text)
    (problem,) = discover.load([Path("one.py"), written("two.py", "others")])
    assert told in str(problem)
    assert own() == {"others": "1"}
    assert discover.load([Path("one.py"), Path("two.py")]) == (problem,) or "requires" in told


def test_two_files_cannot_have_one_name() -> None:
    (problem,) = discover.load([written("one.py"), written("two.py")])
    assert str(problem).startswith("two.py: line 9: extractor 'words': the name is taken by ")
    assert "one.py; choose another" in str(problem)


def test_a_path_that_leads_nowhere_is_told() -> None:
    Path("empty").mkdir()
    problems = discover.load([Path("nowhere.py"), Path("empty")])
    assert [one.source for one in problems] == ["nowhere.py", "empty"]
    assert "there is no such file or folder" in problems[0].reason


def test_what_requires_what_fails_to_load_is_left_out_too() -> None:
    first, second = written("one.py", "first", more=', requires=("second",)'), written("two.py", "second")
    assert discover.load([first, second]) == ()
    Path("two.py").write_text("boom = \n")
    problems = discover.load([first, second])
    assert len(problems) == 2
    assert own() == {}
    written("two.py", "second")
    assert discover.load([first, second]) == ()
    assert list(own()) == ["second", "first"]


@pytest.mark.parametrize("broken", [False, True])
def test_an_installed_package_is_found_by_its_entry_point(
    broken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discover, "_packages", {})
    module = f"packaged_{broken}".lower()
    written(f"site/{module}.py", "packaged")
    if broken:
        Path(f"site/{module}.py").write_text("import nowhere_at_all\n")
    info = tmp_path / "site" / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[dealwire.extractors]\npackaged = {module}\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    problems = discover.load(())
    if broken:
        assert [str(one) for one in problems] == [
            f"package {module}: ModuleNotFoundError: No module named 'nowhere_at_all'"
        ]
    else:
        assert problems == ()
    assert own() == ({} if broken else {"packaged": "1"})
