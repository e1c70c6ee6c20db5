"""One paper, written for the tests of the extraction, and a dozen variants of it."""

from __future__ import annotations

from kgraph.schema import Paper

PAPER = Paper(
    "p1",
    "TreeFold: Folding Decision Trees for Tabular Classification",
    "Tabular classification is a common problem. Gradient boosting is slow on it. We propose TreeFold, a method that "
    "folds decision trees into a graph neural network (GNN). Our GNNs are trained with Adam. We evaluate TreeFold on "
    "the OpenML-CC18 benchmark and on the Adult dataset. It outperforms XGBoost and CatBoost. Unlike random forests, "
    "TreeFold needs little memory. We do not use knowledge distillation.",
)
PAPERS = [Paper(f"p{i}", PAPER.title, PAPER.abstract[i:]) for i in range(12)]
