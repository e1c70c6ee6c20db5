"""Terms of the development part as encoders in .cache judge them, alone and beside the linear model (equal weights).

    python training/compare_encoders.py NAME...

Prints F1 before any rating of entities, from a probability of 0.5 on, and how many of the proposed entities are found.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from corpora import CACHE, Row, annotated, is_dev, paper_of
from cross_fit import Judged, judge, open_encoder
from gold import as_annotated, bare_pipeline, groups_of

from kgraph.evaluate import Annotation, make_annotation, score_papers
from kgraph.extract.linear import Logits, load_model, log_softmax
from kgraph.extract.term_scores import CLASSES, score_candidates
from kgraph.extract.terms import keep_terms

SHARE = 0.55
THRESHOLD = 0.5


def logits_of(judged: Judged, judge_name: str) -> Logits:
    """What one judge or both say of the candidates of a paper."""
    encoded = judged.encoded[:, : len(CLASSES)]
    if judge_name == "both":
        return SHARE * (log_softmax(judged.linear) + log_softmax(encoded))
    return judged.linear if judge_name == "linear" else encoded


def annotations(rows: list[Row], found: list[Judged], judge_name: str) -> Iterator[Annotation]:
    """The entities of each paper."""
    nlp = bare_pipeline()
    for row, judged in zip(rows, found, strict=True):
        doc = nlp(paper_of(row).text)
        scored = score_candidates(judged.text, judged.candidates, logits_of(judged, judge_name))
        keep_terms(doc, judged.text, scored, THRESHOLD, judge_name)
        yield Annotation(row["id"], tuple(as_annotated(groups_of(doc))))


def main() -> None:
    """Judge, score, print."""
    rows = [row for row in annotated() if is_dev(row)]
    gold = list(map(make_annotation, rows))
    linear = load_model("terms")
    print("| encoder | judge | exact | relaxed | proposed found |\n| --- | --- | ---: | ---: | ---: |")
    for name in sys.argv[1:]:
        encoder = open_encoder(CACHE / name)
        found = [judge(row, linear, encoder) for row in rows]
        for judge_name in ("linear", "encoder", "both"):
            scores = score_papers(gold, annotations(rows, found, judge_name))
            figures = scores.exact["all"].f1, scores.relaxed["all"].f1, scores.proposed_recall
            print(f"| {name} | {judge_name} |" + "".join(f" {figure:.3f} |" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
