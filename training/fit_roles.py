"""Fit the weights of the roles on the gold entities; write roles.json.gz."""

from __future__ import annotations

import argparse

from gold import docs_without_terms, gold_groups
from regression import Design, fit, save

from kgraph.extract.mentions import read_page
from kgraph.extract.roles import role_features
from kgraph.schema import ROLES


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.1)
    args = parser.parse_args()
    design = Design(ROLES)
    for row, doc in docs_without_terms():
        page = read_page(doc)
        for group, entity in gold_groups(row, doc, page):
            design.add(role_features(group, page), entity["role"])
    save("roles", {"roles": (ROLES, fit(design, args.inverse_l2), 0.0)})


if __name__ == "__main__":
    main()
