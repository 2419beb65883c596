"""Make the encoder's weights: `python -m training.encoder.train [--minutes N] [--without FILE…] OUT.pt FILE…`.

Each file holds documents as `training.markup` reads them. The same input gives the same weights on the same machine as
long as `--minutes` does not cut the training short.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from extractors.deals import together
from extractors.deals.candidates import CLASSES, Place
from extractors.encoder import pieces
from training import markup
from training.encoder.examples import SIZE, Paired, Tagged, paired, swapped, tagged
from training.encoder.model import TAGS, DealHeads, Encoder

TAG_BATCH = 1400
"""Word pieces of a batch for tagging."""
RATE, RATE_NEW = 2e-4, 1e-3
NAMES = ("COMPANY", "CHIP", "MODEL")
T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--deal-epochs", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hold-out", type=int, default=0, metavar="N", help="leave out every Nth document")
    options = parser.parse_args()
    torch.manual_seed(11)
    torch.set_num_threads(options.threads)
    documents = [one for path in sorted(options.files) for one in markup.read(path)]
    if options.hold_out:
        documents = [one for n, one in enumerate(documents) if n % options.hold_out]
    tags = [tagged(one) for one in documents]
    pairs = [one for document in documents for one in paired(document)]
    told = sum(int((one.kinds > 0).any(1).sum()) for one in pairs)
    print(f"{len(documents)} documents, {sum(len(one.words) for one in tags)} words, {len(pairs)} windows for deals, "
          f"{sum(len(one.kinds) for one in pairs)} pairs, {told} with a deal", flush=True)  # fmt: skip
    encoder, heads = Encoder(), DealHeads()
    fit(encoder, heads, tags, pairs, options)
    torch.save({"encoder": encoder.state_dict(), "heads": heads.state_dict()}, options.out)


def fit(encoder: Encoder, heads: DealHeads, tags: list[Tagged], pairs: list[Paired], options: Any) -> None:
    """Both tasks in turn, over all documents `epochs` times."""
    rng = random.Random(5)
    encoder.words.weight.requires_grad_(False)
    fresh = ("casing", "types", "task", "tags")
    old = [p for name, p in encoder.named_parameters() if p.requires_grad and not name.startswith(fresh)]
    new = [p for name, p in encoder.named_parameters() if name.startswith(fresh)] + list(heads.parameters())
    optimizer = torch.optim.AdamW(
        [{"params": old, "lr": RATE}, {"params": new, "lr": RATE_NEW}], weight_decay=0.01, betas=(0.9, 0.98)
    )
    pool = _pool(tags)
    plan: list[tuple[str, Any]] = []
    for epoch in range(max(options.epochs, options.deal_epochs)):
        turn: list[tuple[str, Any]] = []
        if epoch < options.epochs:
            given = [swapped(one, pool, 0.3 if epoch else 0.0, rng) for one in tags]
            turn += [("tag", batch) for batch in _tag_batches(given, rng)]
        if epoch < options.deal_epochs:
            turn += [("deal", batch) for batch in _deal_batches(pairs, rng)]
        rng.shuffle(turn)
        plan += turn
    started, running = time.time(), {"tag": 0.0, "deal": 0.0}
    encoder.train()
    heads.train()
    for step, (task, batch) in steps(plan, optimizer, options.minutes):
        loss = tag_loss(encoder, batch) if task == "tag" else deal_loss(encoder, heads, batch)
        descend(optimizer, loss)
        running[task] = 0.98 * running[task] + 0.02 * loss.item()
        if step % 50 == 49:
            print(f"{step + 1}/{len(plan)} {time.time() - started:.0f} s, "
                  f"losses {running['tag']:.4f} {running['deal']:.4f}", flush=True)  # fmt: skip
    encoder.eval()
    heads.eval()


def steps(plan: Sequence[T], optimizer: torch.optim.Optimizer, minutes: float) -> Iterator[tuple[int, T]]:
    """A plan's numbered steps until the minutes are over; the rates rise over 60 of them and then fall to nothing."""
    base = [group["lr"] for group in optimizer.param_groups]
    started = time.time()
    for step, one in enumerate(plan):
        share = max(step / len(plan), (time.time() - started) / 60 / minutes)
        if share >= 1:
            return
        for group, rate in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = rate * min(1.0, (step + 1) / 60) * (1 - share)
        yield step, one


