"""Count in how many raw papers each n-gram occurs, and in how many titles; write kgraph/extract/ngrams.json.gz.

python training/count_ngrams.py [--min-df N]
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator

from corpora import raw_papers

from kgraph.extract.candidates import runs
from kgraph.extract.linear import WEIGHTS
from kgraph.extract.words import find_words

OUT = WEIGHTS / "ngrams.json.gz"
LONGEST = 4
BOUNDS = frozenset({
    "a", "an", "the", "of", "and", "or", "for", "in", "on", "with", "by", "to", "from", "at", "as", "is", "are",
    "was", "were", "be", "been", "being", "has", "have", "had", "do", "does", "did", "not", "no", "we", "our", "us",
    "it", "its", "they", "their", "them", "this", "that", "these", "those", "which", "who", "whose", "what", "when",
    "where", "while", "how", "why", "can", "could", "may", "might", "will", "would", "shall", "should", "must",
    "also", "both", "such", "than", "then", "thus", "there", "here", "via", "i.e", "e.g", "et", "al", "however",
    "but", "if", "so", "yet", "into", "onto", "over", "under", "between", "among", "across", "through", "during",
    "before", "after", "more", "most", "less", "least", "very", "only", "even", "still", "show", "shows", "shown",
    "propose", "proposes", "proposed", "present", "presents", "introduce", "introduces", "using", "used", "use",
    "uses", "based", "each", "any", "all", "some", "many", "several", "other", "another", "same", "own", "one", "two",
    "three", "first", "second", "new", "novel",
})  # fmt: skip


Runs = list[list[str]]


def read_runs(text: str) -> Runs:
    """The keys of the words between two punctuation marks."""
    words = find_words(text)
    return [[word.key for word in words[start:end]] for start, end in runs(words)]


def grams(run: list[str], size: int) -> Iterator[str]:
    """The n-grams of one size that neither begin nor end with a function word."""
    for i in range(len(run) - size + 1):
        if run[i] not in BOUNDS and run[i + size - 1] not in BOUNDS:
            yield " ".join(run[i : i + size])


def count(papers: list[tuple[Runs, Runs]], min_df: int) -> tuple[Counter[str], Counter[str]]:
    """Document and title frequencies of the n-grams with at least `min_df` papers."""
    df: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for size in range(1, LONGEST + 1):
        counts: Counter[str] = Counter()
        for title, abstract in papers:
            counts.update({gram for run in (*title, *abstract) for gram in grams(run, size)})
        kept = Counter({gram: n for gram, n in counts.items() if n >= min_df})
        df.update(kept)
        for title, _ in papers:
            titles.update({gram for run in title for gram in grams(run, size) if gram in kept})
        print(size, len(kept))
    return df, titles


def code(df: int, in_titles: int) -> str:
    """What is kept of an n-gram: the logarithm of its frequency, and how often a paper with it has it in the title."""
    return f"{min(int(math.log2(df)), 15)} {min(int(in_titles / df * 20), 4)} 0 -"


def main() -> None:
    """Parse the arguments, count, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--min-df", type=int, default=6)
    args = parser.parse_args()
    papers = [(read_runs(row["title"]), read_runs(row["abstract"])) for row in raw_papers()]
    df, titles = count(papers, args.min_df)
    table: dict[str, list[str]] = defaultdict(list)
    for gram in sorted(df):
        table[code(df[gram], titles[gram])].append(gram)
    packed = {key: "\n".join(table[key]) for key in sorted(table)}
    data = json.dumps({"papers": len(papers), "codes": packed}, ensure_ascii=False, separators=(",", ":"))
    OUT.write_bytes(gzip.compress(data.encode(), 9, mtime=0))
    print(len(papers), "papers", len(df), "n-grams", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
