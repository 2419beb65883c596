"""The encoder's network, loaded once a process and only when there is something to read."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, NamedTuple

from extractors.encoder.pieces import Window

if TYPE_CHECKING:
    import numpy as np


class Read(NamedTuple):
    """What the network says of windows, padded to the longest: tags, vectors and where each piece looks."""

    tags: "np.ndarray[Any, Any]"
    vectors: "np.ndarray[Any, Any]"
    seen: "np.ndarray[Any, Any]"


NEEDED = ("onnxruntime", "tokenizers")
"""Packages without which the encoder cannot read."""
_processes = 1


@cache
def available() -> bool:
    """Whether onnxruntime, tokenizers and the weights are there; without them the rules work alone."""
    weights = files("extractors.encoder") / "weights" / "encoder.onnx"
    return not lacking() and weights.is_file()


@cache
def lacking() -> tuple[str, ...]:
    """The packages that the encoder needs and that are not installed."""
    from importlib.util import find_spec

    return tuple(name for name in NEEDED if find_spec(name) is None)


def share(processes: int) -> None:
    """Leave room for so many processes that read at the same time; to be called before the first text is read."""
    global _processes
    _processes = processes


def read(windows: Sequence[Window], *, task: int) -> Read:
    """Task 0: mentions; task 1: deals. Shapes: windows × pieces × tags, × 384, × pieces."""
    import numpy as np

    longest = max(len(one.ids) for one in windows)
    shape = (len(windows), longest)
    ids, casing, types, mask = (np.zeros(shape, dtype=np.int64) for _ in range(4))
    for row, one in enumerate(windows):
        size = len(one.ids)
        ids[row, :size] = one.ids
        casing[row, :size] = one.casing
        types[row, :size] = one.types
        mask[row, :size] = 1
    given = {"ids": ids, "casing": casing, "types": types, "mask": mask, "task": np.array([task], dtype=np.int64)}
    return Read(*_session().run(["tags", "vectors", "seen"], given))


@cache
def _session() -> Any:
    import os

    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, min(4, (os.cpu_count() or 1) // _processes))
    options.log_severity_level = 3
    # Threads that wait by spinning take the time of everything else on a small machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with as_file(files("extractors.encoder") / "weights" / "encoder.onnx") as path:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
