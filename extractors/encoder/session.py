"""The encoder's networks, loaded once a process and only when there is something to read.

Of the small one the lower layers are shared, mentions and deals have upper layers of their own. The large one is for
deals alone.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from extractors.encoder.pieces import Window

if TYPE_CHECKING:
    import numpy as np


NEEDED = ("onnxruntime", "tokenizers")
"""Packages without which the encoder cannot read."""
_processes = 1


@cache
def available() -> bool:
    """Whether onnxruntime, tokenizers and the weights are there; without them the rules work alone."""
    needed = ("encoder.onnx", "mentions.onnx", "pairs.onnx", "pairs.npz", "large.onnx", "large.npz")
    return not lacking() and all((_weights() / name).is_file() for name in needed)


@cache
def lacking() -> tuple[str, ...]:
    """The packages that the encoder needs and that are not installed."""
    from importlib.util import find_spec

    return tuple(name for name in NEEDED if find_spec(name) is None)


def share(processes: int) -> None:
    """Leave room for so many processes that read at the same time; to be called before the first text is read."""
    global _processes
    _processes = processes


def tags(windows: Sequence[Window]) -> "np.ndarray[Any, Any]":
    """What each piece belongs to, as scores: windows × pieces × tags, padded to the longest."""
    lower, mask = _lower(windows, task=0)
    found: np.ndarray[Any, Any] = _session("mentions").run(["tags"], {"lower": lower, "mask": mask})[0]
    return found


def vectors(window: Window) -> "np.ndarray[Any, Any]":
    """What each piece means for deals to the small network: pieces × 384."""
    lower, mask = _lower([window], task=1)
    found: np.ndarray[Any, Any] = _session("pairs").run(["vectors"], {"lower": lower, "mask": mask})[0][0]
    return found


def large(window: Window) -> "np.ndarray[Any, Any]":
    """What each piece means for deals to the large network: pieces × 768."""
    import numpy as np

    given = {
        name: np.array([values], dtype=np.int64)
        for name, values in (("ids", window.ids), ("casing", window.casing), ("types", window.types))
    }
    found: np.ndarray[Any, Any] = _session("large").run(["vectors"], given)[0][0]
    return found


def heads(network: str) -> "dict[str, np.ndarray[Any, Any]]":
    """The numbers of the layers for deals behind a network, `pairs` (the small one) or `large`, by their names."""
    import numpy as np

    with (_weights() / f"{network}.npz").open("rb") as file:
        stored = dict(np.load(file))
    # Matrices are stored as bytes, each row with its scale.
    return {
        name: value.astype(np.float32) * stored.get(f"{name}.scale", np.float32(1))
        for name, value in stored.items()
        if not name.endswith(".scale")
    }


def _lower(windows: Sequence[Window], *, task: int) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
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
    (lower,) = _session("encoder").run(["lower"], given)
    return lower, mask


@cache
def _session(name: str) -> Any:
    import os

    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, min(4, (os.cpu_count() or 1) // _processes))
    options.log_severity_level = 3
    # Threads that wait by spinning take the time of everything else on a small machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with as_file(_weights() / f"{name}.onnx") as path:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _weights() -> Traversable:
    return files("extractors.encoder") / "weights"
