"""The packaged weights as a checkpoint to train on from: `python -m training.encoder.restore OUT.pt`.

What `export` has rounded to bytes stays rounded, which training on does not notice.
"""

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from training.encoder.export import TARGET
from training.encoder.model import LAYERS
from training.encoder.tune import UPPER

_MATRIX = re.compile(r"/layers\.(\d+)/(qkv|out|up|down)/")
"""A node that multiplies with one of a layer's matrices."""


def main() -> None:
    lower, mentions, deals = (_read(TARGET / f"{name}.onnx") for name in ("encoder", "mentions", "pairs"))
    encoder = {name.removeprefix("encoder."): value for name, value in lower.items()}
    first = LAYERS - UPPER
    for name, value in mentions.items():
        kind, _, rest = name.partition(".")
        if kind == "head":
            encoder[f"tags.{rest}"] = value
        else:
            number, _, part = rest.partition(".")
            encoder[f"layers.{first + int(number)}.{part}"] = value
    with (TARGET / "pairs.npz").open("rb") as file:
        stored = dict(np.load(file))
    heads = {
        name: torch.from_numpy(value.astype(np.float32) * stored.get(f"{name}.scale", np.float32(1)))
        for name, value in stored.items()
        if not name.endswith(".scale")
    }
    upper = {name.removeprefix("layers."): value for name, value in deals.items()}
    torch.save({"encoder": encoder, "heads": heads, "upper": upper}, sys.argv[1])


def _read(path: Path) -> dict[str, Any]:
    """The weights of one network by their names in `model`, as floats."""
    graph = onnx.load(str(path)).graph
    raw = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found = {name: value for name, value in raw.items() if name.endswith((".weight", ".bias"))}
    for name in raw:
        if name.endswith(".weight_quantized"):
            base = name.removesuffix("_quantized")
            found[base] = (raw[name].astype(np.float32) - raw[f"{base}_zero_point"]) * raw[f"{base}_scale"]
    prefix = "encoder.layers" if "encoder.words.weight" in found else "layers"
    for node in graph.node:
        place = _MATRIX.search(node.name) if len(node.input) > 1 else None
        if place and node.op_type == "MatMulInteger":
            base = node.input[1].removesuffix("_quantized")
            matrix = (raw[node.input[1]].astype(np.float32) - raw[f"{base}_zero_point"]) * raw[f"{base}_scale"]
        elif place and f"{node.input[1]}_bytes" in raw:
            matrix = raw[f"{node.input[1]}_bytes"].astype(np.float32) * raw[f"{node.input[1]}_scale"]
        else:
            continue
        found[f"{prefix}.{place[1]}.{place[2]}.weight"] = matrix.T
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in raw:  # the head for tags
            found["head.weight"] = raw[node.input[1]].T
    return {name: torch.from_numpy(np.array(value, dtype=np.float32)) for name, value in found.items()}


if __name__ == "__main__":
    main()
