"""Train the upper layers for deals on: `python -m training.encoder.tune IN.pt OUT.pt FILE…`.

The lower layers stay as `training.encoder.train` left them, so what they make of a window is computed once; the upper
ones become the deals' own, beside those that mentions are read with. Many more passes fit into the same time.
"""

import argparse
import copy
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from extractors.deals.candidates import CLASSES, FEATURES, LINKS, NEAR
from training import markup
from training.encoder.examples import Paired, paired
from training.encoder.model import LAYERS, DealHeads, Encoder
from training.encoder.train import pairs_loss, tensors

UPPER = 2
"""Layers of the deals' own."""
BATCH = 1600
"""Word pieces of a batch."""
RATE, RATE_HEADS = 3e-4, 1e-3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("given", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--heads-only", action="store_true", help="leave the upper layers as they are, too")
    parser.add_argument("--go-on", action="store_true", help="begin with the upper layers and heads of IN.pt")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(7)
    torch.set_num_threads(options.threads)
    stored = torch.load(options.given, weights_only=True)
    encoder, heads = Encoder(), DealHeads(len(CLASSES), FEATURES, LINKS, NEAR)
    encoder.load_state_dict(stored["encoder"])
    if options.go_on:
        heads.load_state_dict(stored["heads"])
    own = 0 if options.heads_only else UPPER
    upper = nn.ModuleList(copy.deepcopy(layer) for layer in encoder.layers[LAYERS - own :])
    if options.go_on and "upper" in stored:
        upper.load_state_dict(stored["upper"])
    pairs = [one for path in sorted(options.files) for document in markup.read(path) for one in paired(document)]
    told = sum(int((one.kinds > 0).any(1).sum()) for one in pairs)
    print(f"{len(pairs)} windows, {sum(len(one.kinds) for one in pairs)} pairs, {told} with a deal", flush=True)
    started = time.time()
    lower = lower_vectors(encoder.eval(), pairs, LAYERS - own)
    print(f"lower layers {time.time() - started:.0f} s", flush=True)
    fit(upper, heads, pairs, lower, options.epochs, options.minutes)
    made = {"encoder": stored["encoder"], "heads": heads.state_dict()}
    torch.save(made if options.heads_only else made | {"upper": upper.state_dict()}, options.out)


@torch.no_grad()
def lower_vectors(encoder: Encoder, pairs: list[Paired], layers: int) -> list[torch.Tensor]:
    """What the lower layers make of each window, in half precision."""
    found: list[torch.Tensor] = [torch.zeros(0)] * len(pairs)
    order = sorted(range(len(pairs)), key=lambda at: len(pairs[at].given.window.ids))
    for first in range(0, len(order), 8):
        batch = order[first : first + 8]
        ids, casing, types, mask = tensors([pairs[at].given.window for at in batch])
        x, wide = encoder.embedded(ids, casing, types, mask, 1)
        for layer in encoder.layers[:layers]:
            x = layer(x, wide)
        for row, at in enumerate(batch):
            found[at] = x[row, : len(pairs[at].given.window.ids)].half()
    return found


def fit(
    upper: nn.ModuleList, heads: DealHeads, pairs: list[Paired], lower: list[torch.Tensor], epochs: int, minutes: float
) -> None:
    """All windows `epochs` times, or as often as the minutes allow."""
    rng = random.Random(9)
    optimizer = torch.optim.AdamW(
        [
            {"params": list(heads.parameters()), "lr": RATE_HEADS},
            *({"params": [one], "lr": RATE} for one in upper.parameters()),
        ],
        weight_decay=0.02,
        betas=(0.9, 0.98),
    )
    base = [group["lr"] for group in optimizer.param_groups]
    plan = [batch for _ in range(epochs) for batch in _batches(pairs, rng)]
    started, running = time.time(), 0.0
    upper.train()
    heads.train()
    for step, batch in enumerate(plan):
        share = max(step / len(plan), (time.time() - started) / 60 / minutes)
        if share >= 1:
            break
        for group, rate in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = rate * min(1.0, (step + 1) / 60) * (1 - share)
        loss = _loss(upper, heads, [pairs[at] for at in batch], [lower[at] for at in batch])
        loss.backward()
        nn.utils.clip_grad_norm_([*upper.parameters(), *heads.parameters()], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        running += 0.02 * (loss.item() - running)
        if step % 100 == 99:
            print(f"{step + 1}/{len(plan)} {time.time() - started:.0f} s, loss {running:.4f}", flush=True)
    upper.eval()
    heads.eval()


def _loss(upper: nn.ModuleList, heads: DealHeads, batch: list[Paired], lower: list[torch.Tensor]) -> torch.Tensor:
    longest = max(len(one) for one in lower)
    x = torch.stack([F.pad(one.float(), (0, 0, 0, longest - len(one))) for one in lower])
    wide = torch.tensor([[n < len(one) for n in range(longest)] for one in lower])[:, None, None, :]
    for layer in upper:
        x = layer(x, wide)
    return pairs_loss(x, heads, batch)


def _batches(pairs: list[Paired], rng: random.Random) -> list[list[int]]:
    order = sorted(range(len(pairs)), key=lambda at: (len(pairs[at].given.window.ids), rng.random()))
    batches: list[list[int]] = [[]]
    for at in order:
        if batches[-1] and (len(batches[-1]) + 1) * len(pairs[at].given.window.ids) > BATCH:
            batches.append([])
        batches[-1].append(at)
    rng.shuffle(batches)
    return batches


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
