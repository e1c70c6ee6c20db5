"""What each format gives, on small files of its kind in data/read and on hard cases."""

from __future__ import annotations

import datetime
import gzip
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from kgraph.errors import InputError
from kgraph.read import ReadReport, read_papers
from kgraph.read.fields import split_authors
from kgraph.schema import Paper

DATA = Path(__file__).parent / "data" / "read"


def read(path: Path) -> list[Paper]:
    return list(read_papers([path]))


def read_json(tmp_path: Path, *records: dict[str, Any]) -> list[Paper]:
    path = tmp_path / "papers.json"
    path.write_text(json.dumps(records))
    return list(read_papers([path], strict=True, keep_repeats=True))


def test_arxiv_atom() -> None:
    new, old = read(DATA / "atom.xml")
    assert new == Paper(
        id="2401.01234",
        title="Widget Networks for Gadget Parsing",
        abstract="We train widget networks on GadgetBank & report F_1 of 91%. They are fast.",
        published="2024-01-03",
        url="http://arxiv.org/abs/2401.01234v2",
        authors=("Ann Lee", "Bob de Vries"),
        source="atom.xml",
        doi="10.1000/w.1",
        arxiv_id="2401.01234",
    )
    assert (old.id, old.published) == ("hep-th/9901001", "1999-01-01")


def test_oai() -> None:
    arxiv, dublin_core, raw = read(DATA / "oai.xml")
    assert (arxiv.id, arxiv.published, arxiv.doi) == ("2401.01234", "2024-01-03", "10.1000/w.1")
    assert (arxiv.authors, arxiv.url) == (("Ann Lee", "Bob de Vries"), "https://arxiv.org/abs/2401.01234")
    assert (dublin_core.id, dublin_core.abstract) == ("2401.05555", "A record in Dublin Core.")
    assert (dublin_core.published, dublin_core.doi) == ("2024-01-09", "10.1000/d.2")
    assert (dublin_core.authors, dublin_core.url) == (("Ann Lee", "Cy Young"), "http://arxiv.org/abs/2401.05555")
    assert (raw.id, raw.published) == ("2401.07777", "2024-01-10")
    assert raw.authors == ("Ann Lee", "Bob de Vries", "Cy Young")


def test_acl_anthology() -> None:
    one, two = read(DATA / "anthology.xml")
    assert one == Paper(
        id="2023.gadg-long.1",
        title="WidgetNet at O(n^2)",
        abstract="We present WidgetNet, with α of 0.5.",
        published="2023-07",
        url="https://aclanthology.org/2023.gadg-long.1/",
        authors=("Ann Lee", "Plato"),
        source="anthology.xml",
        doi="10.18653/v1/2023.gadg-long.1",
    )
    assert (two.id, two.abstract, two.published) == ("2023.gadg-long.2", "", "2023-07")


