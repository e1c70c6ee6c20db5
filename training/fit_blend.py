"""Fit how much the linear model and the encoder count, on what cross_fit.py found; writes the encoder's blend.json.

A multinomial logistic regression over the logarithms of both probabilities, candidate by candidate.
"""

from __future__ import annotations

import json

import numpy as np
from corpora import training_papers
from cross_fit import Judged, read_cross_fit
from fit_terms import gold_keys
from sklearn.linear_model import LogisticRegression

from kgraph.extract.encoded_terms import NAME, stack_logarithms
from kgraph.extract.linear import MODEL
from kgraph.extract.term_scores import CLASSES, NONE

THRESHOLD = 0.3  # doubtful terms too: `kgraph_entities` may reject them
OUT = MODEL / NAME / "blend.json"


def labels_of(judged: Judged, gold: dict[str, str]) -> list[int]:
    """The class of each candidate."""
    return [CLASSES.index(gold.get(candidate.key, NONE)) for candidate in judged.candidates]


def main() -> None:
    """Fit, write."""
    found = read_cross_fit()
    rows = training_papers()
    both = [stack_logarithms(found[row["id"]].linear, found[row["id"]].reading.logits) for row in rows]
    labels = [label for row in rows for label in labels_of(found[row["id"]], gold_keys(row))]
    model = LogisticRegression(C=1.0, max_iter=1000).fit(np.vstack(both), labels)
    fitted = {"weights": model.coef_.T, "bias": model.intercept_}
    weights = {name: values.astype(float).round(4).tolist() for name, values in fitted.items()}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(weights | {"threshold": THRESHOLD}) + "\n", encoding="utf-8")
    print(len(labels), "candidates", weights)


if __name__ == "__main__":
    main()
