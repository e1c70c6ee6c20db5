"""The bundled sample: its records are whole, and every hard case that it is there for is in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kgraph.sample import sample_path

Record = dict[str, Any]

SEEDS = Path(__file__).parents[1] / "../shared/seeds"
TEXT_FIELDS = ("id", "title", "abstract", "published", "url")

# An abbreviation -> what two of the papers mean by it.
AMBIGUOUS = {
    "SAM": ("Sharpness-aware minimization", "Segment Anything Model"),
    "GAT": ("graph attention network", "gated adversarial training"),
    "RAG": ("region adjacency graph", "Retrieval-augmented generation"),
    "MT": ("machine translation", "mean teacher"),
    "CL": ("Contrastive learning", "continual learning"),
}

HARD_CASES = {
    "hyphen variant": r"\bpre-training\b",
    "variant without hyphen": r"\bpretraining\b",
    "plural": r"\bgraph neural networks\b",
    "singular in title case": r"\bGraph Neural Network\b",
    "negation by contrast": r"\bUnlike BERT, ",
    "negation of use": r"\bdo not use reinforcement learning\b",
    "negation by without": r"\bwithout adversarial training\b",
    "future work": r"\bfuture work\b",
    "hedge": r"\bmight\b",
    "complexity in LaTeX": r"\$\\mathcal\{O\}\(n \\log n\)\$",
    "bold in LaTeX": r"\\textbf\{\w+\}",
    "Greek letter in a name": r"\$\\beta\$-VAE",
    "superscript in a name": r"S\$\^\{2\}\$Slide",
    "HTML ampersand": r"Q&amp;A",
    "HTML less-than": r"&lt; 1%",
    "accents": r"naïve|Fréchet",
    "decimal number": r"\b0\.2 points",
    "et al.": r"\w+ et al\. \w+",
    "e.g.": r"e\.g\. \w+",
    "i.e.": r"i\.e\. \w+",
    "respectively": r"[\d.]+ and [\d.]+ BLEU points on .+ and .+, respectively",
    "word split at a line's end": r"[a-z]-\n[a-z]",
}

HARD_TITLES = {
    "colon": r"\w: \w",
    "question mark": r"\?$",
    "capitals": r"^[A-Z :,-]+$",
    "LaTeX": r"\$\\beta\$",
}


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [json.loads(line) for line in sample_path().read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def abstracts(records: list[Record]) -> list[str]:
    return list(dict.fromkeys(record["abstract"] for record in records if record["abstract"]))


def _count_words(text: str) -> int:
    return len(text.split())


def _use_without_long_form(abstracts: list[str], short: str, long: str) -> list[str]:
    return [text for text in abstracts if re.search(rf"\b{short}\b", text) and long.lower() not in text.lower()]


def test_every_record_has_the_documented_fields(records: list[Record]) -> None:
    for record in records:
        assert set(record) == {*TEXT_FIELDS, "authors"}
        assert all(isinstance(record[field], str) for field in TEXT_FIELDS)
        assert all(isinstance(author, str) and author for author in record["authors"])
        assert record["title"].strip()


def test_ids_are_numbered_without_a_gap(records: list[Record]) -> None:
    assert [record["id"] for record in records] == [f"sample-{number:03d}" for number in range(1, 63)]


def test_dates_are_iso_and_span_all_years(records: list[Record]) -> None:
    published = [record["published"] for record in records]
    days = [date.fromisoformat(text if len(text) == 10 else f"{text}-01") for text in published]
    assert {day.year for day in days} == set(range(2014, 2027))
    assert {len(text) for text in published} == {7, 10}


def test_there_are_60_distinct_abstracts(abstracts: list[str]) -> None:
    assert len(abstracts) == 60
    assert len({re.sub(r"\W+", " ", text.lower()) for text in abstracts}) == 60


def test_lengths_are_those_of_real_abstracts_but_one(abstracts: list[str]) -> None:
    lengths = sorted(map(_count_words, abstracts))
    assert lengths[0] < 40
    assert all(90 <= length <= 180 for length in lengths[1:])


def test_no_two_abstracts_share_an_opening_or_a_sentence(abstracts: list[str]) -> None:
    sentences = Counter(sentence for text in abstracts for sentence in re.split(r"(?<=[.?!])\s+", text))
    openings = Counter(" ".join(text.split()[:3]) for text in abstracts)
    assert max(count for sentence, count in sentences.items() if _count_words(sentence) > 3) == 1
    assert max(openings.values()) == 1


def test_one_paper_has_no_abstract(records: list[Record]) -> None:
    assert [record["id"] for record in records if not record["abstract"]] == ["sample-061"]


def test_one_paper_is_repeated_under_another_id(records: list[Record]) -> None:
    ids: dict[tuple[str, str], list[str]] = {}
    for record in records:
        ids.setdefault((record["title"], record["abstract"]), []).append(record["id"])
    assert [same for same in ids.values() if len(same) > 1] == [["sample-021", "sample-062"]]


@pytest.mark.parametrize("short", AMBIGUOUS)
def test_an_abbreviation_stands_for_two_things(abstracts: list[str], short: str) -> None:
    first, second = (
        {text for text in abstracts if re.search(rf"{long}s? \({short}s?\)", text, re.IGNORECASE)}
        for long in AMBIGUOUS[short]
    )
    assert first
    assert second
    assert not first & second


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("BERT", "Bidirectional Encoder Representations from Transformers"),
        ("LLMs", "large language model"),
        ("GANs", "generative adversarial network"),
        ("PPO", "proximal policy optimization"),
        ("LoRA", "low-rank adaptation"),
    ],
)
def test_an_abbreviation_is_spelled_out_only_elsewhere(abstracts: list[str], short: str, long: str) -> None:
    assert _use_without_long_form(abstracts, short, long)
    assert any(re.search(rf"{long}s? \({short.rstrip('s')}s?\)", text, re.IGNORECASE) for text in abstracts)


@pytest.mark.parametrize("case", HARD_CASES)
def test_a_hard_case_is_in_an_abstract(abstracts: list[str], case: str) -> None:
    assert any(re.search(HARD_CASES[case], text) for text in abstracts)


@pytest.mark.parametrize("case", HARD_TITLES)
def test_a_hard_case_is_in_a_title(records: list[Record], case: str) -> None:
    assert any(re.search(HARD_TITLES[case], record["title"]) for record in records)


@pytest.mark.parametrize(
    ("as_task", "as_method"),
    [
        ("We study federated learning", "Using federated learning (FL), we train"),
        ("We investigate post-training quantization as a problem", "extends LoRA by 4-bit quantization"),
    ],
)
def test_a_term_is_a_task_here_and_a_method_there(abstracts: list[str], as_task: str, as_method: str) -> None:
    studied = {text for text in abstracts if as_task in text}
    applied = {text for text in abstracts if as_method in text}
    assert studied
    assert applied
    assert not studied & applied


@pytest.mark.parametrize(
    "name", ["ImageNet", "COCO", "LSTM", "Transformer", "LoRA", "ReAct", "HotpotQA", "MMLU", "BERT"]
)
def test_papers_share_names(abstracts: list[str], name: str) -> None:
    assert sum(name in text for text in abstracts) >= 3


@pytest.mark.parametrize(
    ("name", "years"),
    [("LSTM", (2014, 2017)), ("GAN", (2017, 2021)), ("diffusion", (2021, 2026)), ("LLM", (2022, 2026))],
)
def test_a_theme_has_its_time(records: list[Record], name: str, years: tuple[int, int]) -> None:
    first, last = years
    using = [int(record["published"][:4]) for record in records if name in record["abstract"]]
    assert sum(first <= year <= last for year in using) > len(using) / 2


@pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not on this machine")
def test_no_sentence_comes_from_the_pages(abstracts: list[str]) -> None:
    pages = " ".join(" ".join(path.read_text(encoding="utf-8").split()) for path in SEEDS.glob("*.txt")).lower()
    for text in abstracts:
        for sentence in re.split(r"(?<=[.?!])\s+", " ".join(text.split()).lower()):
            assert _count_words(sentence) < 6 or sentence not in pages
