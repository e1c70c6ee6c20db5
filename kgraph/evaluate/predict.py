"""What a pipeline says of annotated papers, as annotations that can be scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from kgraph.evaluate.rows import make_annotation
from kgraph.evaluate.scores import Annotation
from kgraph.extract import extract_papers, extraction_row
from kgraph.extract.pipeline import Pipeline
from kgraph.schema import Paper

COMMON_ROLE: Final = "used"
"""The role of an entity whose annotation tells none."""


def predict_papers(papers: Sequence[Paper], nlp: Pipeline, *, workers: int = 1) -> Iterator[Annotation]:
    """Yield the entities and relations that a pipeline finds in each paper."""
    for paper, extraction in zip(papers, extract_papers(papers, nlp=nlp, workers=workers), strict=True):
        yield make_annotation(extraction_row(paper, extraction))


def predict_relations(papers: Sequence[Paper], gold: Sequence[Annotation], nlp: Pipeline) -> Iterator[Annotation]:
    """Yield the gold entities of each paper, with their roles, and the relations that a pipeline finds between them."""
    from kgraph.extract.given import GivenEntity, extract_relations

    given = [
        [GivenEntity(one.label, one.name, one.surfaces, one.role or COMMON_ROLE) for one in annotation.entities]
        for annotation in gold
    ]
    for annotation, relations in zip(gold, extract_relations(papers, given, nlp), strict=True):
        yield replace(annotation, relations=frozenset((one.type, one.source, one.target) for one in relations))
