"""What the shipped pipelines find in SciERC's development set, against its own annotation.

    python training/scierc.py [--models accurate fast]

Mentions, strict: the offsets and the type must be right; Dataset stands for SciERC's Material. Relations, from the raw
text: SciERC's are taken between entities (its clusters, so that "the method" is what it stands for) and mapped to ours
(`MAPPED`); one is right where its type is, and each end shares a mention with that of the gold, the same or (relaxed)
one that overlaps. Our guideline is another one (no generic terms, no Metric, no OtherScientificTerm), and nothing here
was fitted on this set: the figures tell how far apart both are, not what a model that is trained on SciERC reaches
(Y. Luan et al., EMNLP 2018; published systems: 67 to 69 F1 for entities over six types, 46 to 48 for relations over
seven, on its test set).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from corpora import Row, read_rows, shared

from kgraph.evaluate import Count
from kgraph.extract import extract_papers, load_pipeline
from kgraph.schema import Paper

RELATIONS = ("relations", "relations relaxed")
TYPES = {"Method": "Method", "Task": "Task", "Dataset": "Material"}
Mentions = set[tuple[int, int, str]]
Offsets = frozenset[tuple[int, int]]
Relations = set[tuple[str, Offsets, Offsets]]
# SciERC's relation and the types of its ends -> ours, and whether it goes the other way.
MAPPED = {
    ("USED-FOR", "Method", "Task"): ("USED_FOR", False),
    ("USED-FOR", "Method", "Method"): ("BASED_ON", True),
    ("USED-FOR", "Material", "Method"): ("EVALUATED_ON", True),
    ("USED-FOR", "Material", "Task"): ("BENCHMARK_FOR", False),
    ("EVALUATE-FOR", "Material", "Method"): ("EVALUATED_ON", True),
    ("EVALUATE-FOR", "Material", "Task"): ("BENCHMARK_FOR", False),
    ("COMPARE", "Method", "Method"): ("COMPARED_WITH", False),
    ("PART-OF", "Method", "Method"): ("BASED_ON", True),
    ("PART-OF", "Task", "Task"): ("SUBTASK_OF", False),
    ("HYPONYM-OF", "Task", "Task"): ("SUBTASK_OF", False),
}


def text_of(row: Row) -> tuple[str, list[tuple[int, int]]]:
    """The words of a paper as one text, and where each stands."""
    text, places = "", []
    for word in (word for sentence in row["sentences"] for word in sentence):
        places.append((len(text), len(text) + len(word)))
        text += word + " "
    return text.rstrip(), places


def gold_mentions(row: Row, places: list[tuple[int, int]]) -> Mentions:
    """The mentions of SciERC, as offsets."""
    return {(places[s][0], places[e - 1][1], label) for s, e, label in row["ner"] if label in TYPES.values()}


def gold_relations(row: Row, places: list[tuple[int, int]]) -> Relations:
    """The relations of SciERC between entities, as ours; an entity is the offsets of its mentions."""
    types = {(s, e): label for s, e, label in row["ner"]}
    cluster_of = {tuple(mention): cluster for cluster in row["clusters"] for mention in cluster}
    found: Relations = set()
    for a, b, c, d, kind in row["relations"]:
        ends = [cluster_of.get(span, [span]) for span in ((a, b), (c, d))]
        named = [[types[s, e] for s, e in end if types.get((s, e), "Generic") != "Generic"] for end in ends]
        mapped = MAPPED.get((kind, *(labels[0] if labels else "" for labels in named)))
        if mapped:
            source, target = (frozenset((places[s][0], places[e - 1][1]) for s, e in end) for end in ends)
            found.add((mapped[0], target, source) if mapped[1] else (mapped[0], source, target))
    return found


def count_relations(gold: Relations, predicted: Relations, relaxed: bool) -> Count:
    """How many relations are right."""

    def meet(one: Offsets, other: Offsets) -> bool:
        return any(a < d and c < b if relaxed else (a, b) == (c, d) for a, b in one for c, d in other)

    def same(one: tuple[str, Offsets, Offsets], other: tuple[str, Offsets, Offsets]) -> bool:
        straight = meet(one[1], other[1]) and meet(one[2], other[2])
        crossed = one[0] == "COMPARED_WITH" and meet(one[1], other[2]) and meet(one[2], other[1])
        return one[0] == other[0] and (straight or crossed)

    left = list(gold)
    for relation in predicted:
        match = next((one for one in left if same(one, relation)), None)
        if match is not None:
            left.remove(match)
    return Count(len(gold), len(predicted), len(gold) - len(left))


def count(model: str) -> Iterator[tuple[str, Count]]:
    """What a pipeline finds in each paper, type by type, and the relations."""
    rows = list(read_rows(shared("data/scierc-dev.jsonl.gz")))
    texts = [text_of(row) for row in rows]
    papers = [Paper(row["id"], "", text) for row, (text, _) in zip(rows, texts, strict=True)]
    found = extract_papers(papers, nlp=load_pipeline(model))
    for row, (_, places), paper, extraction in zip(rows, texts, papers, found, strict=True):
        gold = gold_mentions(row, places)
        begin = paper.text.index(paper.abstract)
        predicted = {
            (m.start_char - begin, m.end_char - begin, TYPES[e.label]) for e in extraction.entities for m in e.mentions
        }
        for label in TYPES.values():
            a, b = ({mention for mention in mentions if mention[2] == label} for mentions in (gold, predicted))
            yield label, Count(len(a), len(b), len(a & b))
        offsets = {
            entity.name: frozenset((m.start_char - begin, m.end_char - begin) for m in entity.mentions)
            for entity in extraction.entities
        }
        relations = {(r.type, offsets[r.source], offsets[r.target]) for r in extraction.relations}
        for relaxed in (False, True):
            yield RELATIONS[relaxed], count_relations(gold_relations(row, places), relations, relaxed)


def main() -> None:
    """Parse the arguments, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["accurate", "fast"])
    for model in parser.parse_args().models:
        totals = dict.fromkeys([*TYPES.values(), "all", *RELATIONS], Count())
        for label, one in count(model):
            totals[label] += one
            if label not in RELATIONS:
                totals["all"] += one
        for label, one in totals.items():
            print(f"{model:8} {label:18} P {one.precision:.3f}  R {one.recall:.3f}  F1 {one.f1:.3f}  (gold {one.gold})")


if __name__ == "__main__":
    main()
