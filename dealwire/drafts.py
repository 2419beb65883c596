"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.errors import InvalidInput


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file to write beside `path`, which takes its place when the block ends; what is there stays until then.

    Raises `InvalidInput` if it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.touch()
        yield draft
        draft.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            draft.unlink()
