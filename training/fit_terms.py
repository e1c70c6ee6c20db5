"""Fit the weights of `kgraph_terms` on the annotated papers outside the development part; write terms.json.gz.

python training/fit_terms.py [--inverse-l2 C]
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from corpora import Row, annotated, is_dev
from regression import Design, fit, save, save_data

from kgraph.extract.abbreviations import find_abbreviations
from kgraph.extract.candidates import (
    Candidate,
    Text,
    candidate_features,
    find_candidates,
    key_of,
    ngram_codes,
    read_text,
)
from kgraph.extract.terms import NONE
from kgraph.extract.words import find_words
from kgraph.schema import ENTITY_LABELS

CLASSES = (NONE, *ENTITY_LABELS)
SEEN = 12  # a word must have been seen this often before it is banned from a place
SHARE = 0.004
THRESHOLD = 0.4  # doubtful terms too: `kgraph_entities` may reject them


def text_of(row: Row) -> Text:
    """The prepared text of an annotated paper."""
    text = f"{row['title']}\n{row['abstract']}"
    return read_text(text, find_abbreviations(text))


def gold_keys(row: Row) -> dict[str, str]:
    """The keys of all surfaces of a paper, with the types."""
    return {key_of(find_words(s)): entity["type"] for entity in row["entities"] for s in entity["surfaces"]}


def banned_words(texts: list[Text], keys: list[dict[str, str]]) -> dict[str, list[str]]:
    """The words that begin, end or stand inside (nearly) no term, of those that were seen often enough."""
    seen: Counter[str] = Counter()
    at: dict[str, Counter[str]] = {"first": Counter(), "last": Counter(), "inner": Counter()}
    everything: dict[str, frozenset[str]] = {place: frozenset() for place in at}
    for text, gold in zip(texts, keys, strict=True):
        seen.update(word.lower for word in text.words)
        for candidate in find_candidates(text, everything):
            if candidate.key in gold:
                for i, j in candidate.places:
                    at["first"][text.words[i].lower] += 1
                    at["last"][text.words[j - 1].lower] += 1
                    at["inner"].update({word.lower for word in text.words[i + 1 : j]})
    return {
        place: sorted(word for word, n in seen.items() if n >= SEEN and counts[word] / n < SHARE)
        for place, counts in at.items()
    }


def examples(texts: list[Text], keys: list[dict[str, str]], banned: dict[str, Any]) -> Design:
    """All candidates of all papers, with their features and classes."""
    design = Design(CLASSES)
    sets = {place: frozenset(words) for place, words in banned.items()}
    found = total = 0
    for text, gold in zip(texts, keys, strict=True):
        candidates: list[Candidate] = find_candidates(text, sets)
        found += len({c.key for c in candidates} & gold.keys())
        total += len(gold)
        for candidate in candidates:
            design.add(candidate_features(candidate, text, ngram_codes()), gold.get(candidate.key, NONE))
    print(f"{len(texts)} papers, {len(design.labels)} candidates, recall of surfaces {found / total:.3f}")
    return design


def main() -> None:
    """Parse the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse-l2", type=float, default=0.3)
    args = parser.parse_args()
    rows = [row for row in annotated() if not is_dev(row)]
    texts, keys = [text_of(row) for row in rows], [gold_keys(row) for row in rows]
    banned = banned_words(texts, keys)
    print({place: len(words) for place, words in banned.items()})
    design = examples(texts, keys, banned)
    save_data("borders", banned)
    save("terms", {"terms": (CLASSES, fit(design, args.inverse_l2), THRESHOLD)})


if __name__ == "__main__":
    main()