@pytest.mark.parametrize(
    ("collection", "address", "id"),
    [
        ("P19", "", "P19-1007"),
        ("W19", "", "W19-0107"),
        ("2020.acl", "", "2020.acl-1.7"),
        ("P19", "P19-1008", "P19-1008"),
        ("P19", "https://www.aclweb.org/anthology/P19-1009.pdf", "P19-1009"),
    ],
)
def test_anthology_ids(collection: str, address: str, id: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    paper = f'<paper id="7"><title>T</title>{f"<url>{address}</url>" if address else ""}</paper>'
    path.write_text(f'<collection id="{collection}"><volume id="1">{paper}</volume></collection>')
    assert [paper.id for paper in read(path)] == [id]


def test_a_paper_of_the_anthology_on_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<paper><title>T</title><abstract>Some <!-- no --> text.</abstract></paper>")
    [paper] = read_papers([path], format="acl")
    assert (paper.id[:5], paper.abstract, paper.published, paper.url) == ("page:", "Some text.", "", "")


def test_pubmed() -> None:
    one, two = read(DATA / "pubmed.xml")
    assert one == Paper(
        id="34567890",
        title="Widgets for E. coli counting.",
        abstract="BACKGROUND: Counts of 10^6 are hard. METHODS: We use H2O widgets. It works.",
        published="2021-03-07",
        url="https://pubmed.ncbi.nlm.nih.gov/34567890/",
        authors=("Ann Lee", "The Widget Group"),
        source="pubmed.xml",
        doi="10.1000/p.3",
    )
    assert (two.id, two.published, two.doi) == ("34567891", "2000", "10.1000/p.4")


def test_openalex() -> None:
    one, two = read(DATA / "openalex.json")
    assert one == Paper(
        id="https://openalex.org/W123",
        title="Widgets & Gadgets",
        abstract="Widgets are small Widgets too.",
        published="2022-05-06",
        authors=("Ann Lee",),
        source="openalex.json",
        doi="10.1000/oa.5",
    )
    assert (two.id, two.title, two.abstract) == ("https://openalex.org/W124", "No abstract here", "")


def test_semantic_scholar() -> None:
    [paper] = read(DATA / "semantic_scholar.json")
    assert (paper.id, paper.published, paper.doi, paper.arxiv_id) == (
        "abc123",
        "2024-01-03",
        "10.1000/w.1",
        "2401.01234",
    )
    assert paper.authors == ("Ann Lee", "Bob de Vries")


def test_arxiv_snapshot() -> None:
    [paper] = read(DATA / "snapshot.jsonl")
    assert (paper.id, paper.title, paper.published) == ("0704.0001", "Calculation of widget production", "2007-04-02")
    assert paper.abstract == "A fully differential calculation of self-energy is given."
    assert (paper.authors, paper.doi) == (("C. Balázs", "E. L. Berger"), "10.1000/a.6")


def test_bibtex(caplog: pytest.LogCaptureFixture) -> None:
    report = ReadReport()
    with caplog.at_level(logging.DEBUG):
        one, two, three = read_papers([DATA / "papers.bib"], report=report)
    assert one == Paper(
        id="lee2023widgets",
        title="WidgetNet: 50% Faster Über-Gadgets with O(n^2) Parts",
        abstract="We count the set {1, 2} in one Big step & more.",
        published="2023-08",
        authors=("Ann Lee", "Pál Erdős", "The Widget Group"),
        source="papers.bib",
        doi="10.1000/b.7",
        arxiv_id="2308.00001",
    )
    assert (two.id, two.title, two.published, two.url) == (
        "young2020",
        "Second Entry",
        "2020-05-06",
        "https://example.org/a_b",
    )
    assert three.id.startswith("page:")
    assert [(error.line, error.path) for error in report.errors] == [(10, str(DATA / "papers.bib"))]
    assert not caplog.records


def test_ris() -> None:
    report = ReadReport()
    one, two, three = read_papers([DATA / "papers.ris"], report=report)
    assert one == Paper(
        id="ris8",
        title="Widget Networks in RIS",
        abstract="We train widget networks.",
        published="2021-03-07",
        url="https://example.org/8",
        authors=("Ann Lee", "Cy Young"),
        source="papers.ris",
        doi="10.1000/r.8",
    )
    assert (two.title, two.abstract, two.published, two.authors) == (
        "Second Record",
        "Its abstract is in N2.",
        "2020",
        ("Plato",),
    )
    assert three.title == "Third Record Has No End"
    assert [error.line for error in report.errors] == [20]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Article Title,Abstract,Publication Year,DOI,Authors", 'W,We train.,2021,10.1000/C.9,"Lee, Ann; Young, Cy"'),
        ("TITLE;ABSTRACT;YEAR;doi;AUTHORS", "W;We train.;2021;https://doi.org/10.1000/c.9;Lee, Ann and Young, Cy"),
        ("title\tabstract\tdate\tdoi\tauthor", "W\tWe train.\t2021\t10.1000/c.9\tLee, Ann | Young, Cy"),
        ("Document Title|Abstract|Pub. Year|DOI|Authors|x", '"W"|We train.|2021.0|10.1000/c.9|Lee, Ann; Young, Cy|'),
    ],
)
def test_tables_go_by_many_names(header: str, row: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"{header}\r\n{row}\r\n", newline="")
    [paper] = read(path)
    assert (paper.title, paper.abstract, paper.published, paper.doi) == ("W", "We train.", "2021", "10.1000/c.9")
    assert paper.authors == ("Lee, Ann", "Young, Cy")


def test_a_row_with_broken_quotes_costs_no_other_row(tmp_path: Path) -> None:
    path, report = tmp_path / "table.csv", ReadReport()
    rows = [f'"Paper {n}","Text ""{n}""\nand more."' for n in range(50)]
    rows[7] = '"Paper 7,never closed'
    path.write_text("title,abstract\n" + "\n".join(rows) + "\n")
    papers = list(read_papers([path], report=report))
    assert [paper.title for paper in papers] == [f"Paper {n}" for n in range(50) if n != 7]
    assert [error.line for error in report.errors] == [16]


def test_line_numbers_of_rows_that_span_lines(tmp_path: Path) -> None:
    path, report = tmp_path / "table.csv", ReadReport()
    path.write_text('title,abstract\n"A\nB\nC",x\n\n,\nD,x\n')
    assert len(list(read_papers([path], report=report))) == 2
    assert [(error.line, error.reason) for error in report.errors] == [(6, "neither title nor abstract")]


