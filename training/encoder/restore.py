"""The packaged weights as a checkpoint to train on from: `python -m training.encoder.restore [--large] OUT.pt`.

What `export` has rounded stays rounded, which training on does not notice.
"""

import argparse
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from extractors.encoder import session
from training.encoder import four_bits, large
from training.encoder.export import TARGET
from training.encoder.model import LAYERS
from training.encoder.tune import UPPER

_MATRIX = re.compile(r"/layers\.(\d+)/(qkv|out|up|down)/")
"""A node that multiplies with one of a layer's matrices."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    torch.save(read_large() if options.large else read_small(), options.out)


def read_large() -> dict[str, Any]:
    """The large network and its heads."""
    model = onnx.load(str(TARGET / "large.onnx"))
    raw = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    net = large.Large()
    weights = {name.removeprefix("net."): value for name, value in raw.items() if name.startswith("net.")}
    for name, matrix in four_bits.matrices(model).items():
        if place := _MATRIX.search(name):
            weights[f"layers.{place[1]}.{place[2]}.weight"] = matrix
        else:
            words = net.words.weight.detach().numpy()
            words[large.renumbered(torch.arange(len(matrix))).numpy()] = matrix
            weights["words.weight"] = words
    middle = raw["apart"].shape[1] // 2
    kinds = large.bucket(torch.arange(-middle, middle + 1)).numpy()
    weights["relative.weight"] = np.zeros((kinds.max() + 1, len(raw["apart"])), dtype=np.float32)
    weights["relative.weight"][kinds] = raw["apart"].T
    net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    return {"large": net.state_dict(), "heads": _heads("large")}


def read_small() -> dict[str, Any]:
    """The layers for mentions and for deals, and the heads for deals."""
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
    upper = {name.removeprefix("layers."): value for name, value in deals.items()}
    return {"encoder": encoder, "heads": _heads("pairs"), "upper": upper}


def _heads(network: str) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value) for name, value in session.heads(network).items()}


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
