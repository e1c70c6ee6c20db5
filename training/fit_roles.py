"""Fit the weights of the roles on the gold entities; write roles.json.gz."""

from __future__ import annotations

import argparse

import spacy
from corpora import annotated, is_dev
from gold import gold_groups
from regression import Design, fit, save

from kgraph.extract.entities import role_features
from kgraph.extract.mentions import read_page
from kgraph.schema import ROLES


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.1)
    args = parser.parse_args()
    nlp = spacy.blank("en")
    for name in ("kgraph_sentences", "kgraph_abbreviations", "kgraph_guard"):
        nlp.add_pipe(name)
    design = Design(ROLES)
    for row in (row for row in annotated() if not is_dev(row)):
        doc = nlp(f"{row['title']}\n{row['abstract']}")
        page = read_page(doc)
        for group, entity in gold_groups(row, doc, page):
            design.add(role_features(group, page), entity["role"])
    save("roles", {"roles": (ROLES, fit(design, args.inverse_l2), 0.0)})


if __name__ == "__main__":
    main()
