"""Annotated papers as the pipeline sees them, and predictions paired with what the gold says of them."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spacy
from corpora import SHARED, Row, annotated, is_dev

from kgraph.extract.entities import Group, make_group
from kgraph.extract.mentions import Page, Place

_spec = importlib.util.spec_from_file_location("score", SHARED / "annotation/score.py")
assert _spec is not None and _spec.loader is not None
score = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(score)


def gold_spans(row: Row) -> list[tuple[int, int, int]]:
    """Where the surfaces of each gold entity stand: start, end, index of the entity; the longest win."""
    text = f"{row['title']}\n{row['abstract']}"
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
    guarded = [(span.start_char, span.end_char, span.label_) for span in doc.spans["kgraph_guard"]]
    groups = []
    spans = gold_spans(row)
    for index, entity in enumerate(row["entities"]):
        places = []
        for start, end, owner in spans:
            if owner == index:
                sent = next((i for i, (_, last) in enumerate(page.sentences) if start < last), 0)
                label = next((name for first, last, name in guarded if first <= start and end <= last), "")
                places.append(Place(start, end, sent, label, entity["type"], 1.0, page.text[start:end]))
        if places:
            groups.append((make_group(places, entity["type"], doc._.abbreviations), entity))
    return groups


def paired(row: Row, entities: list[Row]) -> dict[int, Row]:
    """Predicted entities (by index) with their gold entities, as the scorer pairs them (relaxed)."""
    gold = [(e["type"], {score.key(s) for s in [e["name"], *e["surfaces"]]}) for e in row["entities"]]
    predicted = [(e["type"], {score.key(s) for s in [e["name"], *e["surfaces"]]}) for e in entities]
    return {j: row["entities"][i] for j, i in score.pair(gold, predicted)[1].items()}


def training_docs() -> Iterator[tuple[Row, Any]]:
    """The training papers as docs up to `kgraph_guard`, with the terms that cross_fit.py found."""
    nlp = spacy.blank("en")
    for name in ("kgraph_sentences", "kgraph_abbreviations", "kgraph_guard"):
        nlp.add_pipe(name)
    cross = json.loads((Path(__file__).parents[1] / ".cache/cross_fit.json").read_text(encoding="utf-8"))
    for row in annotated():
        if not is_dev(row):
            doc = nlp(f"{row['title']}\n{row['abstract']}")
            spans = []
            for start, end, label, score in cross[row["id"]]:
                span = doc.char_span(start, end, label=label, alignment_mode="expand")
                span._.score = score
                spans.append(span)
            doc.spans["kgraph"] = spans
            yield row, doc
