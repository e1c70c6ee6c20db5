"""Logistic regressions over named features: fitted with scikit-learn, written for `kgraph.extract.linear`."""

from __future__ import annotations

import gzip
import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from kgraph.extract.linear import WEIGHTS

OUT = WEIGHTS
Weights = dict[str, list[int]]


@dataclass(slots=True)
class Design:
    """Examples, row by row: features with their values, and a class."""

    classes: tuple[str, ...]
    names: dict[str, int] = field(default_factory=dict)
    labels: list[int] = field(default_factory=list)
    columns: array[int] = field(default_factory=lambda: array("i"))
    values: array[float] = field(default_factory=lambda: array("f"))
    borders: array[int] = field(default_factory=lambda: array("q", [0]))

    def add(self, features: Mapping[str, float] | Iterable[str], label: str) -> None:
        """Add an example; features without values count as 1."""
        values = features if isinstance(features, Mapping) else dict.fromkeys(features, 1.0)
        for name, value in values.items():
            self.columns.append(self.names.setdefault(name, len(self.names)))
            self.values.append(value)
        self.borders.append(len(self.columns))
        self.labels.append(self.classes.index(label))

    def matrix(self) -> csr_matrix:
        """The examples as a sparse matrix."""
        shape = (len(self.labels), len(self.names))
        return csr_matrix((np.array(self.values), np.array(self.columns), np.array(self.borders)), shape=shape)


def fit(design: Design, inverse_l2: float, min_count: int = 4, least: float = 0.04) -> Weights:
    """Fit weights; rare features are left out before, small weights after."""
    matrix = design.matrix().tocsc()
    kept = np.flatnonzero(np.diff(matrix.indptr) >= min_count)
    model = LogisticRegression(C=inverse_l2, max_iter=400, tol=1e-4)
    model.fit(matrix[:, kept].tocsr(), np.array(design.labels))
    coefficients = model.coef_.T if len(model.classes_) > 2 else np.hstack([0 * model.coef_.T, model.coef_.T])
    intercept = model.intercept_ if len(model.classes_) > 2 else np.array([0.0, model.intercept_[0]])
    names = np.array(list(design.names), dtype=object)[kept]
    weights: Weights = {}
    for name, row in sorted(zip(names, coefficients, strict=True), key=lambda pair: pair[0]):
        if np.abs(row).max() >= least:
            weights[name] = [round(float(w) * 100) * 10 for w in row]
    weights["bias"] = [round(float(w) * 1000) for w in intercept]
    print(f"{matrix.shape[0]} examples, {len(kept)} features, {len(weights)} kept, {model.n_iter_} steps")
    return weights


def save(name: str, models: dict[str, tuple[tuple[str, ...], Weights, float]]) -> None:
    """Write models (classes, weights, threshold) to one file of the package."""
    rows = {key: {"classes": c, "threshold": t, "weights": w} for key, (c, w, t) in models.items()}
    save_data(name, rows)


def save_data(name: str, data: Any) -> None:
    """Write a JSON file of the package."""
    path = OUT / f"{name}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0))
    print(path.name, path.stat().st_size, "bytes")
