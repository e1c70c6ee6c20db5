"""Fit the weights that say whether an entity deserves a node, on docs_with_terms; write nodes.json.gz."""

from __future__ import annotations

import argparse

from gold import docs_with_terms, groups_of, paired
from regression import Design, fit, save

from kgraph.extract.linear import load_models
from kgraph.extract.mentions import read_page
from kgraph.extract.pipeline import FINDERS
from kgraph.extract.ratings import node_features
from kgraph.extract.roles import assign_roles

CLASSES = ("no", "yes")
THRESHOLD = 0.33  # chosen on the development part


def gather(finder: str) -> Design:
    """The entities that a component finds; one that the scorer pairs with a gold entity deserves its node."""
    design = Design(CLASSES)
    roles = load_models("roles")[finder]
    for row, doc in docs_with_terms(finder):
        page, groups = read_page(doc), groups_of(doc)
        assign_roles(groups, page, roles)
        right = paired(row, groups)
        for i, group in enumerate(groups):
            design.add(node_features(group, groups, page), CLASSES[i in right])
    return design


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.1)
    args = parser.parse_args()
    designs = {finder: gather(finder) for finder in FINDERS.values()}
    save("nodes", {finder: (CLASSES, fit(design, args.inverse_l2), THRESHOLD) for finder, design in designs.items()})


if __name__ == "__main__":
    main()
