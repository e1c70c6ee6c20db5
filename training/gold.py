"""Annotated papers as the pipeline sees them, and predictions paired with what the gold says of them."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spacy
from corpora import Row, paper_of, shared, training_papers

from kgraph.extract.groups import Group, make_group
from kgraph.extract.guard import guarding_label, read_guarded
from kgraph.extract.mentions import Page, Place, Term
from kgraph.extract.spans import cover, keep_spans
from kgraph.extract.terms import SPANS

_spec = importlib.util.spec_from_file_location("score", shared("annotation/score.py"))
assert _spec is not None and _spec.loader is not None
score = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(score)


def gold_spans(row: Row) -> list[tuple[int, int, int]]:
    """Where the surfaces of each gold entity stand: start, end, index of the entity; the longest win."""
    text = paper_of(row).text
    found = []
    for index, entity in enumerate(row["entities"]):
        for surface in sorted(set(entity["surfaces"])):
            for match in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", text):
                found.append((match.start(), match.end(), index))
    kept: list[tuple[int, int, int]] = []
    for start, end, index in sorted(found, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= first or last <= start for first, last, _ in kept):
            kept.append((start, end, index))
    return sorted(kept)


def gold_groups(row: Row, doc: Any, page: Page) -> list[tuple[Group, Row]]:
    """The gold entities of a paper as groups, with their annotations."""
    guarded = read_guarded(doc)
    groups = []
    spans = gold_spans(row)
    for index, entity in enumerate(row["entities"]):
        terms = []
        for start, end, owner in spans:
            if owner == index:
                place = Place(start, end, page.sentence_at(start), guarding_label(guarded, start, end))
                terms.append(Term(place, page.text[start:end], entity["type"], 1.0))
        if terms:
            groups.append((make_group(terms, entity["type"], doc._.abbreviations), entity))
    return groups


def paired(row: Row, entities: list[Row]) -> dict[int, Row]:
    """Predicted entities (by index) with their gold entities, as the scorer pairs them (relaxed)."""
    gold = [(e["type"], {score.key(s) for s in [e["name"], *e["surfaces"]]}) for e in row["entities"]]
    predicted = [(e["type"], {score.key(s) for s in [e["name"], *e["surfaces"]]}) for e in entities]
    return {j: row["entities"][i] for j, i in score.pair(gold, predicted)[1].items()}


def docs_without_terms() -> Iterator[tuple[Row, Any]]:
    """The training papers as docs with sentences, abbreviations and guarded stretches."""
    nlp = spacy.blank("en")
    for name in ("kgraph_sentences", "kgraph_abbreviations", "kgraph_guard"):
        nlp.add_pipe(name)
    for row in training_papers():
        yield row, nlp(paper_of(row).text)


def docs_with_terms() -> Iterator[tuple[Row, Any]]:
    """The same, with the terms that cross_fit.py found."""
    cross = json.loads((Path(__file__).parents[1] / ".cache/cross_fit.json").read_text(encoding="utf-8"))
    for row, doc in docs_without_terms():
        spans = []
        for start, end, label, probability in cross[row["id"]]:
            span = cover(doc, start, end, label)
            span._.score = probability
            spans.append(span)
        keep_spans(doc, SPANS, spans, "kgraph_terms")
        yield row, doc
