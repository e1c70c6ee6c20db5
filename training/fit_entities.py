"""Fit the weights that say whether an entity deserves a node, on the terms of cross_fit.py; write nodes.json.gz."""

from __future__ import annotations

import argparse
from typing import Any

from corpora import Row
from gold import docs_with_terms, paired
from regression import Design, fit, save

from kgraph.extract.groups import Group, build_groups
from kgraph.extract.linear import load_model
from kgraph.extract.mentions import read_page, read_terms
from kgraph.extract.ratings import node_features
from kgraph.extract.roles import assign_roles

CLASSES = ("no", "yes")
THRESHOLD = 0.33  # chosen on the development part


def as_gold(group: Group) -> Row:
    """An entity in the format of the annotations."""
    return {"type": group.label, "name": group.name, "surfaces": sorted(group.surfaces)}


def add_paper(row: Row, doc: Any, design: Design) -> None:
    """Add the entities of one paper; one that the scorer pairs with a gold entity deserves its node."""
    page = read_page(doc)
    groups = build_groups(read_terms(doc, page), doc._.abbreviations)
    assign_roles(groups, page, load_model("roles"))
    right = paired(row, [as_gold(group) for group in groups])
    for i, group in enumerate(groups):
        design.add(node_features(group, groups, page), CLASSES[i in right])


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.1)
    args = parser.parse_args()
    design = Design(CLASSES)
    for row, doc in docs_with_terms():
        add_paper(row, doc, design)
    print(sum(design.labels), "deserve a node")
    save("nodes", {"nodes": (CLASSES, fit(design, args.inverse_l2), THRESHOLD)})


if __name__ == "__main__":
    main()