def descend(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """One step against the slope of the loss, no longer than 1."""
    loss.backward()
    nn.utils.clip_grad_norm_([one for group in optimizer.param_groups for one in group["params"]], 1.0)
    optimizer.step()
    optimizer.zero_grad()


def tag_loss(encoder: Encoder, batch: list[tuple[pieces.Window, list[int]]]) -> torch.Tensor:
    """Cross entropy over the first piece of every word."""
    windows = [window for window, _ in batch]
    x = encoder(*tensors(windows), 0)
    scores = encoder.tags(encoder.drop(x))
    rows = torch.tensor([row for row, one in enumerate(windows) for _ in one.places])
    columns = torch.tensor([place for one in windows for place in one.places])
    right = torch.tensor([tag for _, tags in batch for tag in tags])
    return F.cross_entropy(scores[rows, columns], right)


def deal_loss(encoder: Encoder, heads: DealHeads, batch: list[Paired]) -> torch.Tensor:
    """The loss of windows through the whole encoder."""
    return pairs_loss(encoder(*tensors([one.given.window for one in batch]), 1), heads, batch)


def pairs_loss(x: torch.Tensor, heads: DealHeads, batch: list[Paired]) -> torch.Tensor:
    """Kinds of all pairs and of their closest mentions; of those with a deal status, amounts and which go together.

    `x`: windows × pieces × width. A deal counts at the mentions in the sentence that tells it; at others of the pair it
    may or may not be told.
    """
    total = torch.zeros(())
    for row, one in enumerate(batch):
        scores, hidden = heads.links(x[row], one.given)
        best = scores.max(1).values
        weights = scores.max(-1).values.softmax(-1)
        pooled = (weights[..., None] * hidden).sum(1)
        total = total + _cross_entropy(best, torch.from_numpy(one.kinds)).sum()
        linked = torch.from_numpy(one.given.linked)
        each = _cross_entropy(scores, torch.from_numpy(one.links)) * linked[..., None]
        told = torch.from_numpy(one.links) > 0
        each = torch.where(told, each / told.sum(1, keepdim=True).clamp(min=1), each / linked.sum(1)[:, None, None])
        total = total + each.sum()
        status = torch.from_numpy(one.status)
        if (status >= 0).any():
            known = status >= 0
            total = total + 0.5 * F.cross_entropy(heads.status(pooled[known]), status[known], reduction="sum")
        if one.amounts and one.given.amounts:
            total = total + 0.5 * amount_loss(x[row], pooled, heads, one)
        if len(one.deals) > 1:
            total = total + together_loss(x[row], pooled, heads, one)
    return total / (6 * len(batch))


def _cross_entropy(scores: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The loss of each class on its own, 0 where it is not known whether it holds."""
    losses = F.binary_cross_entropy_with_logits(scores, right.clamp(min=0), reduction="none")
    return losses * (right >= 0)


def amount_loss(x: torch.Tensor, hidden: torch.Tensor, heads: DealHeads, one: Paired) -> torch.Tensor:
    """Which amounts of a window belong to which of its pairs."""
    total = torch.zeros(())
    size = len(one.given.amounts)
    for place, belong in one.amounts.items():
        right = torch.tensor([float(n in belong) for n in range(size)])
        scores = _amounts(x, hidden, heads, one, place)
        total = total + F.binary_cross_entropy_with_logits(scores, right, reduction="sum")
    return total


def _amounts(x: torch.Tensor, hidden: torch.Tensor, heads: DealHeads, one: Paired, place: Place) -> torch.Tensor:
    """How well each amount of a window goes with an edge."""
    pair, column = place
    kind = F.one_hot(torch.tensor(column), len(CLASSES)).float()
    size = len(one.given.amounts)
    mention = x[torch.tensor(one.given.amount_places, dtype=torch.long)]
    return heads.amounts(
        hidden[pair].expand(size, -1), kind.expand(size, -1), mention, torch.from_numpy(one.given.near[pair])
    )


def together_loss(x: torch.Tensor, hidden: torch.Tensor, heads: DealHeads, one: Paired) -> torch.Tensor:
    """Which edges of a window are sides of one commitment; what many edges say counts no more than eight."""
    places = list(one.deals)
    compared = together.comparable(one.given, places)
    if not compared:
        return torch.zeros(())
    rows, columns = (torch.tensor(part) for part in zip(*places, strict=True))
    with torch.no_grad():
        sums = [_amounts(x, hidden, heads, one, place).sigmoid().numpy() for place in places]
        status = heads.status(hidden[rows]).softmax(-1).numpy()
    facts = torch.from_numpy(together.facts(one.given, places, compared, sums, status))
    first, second = (torch.tensor(part) for part in zip(*compared, strict=True))
    kinds = F.one_hot(columns, len(CLASSES)).float()
    scores = heads.joined(hidden[rows], kinds, first, second, facts)
    right = torch.tensor([float(bool(one.deals[places[n]] & one.deals[places[m]])) for n, m in compared])
    return F.binary_cross_entropy_with_logits(scores, right) * min(len(compared), 8)


def tensors(windows: list[pieces.Window]) -> tuple[torch.Tensor, ...]:
    """Ids, casing, types and mask, padded."""
    longest = max(len(one.ids) for one in windows)

    def padded(values: list[list[int]]) -> torch.Tensor:
        return torch.tensor([one + [0] * (longest - len(one)) for one in values])

    mask = padded([[1] * len(one.ids) for one in windows])
    return (
        padded([one.ids for one in windows]),
        padded([one.casing for one in windows]),
        padded([one.types for one in windows]),
        mask,
    )


def _pool(tags: list[Tagged]) -> dict[str, list[list[pieces.Word]]]:
    pool: dict[str, list[list[pieces.Word]]] = defaultdict(list)
    for one in tags:
        at = 0
        while at < len(one.words):
            tag = TAGS[one.tags[at]]
            stop = at + 1
            if tag.startswith("B-"):
                while stop < len(one.words) and one.tags[stop] == TAGS.index("I" + tag[1:]):
                    stop += 1
                if tag[2:] in NAMES:
                    pool[tag[2:]].append(one.words[at:stop])
            at = stop
    return pool


def _tag_batches(tags: list[Tagged], rng: random.Random) -> list[list[tuple[pieces.Window, list[int]]]]:
    """Windows of whole sentences with hints left out at random, in batches of like length."""
    windows = []
    for one in tags:
        types = _fewer_hints(one, rng)
        first = 0
        while first < len(one.words):
            limit = rng.choice((60, 120, SIZE, SIZE))
            last, length = first, 0
            for stop in one.breaks:
                if stop <= first:
                    continue
                size = sum(len(word.ids) for word in one.words[last:stop])
                if length and length + size > limit:
                    break
                last, length = stop, length + size
                if length > limit:
                    break
            while length > pieces.LONGEST:
                last -= 1
                length -= len(one.words[last].ids)
            windows.append((pieces.window(one.words, first, last, types), one.tags[first:last]))
            first = last
    windows.sort(key=lambda one: (len(one[0].ids), rng.random()))
    batches: list[list[tuple[pieces.Window, list[int]]]] = [[]]
    for one in windows:
        if batches[-1] and (len(batches[-1]) + 1) * len(one[0].ids) > TAG_BATCH:
            batches.append([])
        batches[-1].append(one)
    return batches


def _fewer_hints(one: Tagged, rng: random.Random) -> list[int]:
    """The catalogue knows more of these documents than of tomorrow's, so most hints at names are left out."""
    if rng.random() < 0.4:
        return [kind if kind in (2, 5) else 0 for kind in one.types]
    dropped: dict[tuple[int, ...], bool] = {}
    types = list(one.types)
    for at, kind in enumerate(one.types):
        if kind and kind not in (2, 5):
            key = one.words[at].ids
            if key not in dropped:
                dropped[key] = rng.random() < 0.4
            if dropped[key]:
                types[at] = 0
    return types


def _deal_batches(pairs: list[Paired], rng: random.Random) -> list[list[Paired]]:
    given = sorted((one for one in pairs), key=lambda one: (len(one.given.window.ids), rng.random()))
    batches: list[list[Paired]] = [[]]
    for one in given:
        if batches[-1] and (len(batches[-1]) + 1) * len(one.given.window.ids) > 1600:
            batches.append([])
        batches[-1].append(one)
    return batches


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
