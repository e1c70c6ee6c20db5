"""Predicted annotations against those of a gold file: what was found and what was missed, in figures.

    scores = score_papers(read_gold("gold.jsonl"), read_predicted("predicted.jsonl"))
    print(scores.exact["Method"].f1, scores.relaxed["all"].recall)

`rows` reads both files, `matching` pairs the entities of one paper, `scores` counts.
"""

from __future__ import annotations

from kgraph.evaluate.matching import AnnotatedEntity, Matches, match_entities
from kgraph.evaluate.rows import make_annotation, read_gold, read_gold_papers, read_predicted
from kgraph.evaluate.scores import Annotation, Count, Misses, Scores, find_misses, score_papers

__all__ = [
    "AnnotatedEntity",
    "Annotation",
    "Count",
    "Matches",
    "Misses",
    "Scores",
    "find_misses",
    "make_annotation",
    "match_entities",
    "read_gold",
    "read_gold_papers",
    "read_predicted",
    "score_papers",
]
