"""Pairs of entities as the encoder judges them, from the vectors that it made of the word pieces of their text.

In: a doc that `kgraph_encoder` read, and its entities. Out: the logits of each type of relation between any two of
them.

An entity is the mean over the first and last word pieces of its mentions, with its label and its role; a pair looks for
its own context among all word pieces, after the localized context pooling of W. Zhou et al., "Document-level relation
extraction with adaptive thresholding and localized context pooling", AAAI 2021. training/fit_encoder.py made the
weights, together with those of the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from kgraph.extract.encoder import Network, Stretch, place_pieces
from kgraph.extract.entities import EntityRow
from kgraph.schema import ENTITY_LABELS, RELATION_ENDS, RELATION_TYPES, ROLES

PairLogits: TypeAlias = NDArray[np.float32]
"""Source, target, type of relation; -inf where the labels allow none."""
BOUNDS: Final = "kgraph_pieces"
_ENDS: Final = frozenset(RELATION_ENDS.values())


def keep_vectors(doc: Doc, vectors: NDArray[np.float32], bounds: NDArray[np.int64]) -> None:
    """Leave the vectors and the offsets of the word pieces in a doc; in `doc.tensor`, as spaCy's own encoders do."""
    tensor: Any = vectors
    doc.tensor = tensor
    doc.user_data[BOUNDS] = bounds


def take_vectors(doc: Doc) -> tuple[NDArray[np.float32], NDArray[np.int64]] | None:
    """Take the vectors and the offsets of the word pieces out of a doc, which would carry them about for nothing."""
    bounds = doc.user_data.pop(BOUNDS, None)
    if bounds is None:
        return None
    vectors: Any = doc.tensor
    doc.tensor = np.zeros(0)
    return vectors, bounds


def judge_pairs(
    network: Network, rows: list[EntityRow], vectors: NDArray[np.float32], bounds: NDArray[np.int64]
) -> PairLogits:
    """The logits of all pairs of the entities of a text."""
    logits = np.full((len(rows), len(rows), len(RELATION_TYPES)), -np.inf, dtype=np.float32)
    labels = [row["label"] for row in rows]
    pairs = [(i, j) for i, j in permutations(range(len(rows)), 2) if (labels[i], labels[j]) in _ENDS]
    if pairs:
        sources, targets = np.array(pairs, dtype=np.int64).T
        (logits[sources, targets],) = network.run(
            vectors=vectors,
            shares=piece_shares(bounds, [[Stretch(m[0], m[1], 1) for m in row["mentions"]] for row in rows]),
            labels=np.array([ENTITY_LABELS.index(label) for label in labels]),
            roles=np.array([ROLES.index(row["role"]) for row in rows]),
            sources=sources,
            targets=targets,
        )
    return logits


@dataclass(frozen=True, slots=True)
class Judged:
    """Logits as features see them: source, target, type of relation."""

    halves: list[list[list[int]]]
    """In halves, from -14 to 14."""
    ahead: list[list[list[int]]]
    """How far the relation is ahead of its reverse, in halves."""
    likelier_out: list[list[list[int]]]
    """How many relations of this type that begin at the source are likelier."""
    likelier_in: list[list[list[int]]]
    """How many that end at the target are."""


def compare(logits: PairLogits | None) -> Judged | None:
    """Compare each pair with those that it shares an end with."""
    if logits is None:
        return None
    finite = np.maximum(logits, np.finfo("f4").min / 4)
    out = (logits[:, None, :, :] > logits[:, :, None, :]).sum(axis=2)
    back = (logits[:, None, :, :] > logits[None, :, :, :]).sum(axis=0)
    return Judged(_halves(finite), _halves(finite - finite.transpose(1, 0, 2)), out.tolist(), back.tolist())


def _halves(logits: NDArray[np.float32]) -> list[list[list[int]]]:
    halves: list[list[list[int]]] = np.rint(2 * np.clip(logits, -7, 7)).astype(int).tolist()
    return halves


def piece_shares(bounds: NDArray[np.int64], entities: Sequence[Sequence[Stretch]]) -> NDArray[np.float32]:
    """How much of each word piece (columns, with the two marks) is in each entity (rows, each with the sum 1)."""
    shares = np.zeros((len(entities), len(bounds) + 2), dtype=np.float32)
    for row, places in zip(shares, entities, strict=True):
        starts, ends, known = place_pieces(bounds, places)
        np.add.at(row, 1 + np.concatenate([starts[known], ends[known]]), 1.0)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1.0)
    return shares
