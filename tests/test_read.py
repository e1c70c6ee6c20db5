"""read_papers: paths, formats, repeats, broken records, and the report."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kgraph.errors import InputError, UsageError
from kgraph.read import FORMATS, ReadReport, read_papers
from kgraph.read.report import ERRORS_KEPT
from kgraph.read.source import HEAD_SIZE
from kgraph.schema import Paper

DATA = Path(__file__).parent / "data" / "read"
ABSTRACT = "We train widget networks on GadgetBank and report what helps. " * 6

NEEDS_PROC = pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that cannot be read by anyone"
)
Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def set_stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_papers_stream(write: Write) -> None:
    path = write("papers.jsonl", lines({"id": "a", "title": "A"}, {"id": "b", "title": "B"}) + "broken")
    report = ReadReport()
    papers = read_papers([path], report=report)
    assert next(papers).id == "a"
    assert (report.read, report.error_count) == (1, 0)
    assert [paper.id for paper in papers] == ["b"]
    assert (report.files, report.read, report.error_count) == (1, 2, 1)


def test_the_source_is_the_name_of_the_file(write: Write) -> None:
    path = write("deep/papers.jsonl", lines({"title": "A"}, {"title": "B", "source": "elsewhere"}))
    assert [paper.source for paper in read_papers([path])] == ["papers.jsonl", "elsewhere"]


def test_a_folder_is_read_in_order_without_hidden_and_unknown_files(write: Write, tmp_path: Path) -> None:
    write("in/b.jsonl", lines({"id": "b", "title": "B"}))
    write("in/a/c.jsonl", lines({"id": "c", "title": "C"}))
    write("in/.hidden.jsonl", lines({"id": "h", "title": "H"}))
    write("in/.git/x.jsonl", lines({"id": "x", "title": "X"}))
    write("in/LICENSE", "Do what you want.\n" * 50)
    write("in/picture.png", b"\x89PNG\r\n\0\0")
    report = ReadReport()
    assert [paper.id for paper in read_papers([tmp_path / "in"], report=report)] == ["c", "b"]
    assert report.skipped_files == {"unknown format": 2}
    assert "skipped 2 files: unknown format" in report.lines()


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir()))
def test_every_format_is_told_by_content_and_read_zipped_and_from_stdin(
    name: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: str | Path) -> list[tuple[object, ...]]:
        return [(p.id, p.title, p.abstract, p.published, p.authors, p.doi) for p in read_papers([path])]

    content = (DATA / name).read_bytes()
    expected = read(DATA / name)
    assert expected
    assert read(write(f"{name}.gz", gzip.compress(content))) == expected
    assert read(write("no_suffix", gzip.compress(content))) == expected
    set_stdin(monkeypatch, content)
    assert read("-") == expected
    set_stdin(monkeypatch, gzip.compress(content))
    assert read("-") == expected


def test_a_page_is_read_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    set_stdin(monkeypatch, f"A Title\n\n{ABSTRACT}\n".encode())
    assert [(paper.title, paper.source) for paper in read_papers(["-"])] == [("A Title", "-")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.md", "Some notes.\n"),
        ("page.html", "<!DOCTYPE html><html><body>Abstract: x</body></html>"),
        ("page.txt", "<html><body>x</body></html>"),
        ("data.bin", b"\0\1\2"),
        ("picture.txt", b"\x89PNG\0\0"),
        ("feed.xml", "<rss></rss>"),
        ("text.xml", "no xml"),
    ],
)
def test_a_named_file_of_unknown_format_is_an_error_at_once(name: str, content: str | bytes, write: Write) -> None:
    with pytest.raises(InputError, match="unknown format") as raised:
        read_papers([write(name, content)])
    assert "\n" not in str(raised.value)


def test_a_path_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: no such file or folder"):
        read_papers([tmp_path / "nowhere"])


def test_an_unknown_format_name_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="'doc'; there are: page, jsonl"):
        read_papers([], format="doc")


def test_a_given_format_wins_over_content(write: Write) -> None:
    path = write("table.dat", "title;abstract\nA;B\n")
    assert [paper.title for paper in read_papers([path], format="csv")] == ["A"]
    with pytest.raises(InputError):
        list(read_papers([path], format="parquet", strict=True))


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        ("a.txt", '{"title": "JSON lines in a text file"}\n', "JSON lines in a text file"),
        ("a.jsonl", '[{"title": "An array"}]', "An array"),
        ("a.json", '{"title": "x1"}\n{"title": "x2"}\n', "x1"),
        ("a.json", '{\n "title": "Pretty"\n}', "Pretty"),
        ("a", '{"title": "No suffix"}', "No suffix"),
        ("a.txt", "Title,Abstract\nTable,x\n", "Table"),
        ("a.txt", "@misc{k, title={Bib}}", "Bib"),
        ("a.txt", "TY  - JOUR\nTI  - Ris\nER  - \n", "Ris"),
        ("a.log", "Abstract: A page with a label.\n", ""),
        ("a.json", "\ufeff" + '{"title": "BOM"}', "BOM"),
        ("a.csv", "\ufefftitle,abstract\r\nBOM and CRLF,x\r\n", "BOM and CRLF"),
        ("a.csv", "title,abstract\nUTF-16,x\n".encode("utf-16"), "UTF-16"),
        ("a.jsonl", '{"title": "UTF-16 lines"}\n'.encode("utf-16"), "UTF-16 lines"),
        ("a.jsonl", '{"title": "UTF-32"}\n'.encode("utf-32"), "UTF-32"),
        (
            "a.xml",
            '<?xml version="1.0"?><!-- a > b --><collection id="X"><paper><title>T</title></paper></collection>',
            "T",
        ),
    ],
)
def test_formats_are_told_by_content(name: str, content: str | bytes, title: str, write: Write) -> None:
    assert next(read_papers([write(name, content)])).title == title


def test_empty_files(write: Write) -> None:
    report = ReadReport()
    paths = [write("a.jsonl", ""), write("b.json", " \n"), write("c.jsonl", "\n\n")]
    assert list(read_papers(paths, report=report)) == []
    assert (report.files, report.error_count) == (3, 0)


@pytest.mark.parametrize(
    "record",
    [
        {"id": "1", "title": "other", "abstract": "other"},
        {"id": "2", "title": "other", "doi": "https://doi.org/10.1000/ABC"},
        {"id": "3", "title": "other", "arxiv_id": "arXiv:2401.01234v3"},
        {"id": "http://arxiv.org/abs/2401.01234v2", "title": "other"},
        {"id": "4", "title": "WIDGET  networks!", "abstract": "we train them"},
    ],
)
def test_the_same_paper_twice_is_one(record: dict[str, str], write: Write) -> None:
    first = {"id": "1", "title": "Widget Networks", "abstract": "We train them.", "doi": "10.1000/abc"}
    path = write("a.jsonl", lines(first | {"arxiv_id": "2401.01234"}, record))
    report = ReadReport()
    assert [paper.title for paper in read_papers([path], report=report)] == ["Widget Networks"]
    assert report.lines()[:2] == ["read 1 paper from 1 file", "met 1 repeat of papers that had come before"]
    report = ReadReport()
    assert len(list(read_papers([path], keep_repeats=True, report=report))) == 2
    assert (report.read, report.repeats) == (2, 1)


def test_a_repeat_ties_others_together(write: Write) -> None:
    records = [
        {"id": "1", "title": "A"},
        {"id": "1", "title": "B", "doi": "10.1000/x"},
        {"id": "3", "title": "C", "doi": "10.1000/x"},
    ]
    assert [paper.title for paper in read_papers([write("a.jsonl", lines(*records))])] == ["A"]


def test_papers_without_abstract_are_kept_or_skipped(write: Write) -> None:
    path = write(
        "a.jsonl", lines({"title": "A", "abstract": "[No abstract available]"}, {"title": "B", "abstract": "x"})
    )
    report = ReadReport()
    assert [paper.abstract for paper in read_papers([path], report=report)] == ["", "x"]
    assert report.lines() == ["read 2 papers from 1 file", "1 paper without abstract"]
    report = ReadReport()
    assert [paper.title for paper in read_papers([path], without_abstract="skip", report=report)] == ["B"]
    assert report.lines() == ["read 1 paper from 1 file", "skipped 1 record: no abstract"]


def test_a_skipped_title_does_not_hide_the_whole_paper(write: Write) -> None:
    path = write("a.jsonl", lines({"id": "1", "title": "A"}, {"id": "1", "title": "A", "abstract": "x"}))
    assert [paper.abstract for paper in read_papers([path], without_abstract="skip")] == ["x"]


@NEEDS_PROC
def test_a_file_of_a_folder_that_cannot_be_opened_is_counted(write: Write, tmp_path: Path) -> None:
    write("in/b.jsonl", lines({"title": "B"}))
    (tmp_path / "in" / "a.jsonl").symlink_to("/proc/self/mem")
    report = ReadReport()
    assert [paper.title for paper in read_papers([tmp_path / "in"], report=report)] == ["B"]
    assert [error.reason for error in report.errors] == ["cannot be opened: Input/output error"]
    with pytest.raises(InputError, match="cannot be opened"):
        list(read_papers([tmp_path / "in"], strict=True))


BROKEN = [
    ("a.jsonl", '{"id": 1, "title": "A"}\n{"id": 2,\n{"id": 3, "title": "C"}\n', 2, "not JSON", 2),
    ("a.jsonl", '{"id": 1, "title": "A"}\n[[[1]]]\n{"id": 3, "title": "C"}\n', 2, "not an object", 2),
    ("a.jsonl", '{"id": 1, "title": "A"}\n{"title": {"en": "x"}}\n', 2, "title is not text", 1),
    ("a.jsonl", '{"id": 1, "title": "A"}\n{"title": "x", "authors": 7}\n', 2, "authors are not a list of names", 1),
    ("a.jsonl", '{"id": 1, "title": "A"}\n{"title": "x", "authors": [7]}\n', 2, "authors are not a list of names", 1),
    ("a.jsonl", '{"title": "x", "versions": "v1"}\n', 1, "published has an unknown shape", 0),
    ("a.jsonl", '{"title": "x", "abstract_inverted_index": ["a"]}\n', 1, "abstract has an unknown shape", 0),
    ("a.jsonl", '{"id": 1, "abstract": " "}\n{"id": 3, "title": "C"}\n', 1, "neither title nor abstract", 1),
    ("a.jsonl", b'{"title": "A"}\n{"title": "caf\xe9"}\n{"title": "C"}\n', 2, "not valid UTF-8", 2),
    ("a.jsonl", "[" * 100_000 + "\n" + '{"title": "C"}\n', 1, "not JSON", 1),
    ("a.jsonl", '{"title": "A", "n": ' + "1" * 5_000 + '}\n{"title": "C"}\n', 1, "not JSON", 1),
    ("a.json", '[{"title": "A"}, 3, {"abstract": "C"}]', 2, "not an object", 2),
    ("a.json", '[\n{"title": "A"},\n{"title"}\n]', 3, "not JSON", 0),
    ("a.csv", "title,abstract\nA,x\nB,y,z\nC,w\n", 3, "more fields than the header's 2", 2),
    ("a.csv", 'title,abstract\nA,x\n"B,y\nC,w\nD,v\n', 3, "not CSV", 3),
    ("a.csv", 'title,abstract\nA,x\n"B"b,y\nC,w\n', 3, "not CSV", 2),
    ("a.csv", b"title,abstract\nA,x\nB,caf\xe9\nC,w\n", 3, "not valid UTF-8", 2),
    ("a.csv", "name,text\nA,x\n", 1, "no column is called title or abstract", 0),
    ("a.csv", '"title,abstract\nA,x\n', 1, "no column is called title or abstract", 0),
    ("a.csv", 'title,"abstract"x\nA,x\n', 1, "not CSV", 0),
    ("a.csv", "title,versions\nA,\nB,v1\n", 3, "published has an unknown shape", 1),
    ("a.bib", "@misc{a, title={A}}\n@misc{b, title={B\n@misc{c, title={C}}\n", 2, "not BibTeX", 2),
    ("a.bib", "nothing\n", 0, "no BibTeX entry found", 0),
    (
        "a.ris",
        "TY  - JOUR\nTI  - A\nER  - \n\nTI  - B\nER  - \nTY  - JOUR\nTI  - C\nER  - \n",
        5,
        "a RIS record without TY",
        2,
    ),
    ("a.txt", "Subscribe\n\nMar 11\n", 0, "no abstract found on this page", 0),
    ("a.parquet", b"PAR1 and no more", 0, "not Parquet", 0),
    (
        "a.xml",
        '<collection id="P19"><volume id="1"><paper id="1"><title>A</title></paper>\n<paper id="2"><title>B</paper>',
        2,
        "not XML",
        1,
    ),
]


@pytest.mark.parametrize(("name", "content", "line", "reason", "left"), BROKEN)
def test_a_broken_record_is_named_counted_and_skipped(
    name: str, content: str | bytes, line: int, reason: str, left: int, write: Write
) -> None:
    path = write(name, content)
    report = ReadReport()
    assert len(list(read_papers([path], report=report))) == report.read == left
    assert report.error_count == sum(report.skipped.values()) == 1
    [error] = report.errors
    assert (error.path, error.line) == (str(path), line)
    assert error.reason.startswith(reason)
    assert report.lines()[-1] == str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(("name", "content", "line", "reason", "left"), BROKEN)
def test_strict_raises(name: str, content: str | bytes, line: int, reason: str, left: int, write: Write) -> None:
    with pytest.raises(InputError, match=reason.replace("'", ".")) as raised:
        list(read_papers([write(name, content)], strict=True))
    assert raised.value.line == line


def test_a_broken_file_does_not_end_the_run(write: Write) -> None:
    paths = [write("a.parquet", b"PAR1"), write("b.jsonl", lines({"title": "B"}))]
    assert [paper.title for paper in read_papers(paths)] == ["B"]


@pytest.mark.parametrize("damage", ["cut", "crc", "middle"])
def test_papers_before_a_damaged_gzip_are_kept(damage: str, write: Write) -> None:
    records = [{"id": str(n), "title": f"Paper {n}", "abstract": f"{n} " + "x" * (n % 97)} for n in range(5_000)]
    packed = bytearray(gzip.compress(lines(*records).encode()))
    if damage == "cut":
        del packed[len(packed) // 2 :]
    elif damage == "crc":
        packed[-8] ^= 0xFF
    else:
        packed[len(packed) // 2 :] = b"\xff" * 100
    report = ReadReport()
    papers = list(read_papers([write("a.jsonl.gz", bytes(packed))], report=report))
    assert 1_000 < len(papers) <= 5_000
    assert [paper.id for paper in papers[:1_000]] == [str(n) for n in range(1_000)]
    error = report.errors[-1]  # before it there may be one of what the damage made of the bytes
    assert error.reason.startswith("damaged gzip")
    assert error.line >= len(papers)


def test_a_short_damaged_gzip_gives_an_error(write: Write) -> None:
    report = ReadReport()
    packed = gzip.compress(lines({"title": "A" * 50}).encode())[:-12]
    list(read_papers([write("a.jsonl.gz", packed)], report=report))
    assert report.error_count == 1


def test_damaged_utf_16_is_replaced_not_raised(write: Write) -> None:
    content = "title,abstract\nA,x\n".encode("utf-16") + b"\x00"
    assert [paper.title for paper in read_papers([write("a.csv", content)])][:1] == ["A"]


def test_only_the_first_errors_are_kept(write: Write) -> None:
    report = ReadReport()
    list(read_papers([write("a.jsonl", "broken\n" * (ERRORS_KEPT + 5))], report=report))
    assert len(report.errors) == ERRORS_KEPT
    assert report.error_count == ERRORS_KEPT + 5
    assert report.lines()[1] == "skipped 25 records: not JSON"
    assert report.lines()[-1] == "and 5 more errors"


def test_a_report_adds_up_over_calls(write: Write) -> None:
    path, report = write("a.jsonl", lines({"title": "A"})), ReadReport()
    for _ in range(2):
        list(read_papers([path], report=report))
    assert (report.files, report.read) == (2, 2)


def test_huge_lines_and_fields(write: Write) -> None:
    abstract = "word " * 300_000
    [paper] = read_papers([write("a.jsonl", lines({"title": "A", "abstract": abstract}))])
    assert len(paper.abstract) == len(abstract) - 1
    [paper] = read_papers([write("a.csv", f'title,abstract\nA,"{abstract}"\n')])
    assert len(paper.abstract) == len(abstract) - 1


def test_an_own_id_is_kept_and_others_depend_on_content_only(write: Write) -> None:
    one = write("a.jsonl", lines({"id": 17, "title": "A"}, {"title": "Widget Networks", "abstract": "We train them."}))
    other = write("b.csv", "Abstract,Title,Year\nWe train   them.,WIDGET NETWORKS,2020\n")
    own, content = (paper.id for paper in read_papers([one]))
    assert own == "17"
    assert content.startswith("page:")
    assert [paper.id for paper in read_papers([other])] == [content]


def test_own_schema_comes_back_whole(write: Write) -> None:
    record = {
        "id": "x",
        "title": "Widgets",
        "abstract": "We train them.",
        "published": "--02-19",
        "url": "https://example.org/x",
        "authors": ["Ann Lee", "Bob de Vries"],
        "source": "s.txt",
        "doi": "10.1000/x",
        "arxiv_id": "2401.01234",
    }
    [paper] = read_papers([write("a.jsonl", lines(record))])
    assert paper == Paper(**{**record, "authors": ("Ann Lee", "Bob de Vries")})  # type: ignore[arg-type]


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(lines({"title": "A"}),))
    writer.start()
    assert [paper.title for paper in read_papers([pipe])] == ["A"]
    writer.join()


class Failing(io.BytesIO):
    """A disk that breaks after its first bytes."""

    def read1(self, size: int | None = -1) -> bytes:
        if self.tell() > HEAD_SIZE:
            raise OSError(errno.EIO, "Input/output error")
        return super().read1(size)


def test_a_disk_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    content = lines(*({"id": n, "title": f"Paper {n}"} for n in range(10_000))).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Failing(content)))
    report = ReadReport()
    assert len(list(read_papers(["-"], report=report))) > 1_000
    assert report.errors[-1].reason == "cannot be read: Input/output error"


@NEEDS_PROC
def test_a_file_that_cannot_be_opened_is_an_error() -> None:
    with pytest.raises(InputError, match="/proc/self/mem: cannot be opened: Input/output error"):
        read_papers(["/proc/self/mem"])


def test_formats_are_documented_names() -> None:
    names = "page jsonl json csv tsv parquet bibtex ris atom oai acl pubmed"
    assert " ".join(FORMATS) == names
