"""The encoder: windows over word pieces, the component that runs it, and the pipeline that ships with it."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from tokenizers import Tokenizer

from kgraph.extract import extract_papers, extraction_row, load_pipeline, pipeline_version
from kgraph.extract.candidates import LONGEST, find_candidates, load_borders, read_text
from kgraph.extract.encoded_terms import FILES, NAME, EncodedTermFinder, read_blend, read_candidates
from kgraph.extract.encoder import OUTPUTS, VECTOR, WINDOW, Stretch, Window, cut_windows, read_pieces, stretches_of
from kgraph.extract.linear import MODEL
from kgraph.schema import Paper
from tests.extract_text import PAPER, PAPERS

TOKENIZER = Tokenizer.from_file(str(MODEL / NAME / "tokenizer.json"))
WORDS = st.sampled_from(
    ["graph", "GNN", "über", "Kähler", "模型", "🤖", "k-NN", "$x^2$", "electroencephalography", "a", "."]
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline("accurate")


def rows(nlp: Language, papers: list[Paper], batch_size: int = 64) -> list[str]:
    extractions = extract_papers(papers, nlp=nlp, batch_size=batch_size)
    return [json.dumps(extraction_row(paper, one)) for paper, one in zip(papers, extractions, strict=True)]


# Windows


def read_windows(text: str, places: list[Stretch]) -> list[Window]:
    return list(cut_windows(read_pieces(TOKENIZER, text), places))


def places_of(words: list[str]) -> tuple[str, list[Stretch]]:
    """A text of these words, and each of its stretches of one to three words."""
    text = " ".join(words)
    starts = np.cumsum([0, *(len(word) + 1 for word in words)]).tolist()
    return text, [
        Stretch(starts[i], starts[i + size] - 1, size) for size in (1, 2, 3) for i in range(len(words) - size + 1)
    ]


@given(st.lists(WORDS, max_size=40), st.sampled_from([1, 1, 30]))
@settings(max_examples=60, deadline=None)
def test_each_place_is_shown_whole_in_just_one_window(words: list[str], times: int) -> None:
    text, places = places_of(words * times)
    seen: list[int] = []
    for window in read_windows(text, places):
        assert len(window.pieces) <= WINDOW + 2
        for row, start, end, width in zip(window.rows, window.starts, window.ends, window.widths, strict=True):
            assert 0 < start <= end < len(window.pieces) - 1
            place = places[row]
            assert width == min(place.width, LONGEST)
            inside = TOKENIZER.encode(text[place.start : place.end], add_special_tokens=False).ids
            assert window.pieces[start : end + 1].tolist() == inside
            seen.append(int(row))
    assert sorted(seen) == [i for i, p in enumerate(places) if TOKENIZER.encode(text[p.start : p.end]).ids[1:-1]]


def test_the_first_window_of_a_short_text_is_all_of_it() -> None:
    text, places = places_of(PAPER.abstract.split())
    (window,) = read_windows(text, places)
    assert window.pieces.tolist() == TOKENIZER.encode(text).ids


def test_a_place_in_the_middle_of_a_long_text_is_seen_with_what_stands_around_it() -> None:
    text, places = places_of(["graph"] * 3000)
    for window in read_windows(text, places):
        for row, start, end in zip(window.rows.tolist(), window.starts.tolist(), window.ends.tolist(), strict=True):
            assert start > 60 or places[row].start < 500 * len("graph ")
            assert len(window.pieces) - end > 40 or places[row].end > len(text) - 500 * len("graph ")


@pytest.mark.parametrize("text", ["", " ", "​", "\n"])
def test_a_text_without_word_pieces_has_no_windows(text: str) -> None:
    assert read_windows(text, [Stretch(0, len(text), 1)]) == []
    assert read_windows(text, []) == []


# The component


def test_candidates_have_the_means_of_their_places(nlp: Language) -> None:
    finder = nlp.get_pipe(NAME)
    assert isinstance(finder, EncodedTermFinder)
    text = read_text(PAPER.text, [])
    candidates = find_candidates(text, load_borders())
    found = read_candidates(finder.encoder, PAPER.text, text, candidates).logits
    alone = [finder.encoder.read(PAPER.text, stretches_of(text, [one])).logits.mean(axis=0) for one in candidates]
    assert found.shape == (len(candidates), OUTPUTS)
    assert np.allclose(found, alone, atol=1e-4)
    assert read_candidates(finder.encoder, "", read_text("", []), []).logits.shape == (0, OUTPUTS)


def test_every_piece_of_a_long_text_has_the_vector_of_a_window(nlp: Language) -> None:
    finder = nlp.get_pipe(NAME)
    assert isinstance(finder, EncodedTermFinder)
    text, places = places_of(PAPER.abstract.split() * 12)
    reading = finder.encoder.read(text, places)
    assert len(reading.bounds) > WINDOW
    assert reading.vectors.shape == (len(reading.bounds) + 2, VECTOR)
    assert np.abs(reading.vectors).sum(axis=1).min() > 0
    alone = finder.encoder.read(text[: reading.bounds[WINDOW - 1][1]], places[:1])
    assert np.allclose(reading.vectors[1:300], alone.vectors[1:300], atol=1e-4)


def test_the_blend_is_a_sum_of_logarithms() -> None:
    weights = np.vstack([np.eye(4), 2 * np.eye(4)])
    blend = read_blend(json.dumps({"weights": weights.tolist(), "bias": [0, 0, 0, 1], "threshold": 0.5}).encode())
    found = blend.logits(np.log([[0.1, 0.2, 0.3, 0.4]]), np.log([[0.4, 0.3, 0.2, 0.1]]))
    assert np.allclose(found, np.log([[0.1 * 0.16, 0.2 * 0.09, 0.3 * 0.04, 0.4 * 0.01 * np.e]]))


def test_the_texts_around_a_text_change_nothing(nlp: Language) -> None:
    expected = rows(nlp, PAPERS)
    assert expected == rows(nlp, PAPERS, batch_size=1)
    assert list(reversed(expected)) == rows(nlp, PAPERS[::-1], batch_size=5)
    one_by_one = [nlp(paper.text)._.paper_entities for paper in PAPERS]
    assert one_by_one == [doc._.paper_entities for doc in nlp.pipe(paper.text for paper in PAPERS)]


def test_a_copy_finds_the_same(nlp: Language, tmp_path: Path) -> None:
    expected = rows(nlp, PAPERS[:3])
    assert rows(pickle.loads(pickle.dumps(nlp)), PAPERS[:3]) == expected
    nlp.to_disk(tmp_path / "copy")
    assert {path.name for path in (tmp_path / "copy" / NAME).iterdir()} == set(FILES)
    assert rows(load_pipeline(tmp_path / "copy"), PAPERS[:3]) == expected
    fresh = load_pipeline("accurate").from_bytes(nlp.to_bytes())
    assert rows(fresh, PAPERS[:3]) == expected


def test_another_encoder_is_another_version(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "copy")
    blend = tmp_path / "copy" / NAME / "blend.json"
    blend.write_text(json.dumps(json.loads(blend.read_text()) | {"threshold": 0.9}))
    other = load_pipeline(tmp_path / "copy")
    assert pipeline_version(other) != pipeline_version(nlp)
    assert rows(other, PAPERS[:3]) != rows(nlp, PAPERS[:3])


# What ships


def test_the_shipped_folder_is_loaded_by_spacy_itself() -> None:
    nlp = spacy.load(MODEL)
    assert NAME in nlp.pipe_names
    assert rows(nlp, PAPERS[:3]) == rows(load_pipeline(), PAPERS[:3])


def test_the_shipped_folder_is_small_and_says_where_it_comes_from() -> None:
    files = [path for path in MODEL.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 40_000_000
    assert "MiniLM" in (MODEL / "NOTICE").read_text(encoding="utf-8")


def test_neither_torch_nor_a_hub_is_needed() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['torch', 'transformers', 'huggingface_hub'])); "
        "from kgraph.extract import load_pipeline; "
        "doc = load_pipeline('accurate')(sys.argv[1]); print(len(doc._.paper_entities) > 2)"
    )
    command = [sys.executable, "-W", "error", "-c", code, PAPER.text]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "True"
