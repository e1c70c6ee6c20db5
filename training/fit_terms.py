"""Fit the weights of `kgraph_terms` on the annotated papers outside the development part; write terms.json.gz.

python training/fit_terms.py [--inverse-l2 C]
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict

from corpora import Row, paper_of, training_papers
from regression import Design, fit, save, save_data

from kgraph.extract.abbreviations import find_abbreviations
from kgraph.extract.candidates import Borders, Candidate, Text, find_candidates, read_text
from kgraph.extract.term_features import key_features, left_features, right_features
from kgraph.extract.term_scores import CLASSES, NONE
from kgraph.extract.words import find_words, key_of

SEEN = 12  # a word must have been seen this often before it is banned from a place
SHARE = 0.004
THRESHOLD = 0.4  # doubtful terms too: `kgraph_entities` may reject them


def text_of(row: Row) -> Text:
    """The prepared text of an annotated paper."""
    text = paper_of(row).text
    return read_text(text, find_abbreviations(text))


def gold_keys(row: Row, field: str = "type") -> dict[str, str]:
    """The keys of all surfaces of a paper, with the types (or another field of the entity)."""
    return {key_of(find_words(s)): entity[field] for entity in row["entities"] for s in entity["surfaces"]}


def find_borders(texts: list[Text], keys: list[dict[str, str]]) -> Borders:
    """The words that begin, end or stand inside (nearly) no term, of those that were seen often enough."""
    seen: Counter[str] = Counter()
    at: dict[str, Counter[str]] = {"first": Counter(), "last": Counter(), "inner": Counter()}
    for text, gold in zip(texts, keys, strict=True):
        seen.update(word.lower for word in text.words)
        for candidate in find_candidates(text, Borders()):
            if candidate.key in gold:
                for i, j in candidate.places:
                    at["first"][text.words[i].lower] += 1
                    at["last"][text.words[j - 1].lower] += 1
                    at["inner"].update({word.lower for word in text.words[i + 1 : j]})
    return Borders(
        **{
            place: frozenset(word for word, n in seen.items() if n >= SEEN and counts[word] / n < SHARE)
            for place, counts in at.items()
        }
    )


def candidate_features(candidate: Candidate, text: Text) -> dict[str, float]:
    """All features of a candidate; those of its surroundings are averaged over its places."""
    features: dict[str, float] = dict.fromkeys(key_features(candidate, text), 1.0)
    share = 1 / len(candidate.places)
    for start, end in candidate.places:
        for name in (*left_features(text.words, start), *right_features(text.words, end)):
            features[name] = features.get(name, 0.0) + share
    return features


def examples(texts: list[Text], keys: list[dict[str, str]], borders: Borders) -> Design:
    """All candidates of all papers, with their features and classes."""
    design = Design(CLASSES)
    found = total = 0
    for text, gold in zip(texts, keys, strict=True):
        candidates = find_candidates(text, borders)
        found += len({c.key for c in candidates} & gold.keys())
        total += len(gold)
        for candidate in candidates:
            design.add(candidate_features(candidate, text), gold.get(candidate.key, NONE))
    print(f"{len(texts)} papers, {len(design.labels)} candidates, recall of surfaces {found / total:.3f}")
    return design


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.3)
    args = parser.parse_args()
    rows = training_papers()
    texts, keys = [text_of(row) for row in rows], [gold_keys(row) for row in rows]
    borders = find_borders(texts, keys)
    lists = {place: sorted(words) for place, words in asdict(borders).items()}
    print({place: len(words) for place, words in lists.items()})
    design = examples(texts, keys, borders)
    save_data("borders", lists)
    save("terms", {"terms": (CLASSES, fit(design, args.inverse_l2), THRESHOLD)})


if __name__ == "__main__":
    main()
