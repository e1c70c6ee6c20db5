"""How well names are linked, by pairs of names that people judged; and merges to look at.

    python bench/linking.py LINKING.json PAPERS.jsonl|GRAPH.kg [--names] [--no-knowledge]
        [--largest 30] [--merges 60] [--reason PREFIX]

PAPERS.jsonl holds annotated papers, whose gold entities are linked; a folder holds records with extracted ones.
LINKING.json has three lists:

    "same"        {"type", "names": [...]}: all of them are one entity of this type
    "different"   [name, name, why]: no entity bears both
    "cross_type"  {"name_a", "type_a", "name_b", "type_b"}: two entities, each of which knows the other

A pair counts where papers use both names, each just so, for an entity of that type. A name of several entities is in
one with another name where any of them bears both. `--names` adds a paper for each name that no paper uses, so that all
pairs count; names of `different` have the type of their namesake then, or are left out. `--no-knowledge` links by the
rules alone, without the shipped knowledge base.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from kgraph.build import RECORDS
from kgraph.evaluate import Annotation, read_gold_papers
from kgraph.extract.abbreviations import find_abbreviations
from kgraph.link import NO_KNOWLEDGE, Linker, link_mentions
from kgraph.link.nodes import SPELLING
from kgraph.link.normal_form import folded
from kgraph.records import open_records
from kgraph.schema import ENTITY_LABELS, Abbreviation, Evidence, Extraction, Paper, PaperEntity

NOWHERE = Evidence("", 0, 0)
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, each with its label."""

    kind: str
    one: Name
    other: Name


def read_extractions(source: Path) -> list[Extraction]:
    """Read the entities of gold papers, or of the records in a folder."""
    if source.is_dir():
        with open_records(source / RECORDS) as records:
            return [extraction for _, extraction in records.papers()]
    return [to_extraction(paper, gold) for paper, gold in zip(*read_gold_papers(str(source)), strict=True)]


def to_extraction(paper: Paper, gold: Annotation) -> Extraction:
    """Make the extraction of a paper from its gold entities and the abbreviations that it defines."""
    entities = (make_entity(one.label, one.name, *one.surfaces) for one in gold.entities)
    pairs = (Abbreviation(pair.short, pair.long) for pair in find_abbreviations(paper.text))
    return Extraction(paper.id, tuple(entities), (), tuple(pairs))


def make_entity(label: str, name: str, *surfaces: str) -> PaperEntity:
    """Make an entity that is found nowhere."""
    return PaperEntity(label, name, tuple(dict.fromkeys((name, *surfaces))), "used", 1.0, NOWHERE, (), "gold")


def read_pairs(path: Path, labels_of: dict[str, set[str]]) -> list[Pair]:
    """Read the judged pairs; those of `different` in each label that both names have."""
    judged: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    same = [
        Pair("same", (group["type"], one), (group["type"], other))
        for group in judged["same"]
        for one, other in combinations(group["names"], 2)
    ]
    different = [
        Pair("different", (label, one), (label, other))
        for one, other, _ in judged["different"]
        for label in ENTITY_LABELS
        if label in labels_of[one] & labels_of[other]
    ]
    cross = [
        Pair("cross_type", (row["type_a"], row["name_a"]), (row["type_b"], row["name_b"]))
        for row in judged["cross_type"]
    ]
    return [*same, *different, *cross]


def find_nodes(linker: Linker, extractions: Iterable[Extraction]) -> dict[Name, set[str]]:
    """Return the ids of the nodes that papers call by each name."""
    nodes: dict[Name, set[str]] = defaultdict(set)
    for extraction in extractions:
        ids = linker.link(extraction)
        for entity in extraction.entities:
            for surface in entity.surfaces:
                nodes[entity.label, surface].add(ids[entity.name])
    return nodes


def is_right(pair: Pair, nodes: dict[Name, set[str]], linker: Linker) -> bool:
    """Tell whether a pair is linked as it was judged."""
    one, other = nodes[pair.one], nodes[pair.other]
    if pair.kind == "cross_type":
        return any(linker.entities[node].same_term and other & set(linker.entities[node].same_term) for node in one)
    return bool(one & other) is (pair.kind == "same")


