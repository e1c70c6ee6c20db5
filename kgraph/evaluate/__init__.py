"""Predicted annotations against those of a gold file: what was found and what was missed, in figures.

    scores = score_papers(read_gold("gold.jsonl"), read_predicted("predicted.jsonl"))
    print(scores.exact["Method"].f1, scores.relaxed["all"].recall)

`rows` reads both files, `predict` makes the second where there is none yet, `matching` pairs the entities of one paper,
`scores` counts.
"""

from __future__ import annotations

from kgraph.evaluate.matching import AnnotatedEntity, Matches, match_entities, pair_names
from kgraph.evaluate.predict import predict_papers, predict_relations
from kgraph.evaluate.rows import make_annotation, read_gold, read_gold_papers, read_predicted
from kgraph.evaluate.scores import ALL, Annotation, Count, Misses, Scores, find_misses, score_papers

__all__ = [
    "ALL",
    "AnnotatedEntity",
    "Annotation",
    "Count",
    "Matches",
    "Misses",
    "Scores",
    "find_misses",
    "make_annotation",
    "match_entities",
    "pair_names",
    "predict_papers",
    "predict_relations",
    "read_gold",
    "read_gold_papers",
    "read_predicted",
    "score_papers",
]
