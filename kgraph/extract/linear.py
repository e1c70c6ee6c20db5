"""Linear classifiers with named features: logistic regressions whose weights are read from JSON files.

In: for each example the names of its features, each with the value 1. Out: the probability of each class: the softmax
of the sums of the features' weights (a multinomial logistic regression). A feature that has no weights counts nothing.
The weights ship in `model/weights/*.json.gz`, in thousandths; training/regression.py fitted them.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

MODEL: Final = Path(__file__).parent / "model"
"""The shipped pipeline; `spacy.load` loads it."""
WEIGHTS: Final = MODEL / "weights"
Logits: TypeAlias = NDArray[np.float32]
"""One row an example, one column a class."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A multinomial logistic regression: `rows` says which row of `matrix` holds the weights of a feature."""

    classes: tuple[str, ...]
    rows: dict[str, int]
    matrix: NDArray[np.float32]
    """Its last row, of zeros, stands for features without weights."""
    threshold: float
    """The least probability that counts, where one has to be chosen."""

    def logits(self, examples: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """The sums of the weights of the features of each example; each must have a feature at least."""
        if not examples:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        unknown = repeat(len(self.matrix) - 1)
        found = np.fromiter(map(self.rows.get, chain.from_iterable(examples), unknown), dtype=np.intp)
        firsts = np.cumsum([0, *map(len, examples[:-1])])
        sums: NDArray[np.float32] = np.add.reduceat(self.matrix.take(found, axis=0), firsts, axis=0)
        return sums

    def probabilities(self, examples: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """The probabilities of the classes, example by example."""
        return softmax(self.logits(examples))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn rows of logits into rows of probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn rows of logits into rows of the logarithms of their probabilities."""
    shifted = logits - logits.max(axis=1, keepdims=True, initial=-np.inf)
    logarithms: NDArray[np.float32] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithms


def logit_halves(probability: float) -> int:
    """A probability as part of a feature's name: its logit, in steps of a half."""
    bounded = min(max(probability, 0.001), 0.999)
    return round(2 * math.log(bounded / (1 - bounded)))


def make_model(classes: Sequence[str], weights: dict[str, list[int]], threshold: float) -> LinearModel:
    """Make a model from weights in thousandths."""
    matrix = np.array([*weights.values(), [0] * len(classes)], dtype=np.float32) / np.float32(1000)
    return LinearModel(tuple(classes), dict(zip(weights, range(len(weights)), strict=True)), matrix, threshold)


def read_data(name: str) -> Any:
    """Read one of the JSON files that ship with this package."""
    with gzip.open(WEIGHTS / name, "rt", encoding="utf-8") as lines:
        return json.load(lines)


@cache
def load_models(name: str) -> dict[str, LinearModel]:
    """Load the models of one file that ships with this package, by their names."""
    return {key: make_model(**row) for key, row in read_data(f"{name}.json.gz").items()}


def load_model(name: str) -> LinearModel:
    """Load the only model of a file."""
    (model,) = load_models(name).values()
    return model
