"""The large network, which reads deals beside the small one's layers for them, and teaches these.

`python -m training.encoder.large BASE OUT.pt FILE…` fine-tunes MPNet on the same windows. BASE is the folder of
sentence-transformers/all-mpnet-base-v2 (Apache-2.0), or a checkpoint of this training or of `restore`, to go on from.
`training.encoder.tune --teacher OUT.pt` learns from what it says.
"""

import argparse
import math
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from extractors.encoder.pieces import TYPES
from training.encoder.examples import Paired
from training.encoder.model import HEADS, DealHeads, Layer, safetensors
from training.encoder.train import begun, descend, pairs_loss, steps, tensors
from training.encoder.windows import DEAF, MASK, batches, deafened, pool, renamed, windows

WIDTH, INNER, LAYERS = 768, 3072, 12
FROZEN = 4
"""Lower layers that stay as they are, for time."""
RATE, RATE_HEADS, DECAY = 7e-5, 6e-4, 0.92
"""Of the last layer; each one below learns slower by the factor."""
_FAR, _BUCKETS = 128, 32

Soft = np.ndarray[tuple[int, int, int], np.dtype[np.float16]]
"""Scores of a window: pairs × closest mentions × classes."""


class Large(nn.Module):
    """Word pieces of BERT's vocabulary, casing and types in; a vector a piece out."""

    def __init__(self, base: Path | None = None) -> None:
        super().__init__()
        self.words = nn.Embedding(30527, WIDTH)
        self.positions = nn.Embedding(514, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-5)
        self.casing = nn.Embedding(4, WIDTH)
        self.types = nn.Embedding(len(TYPES) + 1, WIDTH)
        self.relative = nn.Embedding(_BUCKETS, HEADS)
        self.layers = nn.ModuleList(Layer(WIDTH, INNER, eps=1e-5, mixed_drop=0.0) for _ in range(LAYERS))
        self.drop = nn.Dropout(0.1)
        for new in (self.casing, self.types):
            nn.init.zeros_(new.weight)
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
    fit(net, heads, pairs, options)
    torch.save({"large": net.state_dict(), "heads": heads.state_dict()}, options.out)


def fit(net: Large, heads: DealHeads, pairs: list[Paired], options: argparse.Namespace) -> None:
    """All windows `epochs` times, or as often as the minutes allow."""
    rng = random.Random(options.seed + 2)
    names = pool(pairs)
    groups = [{"params": list(heads.parameters()), "lr": RATE_HEADS}, *net.groups()]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.02, betas=(0.9, 0.98))
    plan = [batch for _ in range(options.epochs) for batch in batches(pairs, rng)]
    started, running = time.time(), 0.0
    net.train()
    heads.train()
    for step, batch in steps(plan, optimizer, options.minutes):
        given = [deafened(pairs[at]) if rng.random() < DEAF else pairs[at] for at in batch]
        loss = pairs_loss(net(*tensors([renamed(one, names, rng) for one in given])), heads, given)
        descend(optimizer, loss)
        running += 0.02 * (loss.item() - running)
        if step % 50 == 49:
            print(f"{step + 1}/{len(plan)} {time.time() - started:.0f} s, loss {running:.4f}", flush=True)
    net.eval()
    heads.eval()


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
