"""Papers survive being written and read again, and no input makes the readers fail in any but their own way."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgraph.errors import InputError
from kgraph.read import FORMATS, ReadReport, read_papers
from kgraph.read.clean import clean_line, clean_text
from kgraph.schema import Paper

DATA = Path(__file__).parent / "data" / "read"
FAST = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

LETTERS = st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="<>&`")
TEXTS = st.text(LETTERS, min_size=1, max_size=60).map(clean_text).filter(lambda text: any(map(str.isalpha, text)))
NAMES = st.from_regex(r"[A-Z][a-zé]{1,8} [A-Z][a-zö]{1,8}", fullmatch=True)
PAPERS = st.builds(
    Paper,
    id=st.from_regex(r"[A-Za-z][A-Za-z0-9_.:-]{0,10}", fullmatch=True),
    title=TEXTS,
    abstract=st.just("") | TEXTS.map(lambda text: f"We {clean_text(text)}").map(clean_text),
    published=st.sampled_from(["", "2023", "2023-08", "2023-08-11"]),
    url=st.sampled_from(["", "https://example.org/x?y=1"]),
    authors=st.lists(NAMES, max_size=3).map(tuple),
    source=st.just("papers"),
    doi=st.sampled_from(["", "10.1000/x.1"]),
    arxiv_id=st.sampled_from(["", "2401.01234"]),
)
MANY = st.lists(PAPERS, min_size=1, max_size=4)

Write = Callable[[list[Paper], Path], None]


def write_jsonl(papers: list[Paper], path: Path) -> None:
    path.write_text("".join(json.dumps(asdict(paper)) + "\n" for paper in papers))


def write_json(papers: list[Paper], path: Path) -> None:
    path.write_text(json.dumps([asdict(paper) for paper in papers], indent=1, ensure_ascii=False))


def write_csv(papers: list[Paper], path: Path) -> None:
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, asdict(papers[0]))
        rows.writeheader()
        rows.writerows(asdict(paper) | {"authors": "; ".join(paper.authors)} for paper in papers)


def write_parquet(papers: list[Paper], path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist([asdict(paper) | {"authors": [*paper.authors]} for paper in papers]), path)


def write_ris(papers: list[Paper], path: Path) -> None:
    import rispy

    entries = [
        {
            "type_of_reference": "JOUR",
            "id": paper.id,
            "title": paper.title,
            "abstract": paper.abstract,
            "date": paper.published.replace("-", "/"),
            "authors": list(paper.authors),
            "doi": paper.doi,
            "urls": [paper.url],
        }
        for paper in papers
    ]
    path.write_text(rispy.dumps(entries))


def write_bibtex(papers: list[Paper], path: Path) -> None:
    from bibtexparser import writer
    from bibtexparser.library import Library
    from bibtexparser.middlewares import AddEnclosingMiddleware
    from bibtexparser.model import Entry, Field

    def entry(paper: Paper) -> Entry:
        fields = {
            "title": paper.title,
            "abstract": paper.abstract,
            "author": " and ".join(paper.authors),
            "date": paper.published,
            "url": paper.url,
            "doi": paper.doi,
            "eprint": paper.arxiv_id,
            "archiveprefix": "arXiv",
        }
        return Entry("misc", paper.id, [Field(key, value) for key, value in fields.items()])

    enclosing = AddEnclosingMiddleware(reuse_previous_enclosing=False, enclose_integers=True, default_enclosing="{")
    path.write_text(writer.write(enclosing.transform(Library([entry(paper) for paper in papers]))))


def read_back(papers: list[Paper], folder: Path, name: str, write: Write) -> list[Paper]:
    path = folder / f"papers.{name}"
    write(papers, path)
    report = ReadReport()
    found = list(read_papers([path], format=name, keep_repeats=True, report=report))
    assert report.errors == []
    return [replace(paper, source="papers") for paper in found]


@pytest.mark.parametrize(
    ("name", "write"), [("jsonl", write_jsonl), ("json", write_json), ("csv", write_csv), ("parquet", write_parquet)]
)
@FAST
@given(papers=MANY)
def test_tables_and_json_come_back_as_they_were(papers: list[Paper], name: str, write: Write, tmp_path: Path) -> None:
    assert read_back(papers, tmp_path, name, write) == papers


@FAST
@given(papers=MANY)
def test_ris_comes_back_as_it_was(papers: list[Paper], tmp_path: Path) -> None:
    expected = [replace(paper, arxiv_id="") for paper in papers]
    assert read_back(papers, tmp_path, "ris", write_ris) == expected


PLAIN = (
    st.text(st.sampled_from("abcXYZ 0123.,:;!?()+-*'/éß数"), min_size=3)
    .map(clean_text)
    .filter(lambda text: text.strip(" .,:;!?()+-*'/"))
)


@FAST
@given(
    papers=st.lists(
        st.builds(replace, PAPERS, title=PLAIN, abstract=PLAIN),
        min_size=1,
        max_size=4,
        unique_by=lambda paper: paper.id,
    )
)
def test_bibtex_comes_back_as_it_was(papers: list[Paper], tmp_path: Path) -> None:
    assert read_back(papers, tmp_path, "bibtex", write_bibtex) == papers


@pytest.mark.parametrize("name", [None, *FORMATS])
@FAST
@given(content=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_random_bytes_raise_input_errors_only(content: bytes, name: str | None, tmp_path: Path) -> None:
    assert_only_input_errors(content, name, tmp_path)


TOKENS = [
    *(
        b"{",
        b"}",
        b'"',
        b"\\",
        b"$",
        b"@",
        b"(",
        b")",
        b",",
        b"=",
        b"\n",
        b"\r",
        b"\0",
        b"<",
        b">",
        b"&x;",
        b"\xff",
        b"#",
    ),
    *(b"ER  - ", b"TY  - ", b"\xef\xbb\xbf", b"@article{", b"[", b"]", b":", b"null", b"1e999", b"\t", b"\\textbf{"),
    *(
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b"</",
        b"/>",
        b"-->",
        b"\xed\xa0\x80",
        b'"\\ud800"',
        b"\x1f\x8b",
        b"Abstract:",
    ),
]


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir()))
def test_damaged_files_raise_input_errors_only(name: str, tmp_path: Path) -> None:
    random_ = random.Random(name)
    whole = (DATA / name).read_bytes()
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(random_.randrange(1, 6)):
            place = random_.randrange(len(content) + 1)
            if random_.random() < 0.6:
                content[place:place] = random_.choice(TOKENS)
            else:
                del content[place : place + random_.randrange(1, 40)]
        packed = (
            gzip.compress(bytes(content))[: random_.randrange(20, 2_000)] if random_.random() < 0.2 else bytes(content)
        )
        assert_only_input_errors(packed, None, tmp_path, f"x{Path(name).suffix}")


def assert_only_input_errors(content: bytes, name: str | None, folder: Path, file: str = "x") -> None:
    path = folder / file
    path.write_bytes(content)
    report = ReadReport()
    try:
        papers = list(read_papers([path], format=name, report=report))
    except InputError as error:
        assert "unknown format" in str(error)
    else:
        assert len(papers) == report.read
        assert all(paper.title or paper.abstract for paper in papers)
        assert all(clean_line(str(error)) == str(error) for error in report.errors)
        io.StringIO().write("".join(paper.text for paper in papers))
