"""Which extractor is reading which article, in a file beside the database that outlives this process.

An error that Python cannot catch, in the native code of a user's extractor, ends the process and all that was under
way. The next one finds the file, so it knows whom to read apart.
"""

import contextlib
import fcntl
import mmap
import os
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_SIZE = 1024
_LENGTH = struct.Struct("<i")
"""Of what follows; 0: no extractor is at work."""


class Left(NamedTuple):
    """What a process was at when it ended: the article, and the user's extractor that read it."""

    article_id: str
    extractor: str


class Mark:
    """Where this process is; a `Watch` of `extractors.run`. `left`: where those were that ended and did not say so."""

    def __init__(self, memory: mmap.mmap | None = None, left: tuple[Left, ...] = ()) -> None:
        self._memory = memory
        self.left = left
        self.article_id = ""
        """The article that is read from now on."""

    def begin(self, name: str) -> None:
        if self._memory is not None:
            told = f"{self.article_id}\n{name}".encode()[: _SIZE - _LENGTH.size]
            self._memory[_LENGTH.size : _LENGTH.size + len(told)] = told
            _LENGTH.pack_into(self._memory, 0, len(told))

    def end(self) -> None:
        if self._memory is not None:
            _LENGTH.pack_into(self._memory, 0, 0)


@contextlib.contextmanager
def marked(database: Path) -> Iterator[Mark]:
    """A mark for the time of the block. Its file goes with it, and where no error ends it, those that were left, too.

    Without a file, where none can be written, nothing is known after a crash.
    """
    prefix = f".{database.name}.reading-"
    with contextlib.ExitStack() as open_files:
        found = _left(database.absolute().parent, prefix, open_files)
        try:
            descriptor, name = tempfile.mkstemp(prefix=prefix, dir=database.absolute().parent)
        except OSError:
            yield Mark(left=_those(found))
            return
        own = Path(name)
        open_files.callback(own.unlink, missing_ok=True)
        open_files.callback(os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.truncate(descriptor, _SIZE)
        with mmap.mmap(descriptor, _SIZE) as memory:
            yield Mark(memory, _those(found))
        for path in found:
            path.unlink(missing_ok=True)


def _those(found: dict[Path, Left | None]) -> tuple[Left, ...]:
    return tuple(dict.fromkeys(one for one in found.values() if one))


def _left(folder: Path, prefix: str, open_files: contextlib.ExitStack) -> dict[Path, Left | None]:
    """By file what the process was at that left it; those of processes that live are locked by them."""
    found: dict[Path, Left | None] = {}
    try:
        paths = [one for one in folder.iterdir() if one.name.startswith(prefix)]
    except OSError:
        return {}
    for path in paths:
        try:
            file = open_files.enter_context(path.open("rb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            content = file.read(_SIZE)
        except OSError:
            continue
        length = _LENGTH.unpack_from(content)[0] if len(content) == _SIZE else 0
        article_id, _, name = content[_LENGTH.size : _LENGTH.size + length].decode(errors="replace").partition("\n")
        found[path] = Left(article_id, name) if name else None
    return found