def single_names(path: Path, labels_of: dict[str, set[str]]) -> Iterator[Extraction]:
    """Make a paper for each judged name that no paper uses."""
    judged = json.loads(path.read_text(encoding="utf-8"))
    wanted = {(group["type"], name) for group in judged["same"] for name in group["names"]}
    wanted |= {(row[f"type_{end}"], row[f"name_{end}"]) for row in judged["cross_type"] for end in "ab"}
    for one, other, _ in judged["different"]:
        wanted |= {(label, name) for label in labels_of[one] | labels_of[other] for name in (one, other)}
    for number, (label, name) in enumerate(sorted(wanted)):
        if label not in labels_of[name]:
            yield Extraction(f"judged-{number}", (make_entity(label, name),))


def count_labels(extractions: Iterable[Extraction]) -> dict[str, set[str]]:
    """Return the labels that papers give each surface form."""
    labels: dict[str, set[str]] = defaultdict(set)
    for extraction in extractions:
        for entity in extraction.entities:
            for surface in entity.surfaces:
                labels[surface].add(entity.label)
    return labels


def write_scores(pairs: list[Pair], nodes: dict[Name, set[str]], linker: Linker) -> None:
    """Print the share of the pairs of each kind that are right, and those that are wrong."""
    for kind in ("same", "different", "cross_type"):
        inside = [pair for pair in pairs if pair.kind == kind and nodes.get(pair.one) and nodes.get(pair.other)]
        wrong = [pair for pair in inside if not is_right(pair, nodes, linker)]
        right = len(inside) - len(wrong)
        print(f"{kind:11} {right / max(1, len(inside)):7.1%}  ({right} of {len(inside)} pairs)")
        for pair in wrong:
            print(f"    {' | '.join(pair.one)}  --  {' | '.join(pair.other)}")


def write_largest(linker: Linker, count: int) -> None:
    """Print the nodes with most names."""
    sizes = {node.id: {folded(alias) for alias in node.aliases} for node in linker.entities.values()}
    for node_id in sorted(sizes, key=lambda node_id: (-len(sizes[node_id]), node_id))[:count]:
        print(f"\n{node_id} ({len(sizes[node_id])}): {', '.join(linker.entities[node_id].aliases)}")


def write_merges(linker: Linker, count: int, reason: str) -> None:
    """Print merges drawn at random, but for those of mere spelling, and how many there are of each reason."""
    print()
    for kind, found in Counter(merge.reason.partition(":")[0] for merge in linker.merges).most_common():
        print(f"{found:8,} {kind}")
    fitting = [one for one in linker.merges if one.reason.startswith(reason) and one.reason != SPELLING]
    for merge in random.Random(7).sample(fitting, min(count, len(fitting))):
        print(f"{merge.alias}  ->  {linker.entities[merge.entity_id].name}  [{merge.entity_id}; {merge.reason}]")


def main() -> None:
    """Link, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("linking", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--names", action="store_true")
    parser.add_argument("--no-knowledge", action="store_true")
    parser.add_argument("--largest", type=int, default=0)
    parser.add_argument("--merges", type=int, default=0)
    parser.add_argument("--reason", default="")
    args = parser.parse_args()
    extractions = read_extractions(args.source)
    if args.names:
        extractions += list(single_names(args.linking, count_labels(extractions)))
    linker = link_mentions(extractions, knowledge=NO_KNOWLEDGE if args.no_knowledge else None)
    nodes = find_nodes(linker, extractions)
    print(f"{len(extractions):,} papers, {len(linker.entities):,} entities, {len(linker.merges):,} merges")
    write_scores(read_pairs(args.linking, count_labels(extractions)), nodes, linker)
    write_largest(linker, args.largest)
    write_merges(linker, args.merges, args.reason)


if __name__ == "__main__":
    main()
