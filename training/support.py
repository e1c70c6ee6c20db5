"""How far support and confidence can be trusted: edges of a graph of the annotated papers against their annotation.

    python training/support.py [--svg FILE]

The training papers are extracted by what was fitted on other papers (see cross_fit.py; the weights of the relations on
the other half), the development papers by the shipped pipeline. All are linked into one graph. An edge is right where
the annotation of one of its papers states it, a statement where that of its own paper does. Prints, for each number of
papers behind an edge and for each tenth of its confidence, how many are right; `--svg` draws the first.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpora import Row, annotated, fold, is_dev, paper_of
from cross_fit import HALVES
from fit_relations import CLASSES, INVERSE_L2, THRESHOLD, add_pairs, gold_names, scene_of
from gold import docs_with_terms
from regression import Design, fit

from kgraph.evaluate import make_annotation, pair_names
from kgraph.extract import extract_papers, extraction_row, load_pipeline
from kgraph.extract.entities import EntityMaker, read_entity_rows, to_entity
from kgraph.extract.linear import LinearModel, make_model
from kgraph.extract.pairs import Scene
from kgraph.extract.pipeline import DEFAULT, FINDERS
from kgraph.extract.relations import find_relations, to_relation
from kgraph.link import link_mentions
from kgraph.schema import RELATION_TYPES, Abbreviation, Extraction
from kgraph.support import relation_of, support

MOST = 4
Names = dict[str, str]
"""The names of the gold entities, by those of the extracted ones."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was extracted from an annotated paper."""

    row: Row
    extraction: Extraction
    names: Names


@dataclass(frozen=True, slots=True)
class Seen:
    """A training paper before its relations are found."""

    row: Row
    extraction: Extraction
    scene: Scene
    names: Names


def read_training() -> Iterator[Seen]:
    """The training papers with the entities that are found without them."""
    maker = EntityMaker()
    for row, doc in docs_with_terms(FINDERS[DEFAULT]):
        maker(doc)
        entities = tuple(to_entity(one, doc.text) for one in read_entity_rows(doc))
        pairs = tuple(Abbreviation(pair.short, pair.long) for pair in doc._.abbreviations)
        yield Seen(row, Extraction(row["id"], entities, (), pairs), scene_of(row, doc), gold_names(row, doc))


def fit_on(papers: Iterable[Seen]) -> dict[str, LinearModel]:
    """The weights of the relations from some papers."""
    designs = {kind: Design(CLASSES) for kind in RELATION_TYPES}
    for paper in papers:
        add_pairs(paper.row, paper.scene, paper.names, designs)
    return {kind: make_model(CLASSES, fit(design, INVERSE_L2), THRESHOLD) for kind, design in designs.items()}


def extract_training() -> Iterator[Found]:
    """The training papers, each half with relations by the weights from the other."""
    papers = list(read_training())
    for half in HALVES:
        models = fit_on(paper for paper in papers if str(fold(paper.row["id"])) not in half)
        for paper in papers:
            if str(fold(paper.row["id"])) in half:
                text = paper.scene.page.text
                relations = tuple(to_relation(row, text) for row in find_relations(paper.scene, models, {}))
                one = paper.extraction
                yield Found(
                    paper.row, Extraction(one.paper_id, one.entities, relations, one.abbreviations), paper.names
                )


def extract_dev() -> Iterator[Found]:
    """The development papers by the shipped pipeline."""
    rows = [row for row in annotated() if is_dev(row)]
    papers = [paper_of(row) for row in rows]
    for row, paper, one in zip(rows, papers, extract_papers(papers, nlp=load_pipeline(DEFAULT)), strict=True):
        predicted = make_annotation(extraction_row(paper, one)).entities
        yield Found(row, one, pair_names(make_annotation(row).entities, predicted))


@dataclass(frozen=True, slots=True)
class Edge:
    """What several papers state between two nodes."""

    papers: int
    confidence: float
    right: list[bool]
    """Whether each statement is."""


def edges_of(found: list[Found]) -> list[Edge]:
    """Link all papers and gather the statements of each relation."""
    linker = link_mentions([one.extraction for one in found])
    stated: dict[tuple[str, str, str], list[tuple[str, float, bool]]] = defaultdict(list)
    for one in found:
        nodes, truth = linker.link(one.extraction), {tuple(relation) for relation in one.row["relations"]}
        for relation in one.extraction.relations:
            ends = [nodes.get(name, "") for name in (relation.source, relation.target)]
            right = (relation.type, one.names.get(relation.source), one.names.get(relation.target)) in truth
            if all(ends) and ends[0] != ends[1]:
                stated[relation_of(relation.type, *ends)].append((one.row["id"], relation.score, right))
    return [
        Edge(*support((paper, score) for paper, score, _ in rows), [right for *_, right in rows])
        for rows in stated.values()
    ]


def print_table(title: str, groups: dict[str, list[Edge]]) -> None:
    """One row a group of edges."""
    print(
        f"\n| {title} | edges | mean confidence | edges right | statements right |\n| --- | ---: | ---: | ---: | ---: |"
    )
    for name, edges in sorted(groups.items()):
        if edges:
            confidence = sum(edge.confidence for edge in edges) / len(edges)
            statements = [right for edge in edges for right in edge.right]
            print(f"| {name} | {len(edges)} | {confidence:.2f} | {precision(edges):.2f} | {mean(statements):.2f} |")


def precision(edges: list[Edge]) -> float:
    """How many edges are right."""
    return mean([any(edge.right) for edge in edges])


def mean(values: list[bool]) -> float:
    """The share of those that are true."""
    return sum(values) / max(1, len(values))


def draw(points: list[tuple[str, float]], path: Path) -> None:
    """The precision by the number of papers, as a small chart."""
    places = [(60 + 110 * i, round(190 - 160 * value)) for i, (_, value) in enumerate(points)]
    line = " ".join(f"{x},{y}" for x, y in places)
    labels = "".join(
        f'<circle cx="{x}" cy="{y}" r="4" fill="#0072b2"/><text x="{x}" y="{y - 10}">{value:.2f}</text>'
        f'<text x="{x}" y="210">{name}</text>'
        for (x, y), (name, value) in zip(places, points, strict=True)
    )
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 240" font-family="sans-serif" font-size="13" '
        'text-anchor="middle"><rect width="460" height="240" fill="#fff"/>'
        '<path d="M40 190H440M40 110H440M40 30H440" stroke="#ddd"/>'
        '<g fill="#666"><text x="22" y="194">0</text><text x="22" y="114">0.5</text><text x="22" y="34">1</text></g>'
        f'<polyline points="{line}" fill="none" stroke="#0072b2" stroke-width="2"/>{labels}'
        '<text x="230" y="232" fill="#666">papers that state an edge: share of edges that are right</text></svg>\n',
        encoding="utf-8",
    )


def main() -> None:
    """Parse the arguments, extract, link, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svg", type=Path, help="draw the precision by support to this file")
    args = parser.parse_args()
    edges = edges_of([*extract_training(), *extract_dev()])
    by_support: dict[str, list[Edge]] = defaultdict(list)
    by_confidence: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_support[f"{edge.papers}" if edge.papers < MOST else f"{MOST} or more"].append(edge)
        tenth = min(9, int(10 * edge.confidence))
        by_confidence[f"{tenth / 10:.1f} to {tenth / 10 + 0.1:.1f}"].append(edge)
    print_table("papers", by_support)
    print_table("confidence", by_confidence)
    if args.svg:
        draw([(name, precision(group)) for name, group in sorted(by_support.items())], args.svg)


if __name__ == "__main__":
    main()
