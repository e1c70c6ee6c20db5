"""Mentions that the shipped pipelines find in SciERC's development set, against its own annotation.

    python training/scierc.py [--models accurate fast]

Strict: the offsets of a mention and its type must be right; Dataset stands for SciERC's Material. Our guideline is
another one (no generic terms, no Metric), and nothing here was fitted on this set: the figure tells how far apart both
are, not what a model that is trained on SciERC reaches (Y. Luan et al., EMNLP 2018; published systems: 67 to 69 F1 over
six types on its test set).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from corpora import Row, read_rows, shared

from kgraph.evaluate import Count
from kgraph.extract import extract_papers, load_pipeline
from kgraph.schema import Paper

TYPES = {"Method": "Method", "Task": "Task", "Dataset": "Material"}
Mentions = set[tuple[int, int, str]]


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


def count(model: str) -> Iterator[tuple[str, Count]]:
    """What a pipeline finds in each paper, type by type."""
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


def main() -> None:
    """Parse the arguments, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["accurate", "fast"])
    for model in parser.parse_args().models:
        totals = dict.fromkeys([*TYPES.values(), "all"], Count(0, 0, 0))
        for label, one in count(model):
            totals[label] += one
            totals["all"] += one
        for label, one in totals.items():
            print(f"{model:8} {label:8} P {one.precision:.3f}  R {one.recall:.3f}  F1 {one.f1:.3f}  (gold {one.gold})")


if __name__ == "__main__":
    main()
