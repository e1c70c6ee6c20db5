"""Fit the weights of the relations on the pipeline's own entities of the training papers; write relations.json.gz."""

from __future__ import annotations

import argparse
from typing import Any

from corpora import Row
from gold import paired, training_docs
from regression import Design, fit, save

from kgraph.extract.entities import EntityMaker, to_entity
from kgraph.extract.mentions import read_page
from kgraph.extract.relations import find_pairs, pair_features, read_nodes
from kgraph.schema import RELATION_TYPES

CLASSES = ("no", "yes")


def add_paper(row: Row, doc: Any, designs: dict[str, Design]) -> None:
    """Add the candidate pairs of one paper."""
    page = read_page(doc)
    rows = doc.user_data["kgraph_entities"]
    nodes = read_nodes(rows)
    entities = [to_entity(r, doc.text) for r in rows]
    as_gold = [{"type": e.label, "name": e.name, "surfaces": list(e.surfaces)} for e in entities]
    names = {as_gold[j]["name"]: entity["name"] for j, entity in paired(row, as_gold).items()}
    truth = {tuple(relation) for relation in row["relations"]}
    for kind, pair, _ in find_pairs(nodes, page):
        holds = (kind, names.get(pair.source.name), names.get(pair.target.name)) in truth
        designs[kind].add(pair_features(pair, page, nodes), CLASSES[holds])


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.05)
    parser.add_argument("--threshold", type=float, default=0.18)
    args = parser.parse_args()
    maker = EntityMaker()
    designs = {kind: Design(CLASSES) for kind in RELATION_TYPES}
    for row, doc in training_docs():
        add_paper(row, maker(doc), designs)
    save(
        "relations", {kind: (CLASSES, fit(design, args.inverse_l2), args.threshold) for kind, design in designs.items()}
    )


if __name__ == "__main__":
    main()
