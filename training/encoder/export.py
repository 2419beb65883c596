"""Put trained weights where the program finds them: `python -m training.encoder.export WEIGHTS.pt`.

Writes `encoder.onnx` (int8; the layer norms and the head for tags stay whole) and `deals.npz` (half precision) into
`extractors/encoder/weights/`.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from extractors.deals.candidates import CLASSES, FEATURES, NEAR
from training.encoder.model import DealHeads, Encoder

TARGET = Path(__file__).parents[2] / "extractors" / "encoder" / "weights"


class Whole(nn.Module):
    """Encoder for export: tags, vectors and the last layer's attention, whatever the task."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, casing: Tensor, types: Tensor, mask: Tensor, task: Tensor) -> tuple[Tensor, ...]:
        encoder = self.encoder
        length = ids.shape[1]
        x = encoder.words(ids) + encoder.positions.weight[:length] + encoder.casing(casing) + encoder.types(types)
        x = encoder.norm(x + encoder.task(task))
        wide = mask[:, None, None, :] > 0
        seen: Any = None
        for layer in encoder.layers:
            x, seen = layer(x, wide, show=True)
        return encoder.tags(x), x, seen


def main() -> None:
    stored = torch.load(sys.argv[1], weights_only=True)
    encoder, heads = Encoder(), DealHeads(len(CLASSES), FEATURES, NEAR)
    encoder.load_state_dict(stored["encoder"])
    heads.load_state_dict(stored["heads"])
    TARGET.mkdir(exist_ok=True)
    _encoder(encoder.eval(), TARGET / "encoder.onnx")
    np.savez_compressed(
        TARGET / "deals.npz", **{name: value.numpy().astype(np.float16) for name, value in heads.state_dict().items()}
    )
    for path in sorted(TARGET.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


def _encoder(encoder: Encoder, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    size = (2, 9)
    example = (*(torch.zeros(size, dtype=torch.long) for _ in range(3)), torch.ones(size, dtype=torch.long))
    names = ["ids", "casing", "types", "mask"]
    axes = {name: {0: "rows", 1: "length"} for name in [*names, "tags", "vectors"]}
    axes["seen"] = {0: "rows", 1: "length", 2: "length"}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            Whole(encoder),
            (*example, torch.tensor([0])),
            str(plain),
            input_names=[*names, "task"],
            output_names=["tags", "vectors", "seen"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            plain, target, weight_type=QuantType.QInt8, per_channel=True,
            nodes_to_exclude=[name for name in _names(plain) if "/tags/" in name],
        )  # fmt: skip


def _names(path: Path) -> list[str]:
    import onnx

    return [node.name for node in onnx.load(str(path)).graph.node]


if __name__ == "__main__":
    main()
