"""The doors of the registry: installed packages, files and folders that the settings list, and code that is imported.

Packages name their modules in the entry-point group `dealwire.extractors`. What cannot be loaded is told and left out.
"""

import importlib.metadata
import importlib.util
import linecache
import sys
import traceback
from collections.abc import Sequence
from functools import lru_cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from extractors import builtin, registry
from schemas.errors import DealwireError, ExtractorRefused
from schemas.ids import content_id

GROUP = "dealwire.extractors"


class Problem(NamedTuple):
    """A package or file whose extractors are not there, and why."""

    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class _Loaded(NamedTuple):
    stamp: tuple[int, int]
    module: str
    names: tuple[str, ...]
    problem: Problem | None


_files: dict[Path, _Loaded] = {}
_packages: dict[str, Problem | None] = {}


def load(paths: Sequence[Path] = ()) -> tuple[Problem, ...]:
    """Register the extractors of installed packages and of these files and folders.

    Files that have changed since they were last loaded are loaded again, and what is no longer listed is forgotten.
    """
    # The names of the built-in ones are taken first.
    builtin.extractors()
    problems = [problem for problem in _load_packages() if problem]
    wanted: dict[Path, None] = {}
    for path in paths:
        found = _files_of(path)
        if not found:
            problems.append(Problem(str(path), "there is no such file or folder with extractors"))
        wanted |= dict.fromkeys(found)
    for file in set(_files) - set(wanted):
        _forget(file)
    for file in wanted:
        stamp = _stamp(file)
        if file in _files and not (_files[file].stamp == stamp and set(_files[file].names) <= set(registry.names())):
            _forget(file)
        if file not in _files:
            _files[file] = _load_file(file, stamp)
        if (problem := _files[file].problem) is not None:
            problems.append(problem)
    return (*problems, *_without_requirements())


def modules() -> list[tuple[str, str]]:
    """Module name and file of every file that is loaded, for processes that should load the same."""
    return [(one.module, str(file)) for file, one in _files.items() if one.problem is None]


def module(name: str, file: str) -> ModuleType:
    """The module of that name if it is this file's, else the file read as a module of that name."""
    spec = importlib.util.find_spec(name) if _there(name) else None
    if spec is not None and spec.origin is not None and Path(spec.origin).samefile(file):
        return importlib.import_module(name)
    path = Path(file)
    if path.suffix != ".py":
        raise ImportError(f"{file} is no Python module")
    inside = [str(path.parent)] if path.name == "__init__.py" else None
    loader = _Fresh(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader, submodule_search_locations=inside)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    # Behind everything else, so that a helper beside the file is found and nothing is hidden.
    if (beside := str(path.parent)) not in sys.path and inside is None:
        sys.path.append(beside)
    linecache.checkcache(str(path))
    loader.exec_module(made)
    return made


class _Fresh(SourceFileLoader):
    """Reads the source at every time: a file that was edited twice in one second would be taken for the same."""

    def path_stats(self, path: Any) -> Any:
        raise OSError(f"the bytecode of {path} is not kept")


def _load_packages() -> list[Problem | None]:
    for entry in _entry_points(tuple(map(_changed_at, sys.path))):
        key = f"{entry.name} = {entry.value}"
        if key in _packages:
            continue
        before = registry.names()
        _packages[key] = None
        try:
            entry.load()
        except (Exception, SystemExit) as error:  # a package of anybody's
            source = f"package {entry.dist.name}" if entry.dist else f"entry point {key}"
            _packages[key] = Problem(source, _told(error, None))
            _take_back(before)
    return list(_packages.values())


@lru_cache(1)
def _entry_points(places: tuple[tuple[str, int], ...]) -> tuple[importlib.metadata.EntryPoint, ...]:
    """What installed packages offer; looked for again when something was installed."""
    return tuple(importlib.metadata.entry_points(group=GROUP))


def _changed_at(place: str) -> tuple[str, int]:
    try:
        return place, Path(place or ".").stat().st_mtime_ns
    except OSError:
        return place, 0


def _load_file(file: Path, stamp: tuple[int, int]) -> _Loaded:
    stem = file.parent.name if file.name == "__init__.py" else file.stem
    name = f"dealwire_file_{stem}_{content_id(str(file))[:8]}"
    before = registry.names()
    try:
        module(name, str(file))
    except (Exception, SystemExit) as error:  # a file of anybody's
        sys.modules.pop(name, None)
        _take_back(before)
        return _Loaded(stamp, name, (), Problem(_shown(file), _told(error, file)))
    names = tuple(one for one in registry.names() if one not in before)
    return _Loaded(stamp, name, names, None)


def _forget(file: Path) -> None:
    one = _files.pop(file)
    for name in one.names:
        registry.remove(name)
    for inside in [name for name in sys.modules if name == one.module or name.startswith(f"{one.module}.")]:
        del sys.modules[inside]


def _take_back(before: Sequence[str]) -> None:
    for name in registry.names():
        if name not in before:
            registry.remove(name)


def _without_requirements() -> list[Problem]:
    """Take out the extractors that require what is not there, until the others can be put in order."""
    problems = []
    while True:
        try:
            registry.registered()
        except ExtractorRefused as error:
            place = registry.get(error.name).place
            problems.append(Problem(_shown(Path(place)) if place.endswith(".py") else place, str(error)))
            registry.remove(error.name)
        else:
            return problems


def _files_of(path: Path) -> list[Path]:
    """The files to load: the file itself, a package by its `__init__.py`, of a folder all that are no tests."""
    path = path.expanduser().absolute()
    if path.is_file():
        return [path]
    if (path / "__init__.py").is_file():
        return [path / "__init__.py"]
    return [one for one in sorted(path.glob("*.py")) if not one.name.startswith(("_", "test_", "conftest"))]


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size


def _told(error: BaseException, file: Path | None) -> str:
    """What went wrong, and in which line of the file."""
    if isinstance(error, SyntaxError):
        place = f"line {error.lineno}: " if error.lineno else ""
        return f"{place}{error.msg}" + (f": {error.text.strip()}" if error.text else "")
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if file is not None and frame.filename == str(file)
    ]
    place = f"line {lines[-1]}: " if lines else ""
    message = str(error).strip().split("\n")[0]
    return place + (str(error) if isinstance(error, DealwireError) else f"{type(error).__name__}: {message}")


def _shown(file: Path) -> str:
    """The file as a user names it."""
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)


def _there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
