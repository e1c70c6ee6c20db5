"""Score the shipped pipelines on the annotated papers: development part and training part side by side.

    python training/evaluate.py [--models accurate fast]

Prints the figures of both parts, also of the relations between given entities, and, for the development part, how often
entities and relations of a score are right (reliability) and how often the role of a right entity is.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator

from corpora import Row, annotated, is_dev, paper_of

from kgraph.evaluate import (
    ALL,
    Annotation,
    Scores,
    make_annotation,
    match_entities,
    pair_names,
    predict_relations,
    score_papers,
)
from kgraph.extract import extract_papers, extraction_row, load_pipeline
from kgraph.schema import ENTITY_LABELS, RELATION_TYPES

Predicted = list[Row]


def predict(model: str, rows: list[Row]) -> Predicted:
    """What a pipeline finds in annotated papers."""
    papers = [paper_of(row) for row in rows]
    nlp = load_pipeline(model)
    begin = time.perf_counter()
    found = [extraction_row(p, e) for p, e in zip(papers, extract_papers(papers, nlp=nlp), strict=True)]
    print(f"{model}: {len(papers)} papers, {len(papers) / (time.perf_counter() - begin):.0f} a second", flush=True)
    return found


def relate(model: str, rows: list[Row], gold: list[Annotation]) -> list[Annotation]:
    """The relations that a pipeline finds between the annotated entities."""
    return list(predict_relations([paper_of(row) for row in rows], gold, load_pipeline(model)))


def print_scores(model: str, parts: dict[str, Scores]) -> None:
    """One table: the figures of the parts side by side."""
    print(f"\n| {model} |" + "".join(f" {part} P | {part} R | {part} F1 |" for part in parts))
    print("| --- |" + " ---: |" * 3 * len(parts))
    for how in ("exact", "relaxed"):
        for label in (*ENTITY_LABELS, "all"):
            counts = [getattr(scores, how)[label] for scores in parts.values()]
            print(
                f"| {how}, {label} |" + "".join(f" {c.precision:.3f} | {c.recall:.3f} | {c.f1:.3f} |" for c in counts)
            )
    print("| proposed entities (relaxed) |" + "".join(f" | {s.proposed_recall:.3f} | |" for s in parts.values()))
    print_relations("", parts)


def print_relations(given: str, parts: dict[str, Scores]) -> None:
    """The rows of the relations."""
    for kind in (ALL, *RELATION_TYPES):
        counts = [scores.relations[kind] for scores in parts.values()]
        figures = "".join(f" {c.precision:.3f} | {c.recall:.3f} | {c.f1:.3f} |" for c in counts)
        print(f"| {given}relations, {kind} |{figures}")


def judged(gold: list[Annotation], predicted: Predicted) -> Iterator[tuple[Row, str]]:
    """Each predicted entity with the role of its gold entity; "" where it has none."""
    for one, row in zip(gold, predicted, strict=True):
        pairs = match_entities(one.entities, make_annotation(row).entities).relaxed
        for i, entity in enumerate(row["entities"]):
            yield entity, one.entities[pairs[i]].role if i in pairs else ""


def judged_relations(gold: list[Annotation], predicted: Predicted) -> Iterator[tuple[float, bool]]:
    """The score of each predicted relation, and whether it is right."""
    for one, row in zip(gold, predicted, strict=True):
        names = pair_names(one.entities, make_annotation(row).entities)
        for made in row["statements"]:
            if made["type"] in RELATION_TYPES:
                relation = (made["type"], names.get(made["head"]), names.get(made["tail"]))
                yield made["score"], relation in one.relations


def print_reliability(what: str, judged: list[tuple[float, bool]]) -> None:
    """Of what has a score in each tenth, how much is right."""
    tenths: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score, right in judged:
        tenths[min(9, int(10 * score))].append((score, right))
    print(f"\n| score | {what} | mean score | right |\n| --- | ---: | ---: | ---: |")
    for tenth, members in sorted(tenths.items()):
        mean, right = (sum(column) / len(members) for column in zip(*members, strict=True))
        print(f"| {tenth / 10:.1f} to {tenth / 10 + 0.1:.1f} | {len(members)} | {mean:.2f} | {right:.2f} |")
    gap = sum(abs(sum(s - r for s, r in members)) for members in tenths.values()) / len(judged)
    print(f"expected calibration error: {gap:.3f}")


def print_roles(pairs: list[tuple[Row, str]]) -> None:
    """How often the role of a right entity is right, role by role."""
    found = [(entity["role"], role) for entity, role in pairs if role]
    print(f"\nroles: {sum(a == b for a, b in found) / len(found):.3f} right of {len(found)}")
    for name in dict.fromkeys(role for _, role in found):
        right = sum(a == b == name for a, b in found)
        said, true = sum(a == name for a, _ in found), sum(b == name for _, b in found)
        print(f"  {name:9} P {right / max(1, said):.3f}  R {right / max(1, true):.3f}  ({true})")


def main() -> None:
    """Parse the arguments, extract, score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["accurate", "fast"])
    args = parser.parse_args()
    rows = annotated()
    parts = {"dev": [r for r in rows if is_dev(r)], "train": [r for r in rows if not is_dev(r)][::4]}
    for model in args.models:
        predicted = {part: predict(model, members) for part, members in parts.items()}
        gold = {part: list(map(make_annotation, members)) for part, members in parts.items()}
        scores = {part: score_papers(gold[part], map(make_annotation, predicted[part])) for part in parts}
        print_scores(model, scores)
        given = {part: relate(model, members, gold[part]) for part, members in parts.items()}
        print_relations("gold entities, ", {part: score_papers(gold[part], given[part]) for part in parts})
        pairs = list(judged(gold["dev"], predicted["dev"]))
        print_reliability("entities", [(entity["score"], role != "") for entity, role in pairs])
        print_reliability("relations", list(judged_relations(gold["dev"], predicted["dev"])))
        print_roles(pairs)


if __name__ == "__main__":
    main()
