"""Fit the weights of the roles on the entities of docs_with_terms that the gold has too; write roles.json.gz."""

from __future__ import annotations

import argparse

from gold import docs_with_terms, groups_of, paired
from regression import Design, fit, save

from kgraph.extract.mentions import read_page
from kgraph.extract.pipeline import FINDERS
from kgraph.extract.roles import role_features
from kgraph.schema import ROLES


def gather(finder: str) -> Design:
    """The entities that a component finds, with the roles of those of the gold."""
    design = Design(ROLES)
    for row, doc in docs_with_terms(finder):
        page, groups = read_page(doc), groups_of(doc)
        for index, entity in paired(row, groups).items():
            design.add(role_features(groups[index], page), entity["role"])
    return design


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.1)
    args = parser.parse_args()
    designs = {finder: gather(finder) for finder in FINDERS.values()}
    save("roles", {finder: (ROLES, fit(design, args.inverse_l2), 0.0) for finder, design in designs.items()})


if __name__ == "__main__":
    main()
