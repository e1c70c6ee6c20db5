"""Rate n-grams by what the fitted `kgraph_terms` says of them over all raw papers; rewrites ngrams.json.gz.

A name that most papers use as a method is likelier a method here: the mean probabilities of an n-gram (its termhood)
even out what one abstract says. The annotated papers are left out, so that no gold label comes back this way.

    python training/rate_ngrams.py [--processes N]
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from multiprocessing import Pool

from corpora import Row, annotated, paper_of, raw_papers

from kgraph.extract.abbreviations import find_abbreviations
from kgraph.extract.candidates import find_candidates, load_borders, read_text
from kgraph.extract.linear import WEIGHTS, load_model, read_data
from kgraph.extract.term_scores import linear_logits, score_candidates

OUT = WEIGHTS / "ngrams.json.gz"
FEW = 4  # papers that a name must be rated in
Sums = dict[str, list[float]]


def rate(row: Row) -> list[tuple[str, tuple[float, ...]]]:
    """The probabilities of the candidates of one paper."""
    text = paper_of(row).text
    read = read_text(text, find_abbreviations(text))
    candidates = find_candidates(read, load_borders())
    scored = score_candidates(read, candidates, linear_logits(read, candidates, load_model("terms")))
    return [(one.candidate.key, one.probabilities) for one in scored if one.score > 0.02]


def gather(processes: int) -> Sums:
    """The sums of the probabilities of each key over all papers, and (last) the number of papers."""
    known = {(row["id"], row["title"]) for row in annotated()}
    titles = {title for _, title in known}
    rows = [row for row in raw_papers() if row["title"] not in titles]
    sums: Sums = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    with Pool(processes) as pool:
        for found in pool.imap(rate, rows, chunksize=200):
            for key, probabilities in found:
                total = sums[key]
                for i, probability in enumerate((*probabilities, 1.0)):
                    total[i] += probability
    return sums


def code(frequency: str, sums: list[float], papers: float) -> str:
    """The code of an n-gram: frequency, share in titles, mean probability in tenths, likeliest type (* where mixed)."""
    total = sum(sums[:3])
    best = max(range(3), key=sums.__getitem__)
    kind = "MDT"[best] + ("" if sums[best] > 0.8 * total else "*" if sums[best] > 0.55 * total else "**")
    return f"{frequency} {min(9, int(10 * total / papers))} {kind}"


def main() -> None:
    """Parse the arguments, rate, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    data = read_data("ngrams.json.gz")
    frequency = {gram: " ".join(key.split()[:2]) for key, grams in data["codes"].items() for gram in grams.split("\n")}
    sums = gather(args.processes)
    table: dict[str, list[str]] = defaultdict(list)
    for gram in sorted(frequency.keys() | sums.keys()):
        total = sums.get(gram, [0.0, 0.0, 0.0, 0.0])
        if gram in frequency:
            table[code(frequency[gram], total, max(total[3], 2.0 ** int(frequency[gram].split()[0])))].append(gram)
        elif total[3] >= FEW and sum(total[:3]) / total[3] > 0.5:
            table[code("0 0", total, total[3])].append(gram)
    data["codes"] = {key: "\n".join(table[key]) for key in sorted(table)}
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    OUT.write_bytes(gzip.compress(packed, 9, mtime=0))
    print(sum(map(len, table.values())), "n-grams", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