def test_parquet_streams_the_columns_it_needs(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table(
        {
            "Title": [f"Paper {n}" for n in range(2_500)],
            "abstract": pa.array(["We train."] * 2_499 + [None]),
            "year": pa.array([2020.0, float("nan")] * 1_250),
            "date": pa.array([None, datetime.date(2021, 3, 7)] * 1_250),
            "authors": pa.array([["Ann Lee"], None] * 1_250),
            "embedding": pa.array([[0.5]] * 2_500),
        }
    )
    path = tmp_path / "papers.parquet"
    parquet.write_table(table, path)
    papers = read(path)
    assert [paper.title for paper in papers] == [f"Paper {n}" for n in range(2_500)]
    assert [paper.published for paper in papers[:2]] == ["2020", "2021-03-07"]
    assert [paper.authors for paper in papers[:2]] == [("Ann Lee",), ()]
    assert papers[-1].abstract == ""
    zipped = tmp_path / "zipped"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert [paper.title for paper in read(zipped)] == [paper.title for paper in papers]


def test_parquet_without_titles_is_an_error(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "papers.parquet"
    parquet.write_table(pa.table({"x": [1], "title": [3]}), path)
    report = ReadReport()
    assert list(read_papers([path], report=report)) == []
    assert report.errors[0].reason == "title is not text"
    parquet.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(InputError, match="no column is called title or abstract: x"):
        list(read_papers([path], strict=True))


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        (["Ann Lee", "Cy Young"], ("Ann Lee", "Cy Young")),
        ([{"name": "Ann Lee"}, {"x": 1}], ("Ann Lee",)),
        ([{"given": "Ann", "family": "Lee"}, {"family": "Plato"}], ("Ann Lee", "Plato")),
        ([["Lee", "Ann", ""], ["Plato", "", ""]], ("Ann Lee", "Plato")),
        ("Ann Lee, Cy Young", ("Ann Lee", "Cy Young")),
        (None, ()),
    ],
)
def test_authors_come_in_many_shapes(authors: object, names: tuple[str, ...], tmp_path: Path) -> None:
    [paper] = read_json(tmp_path, {"title": "A", "authors": authors})
    assert paper.authors == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("Plato", ["Plato"]),
        ("Lee, Ann", ["Lee, Ann"]),
        ("Lee, A.; Young, C.;", ["Lee, A.", "Young, C."]),
        ("A. Lee, B. de Vries, and C. Young", ["A. Lee", "B. de Vries", "C. Young"]),
        ("Lee, Ann and Young, Cy", ["Lee, Ann", "Young, Cy"]),
    ],
)
def test_names_are_split(text: str, names: list[str]) -> None:
    assert split_authors(text) == names


def test_titles_in_lists_labels_and_placeholders(tmp_path: Path) -> None:
    papers = read_json(
        tmp_path,
        {"title": ["Listed"], "abstract": "Abstract: We train."},
        {"title": "T", "abstract": "AbstractWidgets are small."},
        {"title": "T", "abstract": "Abstract meaning representation is parsed."},
        {"title": "T", "abstract": " N/A "},
        {"title": "T", "abstract": "nan"},
    )
    assert papers[0].title == "Listed"
    abstracts = ["We train.", "Widgets are small.", "Abstract meaning representation is parsed.", "", ""]
    assert [paper.abstract for paper in papers] == abstracts


@pytest.mark.parametrize("key", ["results", "data", "papers"])
def test_lists_under_a_key(key: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"meta": 1, key: [{"title": "A"}, {"title": "B"}]}))
    assert [paper.title for paper in read(path)] == ["A", "B"]


def test_xml_opens_no_files_and_expands_no_entities(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    path = tmp_path / "a.xml"
    path.write_text(
        f'<!DOCTYPE feed [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "EXPANDED">]>'
        "<feed><entry><id>1</id><title>A &x; B &y; C &amp; D</title></entry></feed>"
    )
    assert [paper.title for paper in read(path)] == ["A &x; B &y; C & D"]


def test_xml_that_would_grow_without_end_is_an_error(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    path, report = tmp_path / "a.xml", ReadReport()
    path.write_text(f'<!DOCTYPE feed [<!ENTITY l0 "HA">{laughs}]><feed><entry><title>&l11;</title></entry></feed>')
    assert list(read_papers([path], report=report)) == []
    assert report.errors[0].reason.startswith("not XML: Maximum entity amplification")


def test_xml_is_read_in_little_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.xml"
    entry = "<entry><id>{0}</id><title>Paper {0}</title><summary>" + "word " * 400 + "{0}</summary></entry>\n"
    with path.open("w") as file:
        file.write("<feed>" + "".join(entry.format(n) for n in range(3_000)) + "</feed>")
    tracemalloc.start()
    count = sum(1 for _ in read_papers([path]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3_000
    assert peak < 4_000_000 < path.stat().st_size
