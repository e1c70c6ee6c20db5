"""Fit the weights of the relations on the pipeline's own entities of the training papers; write relations.json.gz."""

from __future__ import annotations

import argparse
from typing import Any

from corpora import Row
from gold import docs_with_terms
from regression import Design, fit, save

from kgraph.evaluate import AnnotatedEntity, make_annotation, match_entities
from kgraph.extract.entities import EntityMaker, read_entity_rows, to_entity
from kgraph.extract.mentions import read_page
from kgraph.extract.pair_features import pair_features
from kgraph.extract.pairs import find_pairs, read_scene
from kgraph.extract.pipeline import DEFAULT, FINDERS
from kgraph.schema import RELATION_TYPES

CLASSES = ("no", "yes")


def add_paper(row: Row, doc: Any, designs: dict[str, Design]) -> None:
    """Add the candidate pairs of one paper."""
    rows = read_entity_rows(doc)
    scene = read_scene(rows, read_page(doc))
    entities = [to_entity(r, doc.text) for r in rows]
    predicted = [AnnotatedEntity(e.label, e.name, e.surfaces) for e in entities]
    pairs = match_entities(make_annotation(row).entities, predicted).relaxed
    names = {entities[i].name: row["entities"][j]["name"] for i, j in pairs.items()}
    truth = {tuple(relation) for relation in row["relations"]}
    for kind, pair in find_pairs(scene):
        holds = (kind, names.get(pair.source.name), names.get(pair.target.name)) in truth
        designs[kind].add(pair_features(pair, scene), CLASSES[holds])


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.05)
    parser.add_argument("--threshold", type=float, default=0.18)
    args = parser.parse_args()
    maker = EntityMaker()
    designs = {kind: Design(CLASSES) for kind in RELATION_TYPES}
    for row, doc in docs_with_terms(FINDERS[DEFAULT]):
        add_paper(row, maker(doc), designs)
    save(
        "relations", {kind: (CLASSES, fit(design, args.inverse_l2), args.threshold) for kind, design in designs.items()}
    )


if __name__ == "__main__":
    main()
