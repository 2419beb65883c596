"""Put trained weights where the program finds them: `python -m training.encoder.export [--large] WEIGHTS.pt`.

Writes `encoder.onnx` (the lower layers), `mentions.onnx` and `pairs.onnx` (the upper ones of each task) and `pairs.npz`
(the heads for deals) into `extractors/encoder/weights/`. All weights are bytes, but for the layer norms and the head
for tags; attention counts with bytes, too, while the wide layers, which lose most by it, count with floats.

With `--large` it writes `large.onnx` and `large.npz` instead, the large network in four bits and its heads.
"""

import argparse
import copy
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.encoder import four_bits, large
from training.encoder.model import LAYERS, WIDTH, DealHeads, Encoder
from training.encoder.tune import UPPER

WIDE = ("/up/", "/down/")
"""What the names of the wide layers' nodes hold."""
_FURTHEST = 511
"""Pieces between the first and the last of a window."""
TARGET = Path(__file__).parents[2] / "extractors" / "encoder" / "weights"


class Lower(nn.Module):
    """The layers that both tasks share."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, casing: Tensor, types: Tensor, mask: Tensor, task: Tensor) -> Tensor:
        x, wide = self.encoder.embedded(ids, casing, types, mask, task)
        for layer in self.encoder.layers[: LAYERS - UPPER]:
            x = layer(x, wide)
        return x


class Upper(nn.Module):
    """The layers of one task, with a head on them or none."""

    def __init__(self, layers: nn.ModuleList, head: nn.Module) -> None:
        super().__init__()
        self.layers, self.head = layers, head

    def forward(self, lower: Tensor, mask: Tensor) -> Tensor:
        x = lower
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :] > 0)
        return self.head(x)


class Single(nn.Module):
    """The large network for one window at a time, with the numbers of BERT's pieces."""

    def __init__(self, net: large.Large) -> None:
        super().__init__()
        self.net = net
        self.words = nn.Embedding(30522, large.WIDTH)
        self.words.weight.data = net.words.weight[large.renumbered(torch.arange(30522))].detach()
        self.apart = nn.Parameter(net.relative(large.bucket(torch.arange(-_FURTHEST, _FURTHEST + 1))).T.contiguous())

    def forward(self, ids: Tensor, casing: Tensor, types: Tensor) -> Tensor:
        places = torch.arange(ids.shape[1])
        bias = self.apart[:, places[None, :] - places[:, None] + _FURTHEST][None]
        x = self.net.embedded(self.words(ids), casing, types)
        for layer in self.net.layers:
            x = layer(x, bias)
        return x


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    TARGET.mkdir(exist_ok=True)
    write_large(options.weights) if options.large else write_small(options.weights)
    for path in sorted(TARGET.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


def write_large(weights: Path) -> None:
    """`large.onnx` and `large.npz`."""
    import onnx

    net, heads = large.load(weights)
    ids = torch.zeros((1, 9), dtype=torch.long)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        inputs = ("ids", "casing", "types")
        _trace(Single(net), (ids, ids, ids), plain, inputs, ("vectors",), {1: "length"})
        model = onnx.load(str(plain))
    four_bits.convert(model, "words.weight")
    onnx.save(model, str(TARGET / "large.onnx"))
    np.savez_compressed(TARGET / "large.npz", **_small(heads))


def write_small(weights: Path) -> None:
    """`encoder.onnx`, `mentions.onnx`, `pairs.onnx` and `pairs.npz`."""
    stored = torch.load(weights, weights_only=True)
    encoder, heads = Encoder(), DealHeads()
    encoder.load_state_dict(stored["encoder"])
    heads.load_state_dict(stored["heads"])
    own = encoder.layers[LAYERS - UPPER :]
    pairs = copy.deepcopy(own)
    if "upper" in stored:
        pairs.load_state_dict(stored["upper"])
    size = (2, 9)
    mask = torch.ones(size, dtype=torch.long)
    whole = (*(torch.zeros(size, dtype=torch.long) for _ in range(3)), mask, torch.tensor([0]))
    vectors = torch.zeros((*size, WIDTH))
    _write("encoder", Lower(encoder), whole, ("ids", "casing", "types", "mask", "task"), ("lower",))
    _write("mentions", Upper(own, encoder.tags), (vectors, mask), ("lower", "mask"), ("tags",))
    _write("pairs", Upper(pairs, nn.Identity()), (vectors, mask), ("lower", "mask"), ("vectors",))
    np.savez_compressed(TARGET / "pairs.npz", **_small(heads))


def _small(heads: DealHeads) -> "dict[str, np.ndarray[Any, Any]]":
    """The heads' numbers in half precision, matrices as bytes with a scale a row."""
    found: dict[str, np.ndarray[Any, Any]] = {}
    for name, value in heads.state_dict().items():
        numbers = value.numpy()
        if numbers.ndim == 2:
            scale = np.abs(numbers).max(axis=1, keepdims=True) / 127
            found[f"{name}.scale"] = scale.astype(np.float32)
            found[name] = np.round(numbers / scale).astype(np.int8)
        else:
            found[name] = numbers.astype(np.float16)
    return found


def _write(
    name: str, model: nn.Module, example: tuple[Tensor, ...], inputs: tuple[str, ...], outputs: tuple[str, ...]
) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        _trace(model, example, plain, inputs, outputs, {0: "rows", 1: "length"})
        quantize_dynamic(
            plain, TARGET / f"{name}.onnx", weight_type=QuantType.QInt8, per_channel=True,
            nodes_to_exclude=[node for node in _names(plain) if any(part in node for part in ("/head/", *WIDE))],
        )  # fmt: skip
    _store_as_bytes(TARGET / f"{name}.onnx")


def _trace(
    model: nn.Module,
    example: tuple[Tensor, ...],
    path: Path,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    axes: dict[int, str],
) -> None:
    torch.onnx.export(
        model.eval(),
        example,
        str(path),
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={one: axes for one in (*inputs, *outputs) if one != "task"},
        opset_version=17,
        dynamo=False,
    )


def _names(path: Path) -> list[str]:
    import onnx

    return [node.name for node in onnx.load(str(path)).graph.node]


def _store_as_bytes(path: Path) -> None:
    """Give the wide layers their matrices as bytes with a scale a column, made floats again when they are used."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(path))
    graph = model.graph
    stored = {one.name: one for one in graph.initializer}
    for node in [one for one in graph.node if one.op_type == "MatMul" and any(part in one.name for part in WIDE)]:
        name = node.input[1]
        numbers = numpy_helper.to_array(stored[name])
        scale = np.abs(numbers).max(axis=0) / 127
        graph.initializer.remove(stored[name])
        graph.initializer.append(numpy_helper.from_array(np.round(numbers / scale).astype(np.int8), f"{name}_bytes"))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        graph.node.insert(0, helper.make_node("DequantizeLinear", [f"{name}_bytes", f"{name}_scale"], [name], axis=1))
    onnx.save(model, str(path))


if __name__ == "__main__":
    main()
