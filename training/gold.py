"""Annotated papers as the pipeline sees them, and predictions paired with what the gold says of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import spacy
from corpora import Row, paper_of, training_papers
from cross_fit import read_cross_fit
from fit_blend import OUT
from spacy.language import Language

from kgraph.evaluate import AnnotatedEntity, make_annotation, match_entities
from kgraph.extract.encoded_pairs import keep_vectors
from kgraph.extract.encoded_terms import NAME, read_blend
from kgraph.extract.given import GivenEntity
from kgraph.extract.groups import Group, build_groups
from kgraph.extract.linear import load_model
from kgraph.extract.mentions import read_page, read_terms
from kgraph.extract.term_scores import score_candidates
from kgraph.extract.terms import keep_terms


def groups_of(doc: Any) -> list[Group]:
    """The entities that the terms of a doc make, without roles."""
    return build_groups(read_terms(doc, read_page(doc)), doc._.abbreviations)


def as_annotated(groups: list[Group]) -> list[AnnotatedEntity]:
    """Entities as the scorer compares them."""
    return [AnnotatedEntity(group.label, group.name, tuple(sorted(group.surfaces))) for group in groups]


def paired(row: Row, groups: list[Group]) -> dict[int, Row]:
    """Predicted entities (by index) with their gold entities, as the scorer pairs them (relaxed)."""
    pairs = match_entities(make_annotation(row).entities, as_annotated(groups)).relaxed
    return {predicted: row["entities"][gold] for predicted, gold in pairs.items()}


def given_entities(row: Row) -> list[GivenEntity]:
    """The annotated entities of a paper, to be given to a pipeline."""
    return [GivenEntity(e["type"], e["name"], tuple(e["surfaces"]), e["role"]) for e in row["entities"]]


def bare_pipeline() -> Language:
    """What stands before and beside the terms: sentences, abbreviations and guarded stretches."""
    nlp = spacy.blank("en")
    for name in ("kgraph_sentences", "kgraph_abbreviations", "kgraph_guard"):
        nlp.add_pipe(name)
    return nlp


def docs_with_terms(finder: str) -> Iterator[tuple[Row, Any]]:
    """The training papers with the terms that a component finds as it was fitted on others (see cross_fit.py)."""
    nlp = bare_pipeline()
    cross = read_cross_fit()
    blend = read_blend(OUT.read_bytes())
    linear_threshold = load_model("terms").threshold
    for row in training_papers():
        doc, judged = nlp(paper_of(row).text), cross[row["id"]]
        if finder == NAME:
            scored = blend.score(judged.text, judged.candidates, judged.linear, judged.reading.logits)
            threshold = blend.threshold
        else:
            scored, threshold = score_candidates(judged.text, judged.candidates, judged.linear), linear_threshold
        keep_terms(doc, judged.text, scored, threshold, finder)
        if finder == NAME:
            keep_vectors(doc, judged.reading.vectors.astype("f4"), judged.reading.bounds)
        yield row, doc
