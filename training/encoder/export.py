"""Put trained weights where the program finds them: `python -m training.encoder.export WEIGHTS.pt`.

Writes `encoder.onnx` (the lower layers), `mentions.onnx` and `pairs.onnx` (the upper ones of each task) and `pairs.npz`
(the heads for deals) into `extractors/encoder/weights/`. All weights are bytes, but for the layer norms and the head
for tags; attention counts with bytes, too, while the wide layers, which lose most by it, count with floats.
"""

import copy
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.encoder.model import LAYERS, WIDTH, DealHeads, Encoder
from training.encoder.tune import UPPER

WIDE = ("/up/", "/down/")
"""What the names of the wide layers' nodes hold."""
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


def main() -> None:
    stored = torch.load(sys.argv[1], weights_only=True)
    encoder, heads = Encoder(), DealHeads()
    encoder.load_state_dict(stored["encoder"])
    heads.load_state_dict(stored["heads"])
    own = encoder.layers[LAYERS - UPPER :]
    pairs = copy.deepcopy(own)
    if "upper" in stored:
        pairs.load_state_dict(stored["upper"])
    TARGET.mkdir(exist_ok=True)
    size = (2, 9)
    mask = torch.ones(size, dtype=torch.long)
    whole = (*(torch.zeros(size, dtype=torch.long) for _ in range(3)), mask, torch.tensor([0]))
    vectors = torch.zeros((*size, WIDTH))
    _write("encoder", Lower(encoder), whole, ("ids", "casing", "types", "mask", "task"), ("lower",))
    _write("mentions", Upper(own, encoder.tags), (vectors, mask), ("lower", "mask"), ("tags",))
    _write("pairs", Upper(pairs, nn.Identity()), (vectors, mask), ("lower", "mask"), ("vectors",))
    np.savez_compressed(TARGET / "pairs.npz", **_small(heads))
    for path in sorted(TARGET.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


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

    axes = {one: {0: "rows", 1: "length"} for one in (*inputs, *outputs) if one != "task"}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            model.eval(),
            example,
            str(plain),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            plain, TARGET / f"{name}.onnx", weight_type=QuantType.QInt8, per_channel=True,
            nodes_to_exclude=[node for node in _names(plain) if any(part in node for part in ("/head/", *WIDE))],
        )  # fmt: skip
    _store_as_bytes(TARGET / f"{name}.onnx")


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
