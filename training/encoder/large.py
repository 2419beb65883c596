"""The large network, which reads deals beside the small one's layers for them, and teaches these.

`python -m training.encoder.large BASE OUT.pt FILE…` fine-tunes MPNet on the same windows. BASE is the folder of
sentence-transformers/all-mpnet-base-v2 (Apache-2.0), or a checkpoint of this training or of `restore`, to go on from.
`training.encoder.tune --teacher OUT.pt` learns from what it says.
"""

import argparse
import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from extractors.encoder.pieces import Window
from training.encoder.examples import Paired
from training.encoder.learn import begun, learn
from training.encoder.model import HEADS, DealHeads, Embedded, Layer, safetensors
from training.encoder.train import pairs_loss, tensors
from training.encoder.windows import MASK, batches, windows

WIDTH, INNER, LAYERS = 768, 3072, 12
FROZEN = 4
"""Lower layers that stay as they are, for time."""
RATE, RATE_HEADS, DECAY = 7e-5, 6e-4, 0.92
"""Of the last layer; each one below learns slower by the factor."""
_FAR, _BUCKETS = 128, 32

Soft = np.ndarray[tuple[int, int, int], np.dtype[np.float16]]
"""Scores of a window: pairs × closest mentions × classes."""


class Large(Embedded):
    """Word pieces of BERT's vocabulary, casing and types in; a vector a piece out."""

    def __init__(self, base: Path | None = None) -> None:
        super().__init__(30527, 514, WIDTH, eps=1e-5)
        self.relative = nn.Embedding(_BUCKETS, HEADS)
        self.layers = nn.ModuleList(Layer(WIDTH, INNER, eps=1e-5, mixed_drop=0.0) for _ in range(LAYERS))
        for kept in (self.words, self.positions, self.norm, self.relative, *list(self.layers)[:FROZEN]):
            kept.requires_grad_(False)
        if base is not None:
            self._start(base)

    def forward(self, ids: Tensor, casing: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        length = ids.shape[1]
        places = torch.arange(length)
        apart = self.relative(bucket(places[None, :] - places[:, None])).permute(2, 0, 1)[None]
        bias = (apart + (1.0 - mask[:, None, None, :].float()) * -1e4).detach().bfloat16()
        x = self.drop(self.embedded(self.words(renumbered(ids)), casing, types))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            with torch.no_grad():
                for layer in self.layers[:FROZEN]:
                    x = layer(x, bias)
            for layer in self.layers[FROZEN:]:
                x = layer(x, bias)
        return x.float()

    def embedded(self, words: Tensor, casing: Tensor, types: Tensor) -> Tensor:
        """What the first layer is given."""
        x = words + self.positions.weight[2 : 2 + words.shape[1]] + self.casing(casing) + self.types(types)
        normed: Tensor = self.norm(x)
        return normed

    def groups(self) -> Iterator[dict[str, object]]:
        """What learns, with its rates."""
        yield {"params": [*self.casing.parameters(), *self.types.parameters()], "lr": RATE_HEADS}
        for number, layer in enumerate(self.layers):
            if number >= FROZEN:
                yield {"params": list(layer.parameters()), "lr": RATE * DECAY ** (LAYERS - 1 - number)}

    def _start(self, base: Path) -> None:
        raw = safetensors(base / "model.safetensors")
        self.words.weight.data = raw["embeddings.word_embeddings.weight"]
        self.positions.weight.data = raw["embeddings.position_embeddings.weight"]
        self.norm.weight.data, self.norm.bias.data = (raw[f"embeddings.LayerNorm.{one}"] for one in ("weight", "bias"))
        self.relative.weight.data = raw["encoder.relative_attention_bias.weight"]
        names = ("attention.attn.q", "attention.attn.k", "attention.attn.v")
        for at, layer in enumerate(self.layers):
            layer.start(raw, f"encoder.layer.{at}.", names, "attention.attn.o", "attention.LayerNorm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path)
    options = begun(parser, epochs=4)
    pairs = windows(options.files, options.core)
    net, heads = (Large(options.base), DealHeads(WIDTH)) if options.base.is_dir() else load(options.base)
    net.train()
    heads.train()

    def loss(read: list[Window], given: list[Paired], _: list[int]) -> Tensor:
        return pairs_loss(net(*tensors(read)), heads, given)

    def save() -> None:
        torch.save({"large": net.state_dict(), "heads": heads.state_dict()}, options.out)

    learn(pairs, [{"params": list(heads.parameters()), "lr": RATE_HEADS}, *net.groups()], options, loss, save)


def load(path: Path) -> tuple[Large, DealHeads]:
    """The network of a checkpoint."""
    stored = torch.load(path, weights_only=True)
    net, heads = Large(), DealHeads(WIDTH)
    net.load_state_dict(stored["large"])
    heads.load_state_dict(stored["heads"])
    return net, heads


@torch.no_grad()
def said(path: Path, pairs: list[Paired]) -> list[Soft]:
    """What the trained network says of each window."""
    net, heads = load(path)
    net.eval()
    heads.eval()
    found: dict[int, Soft] = {}
    for batch in batches(pairs, random.Random(1)):
        x = net(*tensors([pairs[at].given.window for at in batch]))
        for row, at in enumerate(batch):
            found[at] = heads.links(x[row], pairs[at].given)[0].half().numpy()
    return [found[at] for at in range(len(pairs))]


def renumbered(ids: Tensor) -> Tensor:
    """BERT's numbers of pieces as MPNet's: all moved by four, but for start, end, hidden and filling."""
    moved = ids + 4
    for one, other in ((101, 0), (102, 2), (MASK, 30526), (0, 1)):
        moved = torch.where(ids == one, other, moved)
    return moved


def bucket(after: Tensor) -> Tensor:
    """Classes of distances (how many pieces further on): one for each up to 7, then by logarithm, both ways."""
    half, near = _BUCKETS // 2, _BUCKETS // 4
    distance = after.abs()
    far = near + (torch.log(distance.float().clamp(min=1) / near) / math.log(_FAR / near) * (half - near)).long()
    return (after > 0).long() * half + torch.where(distance < near, distance, far.clamp(max=half - 1))


if __name__ == "__main__":
    main()
