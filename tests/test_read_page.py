"""Copied web pages."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from kgraph.errors import InputError
from kgraph.read import ReadReport, read_papers
from kgraph.read.clean import clean_text
from kgraph.read.page import _NAVIGATION
from kgraph.schema import Paper

SHARED = Path(__file__).parents[2] / "shared"
LONG = "We study how widget networks train on noisy data and show that one simple rule suffices to keep them stable. "
A, B, C = (f"{word} {LONG * 3}".strip() for word in ("First,", "Second,", "Third,"))


def read(tmp_path: Path, text: str) -> list[Paper]:
    path = tmp_path / "page.txt"
    path.write_text(textwrap.dedent(text))
    return list(read_papers([path], strict=True, keep_repeats=True))


def titles(papers: list[Paper]) -> list[tuple[str, str]]:
    return [(paper.title, paper.abstract.partition(",")[0]) for paper in papers]


def test_titles_and_abstracts_between_navigation(tmp_path: Path) -> None:
    papers = read(
        tmp_path,
        f"""\
        new

        Get trending papers in your email inbox!

        Subscribe

        Daily Papers

        byAK and the research community

        Mar 11

        Widget Networks: a Study

        {A}

          • 4 authors
        ·
        Aug 11, 2023

        3D Gadgets?

        {B}

          • 12 authors
        ·
        Nov 5, 2024 1

        Search-Based Widgets

        {C}

          • 2 authors
        ·
        Feb 19 2
        """,
    )
    assert [(paper.title, paper.published) for paper in papers] == [
        ("Widget Networks: a Study", "2023-08-11"),
        ("3D Gadgets?", "2024-11-05"),
        ("Search-Based Widgets", "--02-19"),
    ]
    assert [paper.abstract for paper in papers] == [A, B, C]


def test_the_date_of_the_page_is_nobodys(tmp_path: Path) -> None:
    papers = read(tmp_path, f"Mar 11\n\nOne Title\n\n{A}\n\nOther Title\n\n{B}\n\n  • 3 authors\n·\nOct 1\n")
    assert [paper.published for paper in papers] == ["", "--10-01"]


def test_bare_abstract_lines(tmp_path: Path) -> None:
    papers = read(tmp_path, f"Widget Research Center, Example Inc.\nAbstract:{A}\nAbstract: Short one.\nAbstract:{C}")
    assert [paper.title for paper in papers] == [""] * 3
    assert [paper.abstract for paper in papers] == [A, "Short one.", C]


@pytest.mark.parametrize(
    "line",
    ["Department of Gadgetry, Example University, Berlin", "The Institute for Widgets", "Example Widget Laboratory"],
)
def test_an_affiliation_is_no_title(line: str, tmp_path: Path) -> None:
    assert titles(read(tmp_path, f"{line}\nAbstract:{A}")) == [("", "First")]
    assert titles(read(tmp_path, f"My Title\n{line}\n\n{A}\n\n{line}\n\n{B}")) == [
        ("My Title", "First"),
        ("", "Second"),
    ]


def test_a_title_before_a_labelled_abstract(tmp_path: Path) -> None:
    papers = read(
        tmp_path, f"A Title\nJan 05, 2024\nAnn Lee, Bob de Vries\nAbstract:{A}\nVia\nAccess Paper or Ask Questions\n"
    )
    assert [(p.title, p.published, p.authors) for p in papers] == [
        ("A Title", "2024-01-05", ("Ann Lee", "Bob de Vries"))
    ]


def test_a_missing_title_stays_empty(tmp_path: Path) -> None:
    assert titles(read(tmp_path, f"A Title\n\n{A}\n\n{B}\n\nC Title\n\n{C}\n")) == [
        ("A Title", "First"),
        ("", "Second"),
        ("C Title", "Third"),
    ]


def test_an_abstract_that_goes_on_after_a_break_is_one(tmp_path: Path) -> None:
    [paper] = read(tmp_path, f"A Title\n\n{A}\n\n{'and then '}{LONG.lower()}")
    assert paper.abstract == f"{A} and then {LONG.lower().strip()}"
    [paper] = read(tmp_path, f"A Title\n\n{A.rstrip('.')} with the\nhelp of gadgets.\n")
    assert paper.abstract.endswith("stable with the help of gadgets.")


def test_a_copied_arxiv_page(tmp_path: Path) -> None:
    [paper] = read(
        tmp_path,
        """\
        Skip to main content
        Computer Science > Machine Learning
        [Submitted on 12 Jun 2019 (v1), last revised 2 Aug 2023 (this version, v7)]
        Title:Widgets Are Enough
        Authors:Jane Doe, John Q. Smith
        View PDF
        HTML (experimental)
        Abstract:Long models are slow. We show that widget net-
        works can be trained quickly on WidgetNet.
        Comments:\t15 pages, 5 figures
        Subjects:\tMachine Learning (cs.LG)
        Cite as:\tarXiv:1906.01234 [cs.LG]
         \t(or arXiv:1906.01234v7 [cs.LG] for this version)
         \thttps://doi.org/10.48550/arXiv.1906.01234
        Submission history
        From: Jane Doe [view email]
        [v1] Wed, 12 Jun 2019 17:57:34 UTC (1,102 KB)
        """,
    )
    assert (paper.title, paper.authors) == ("Widgets Are Enough", ("Jane Doe", "John Q. Smith"))
    assert (paper.published, paper.arxiv_id) == ("2019-06-12", "1906.01234")
    assert paper.abstract == "Long models are slow. We show that widget networks can be trained quickly on WidgetNet."


def test_a_copied_list_of_arxiv(tmp_path: Path) -> None:
    papers = read(
        tmp_path,
        """\
        Showing 1-50 of 4,000 results
        arXiv:2501.00001 [pdf, other] cs.CL
        First widget paper: a study
        Authors: Ann Lee, Bob de Vries
        Abstract: Widgets are good. They work. △ Less
        Submitted 3 January, 2025; originally announced January 2025.
        Comments: 4 pages
        arXiv:2501.00002 [pdf, other] cs.CL
        Second widget paper
        Authors: Cy Young
        Abstract: Gadgets are better. ▽ More
        Submitted 4 January, 2025; originally announced January 2025.
        """,
    )
    assert [(p.arxiv_id, p.title, p.abstract, p.published, p.authors) for p in papers] == [
        (
            "2501.00001",
            "First widget paper: a study",
            "Widgets are good. They work.",
            "2025-01-03",
            ("Ann Lee", "Bob de Vries"),
        ),
        ("2501.00002", "Second widget paper", "Gadgets are better.", "2025-01-04", ("Cy Young",)),
    ]


def test_fields_with_labels_on_lines_of_their_own(tmp_path: Path) -> None:
    papers = read(
        tmp_path,
        """\
        Title:
        One Widget
        Abstract:
        It turns.
        DOI: 10.1000/x
        URL: https://example.org/x

        Title: Another without abstract

        Title: A third
        """,
    )
    assert [(p.title, p.abstract, p.doi, p.url) for p in papers] == [
        ("One Widget", "It turns.", "10.1000/x", "https://example.org/x"),
        ("Another without abstract", "", "", ""),
        ("A third", "", "", ""),
    ]


def test_wrapped_lines_are_joined(tmp_path: Path) -> None:
    wrapped = textwrap.fill(LONG * 4, 72)
    papers = read(
        tmp_path,
        f"Short Title of It\n{wrapped}\n\n1. A Long Title That Goes on and on until It Is Also\nWrapped\n\n{wrapped}\n",
    )
    assert [paper.title for paper in papers] == [
        "Short Title of It",
        "A Long Title That Goes on and on until It Is Also Wrapped",
    ]
    assert {paper.abstract for paper in papers} == {(LONG * 4).strip()}


def test_dates_that_stand_before_their_titles(tmp_path: Path) -> None:
    papers = read(tmp_path, "".join(f"Aug {n}, 2023\nTitle {n}\n{text}\n\n" for n, text in enumerate((A, B, C), 1)))
    assert [paper.published for paper in papers] == ["2023-08-01", "2023-08-02", "2023-08-03"]


def test_a_page_without_abstract_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no abstract found on this page"):
        read(tmp_path, "Subscribe\n\nA lonely title\n")


@pytest.mark.parametrize(
    "title",
    [
        *(
            "SortedNet, a Place for Every Network",
            "Privacy-Preserving Widgets",
            "Searching for Widgets",
            "Models of It",
        ),
        *("Terms of Trade", "Read More: Reading Widgets with Gadgets", "Copyright in Language Models"),
    ],
)
def test_a_title_is_no_navigation(title: str, tmp_path: Path) -> None:
    assert not _NAVIGATION.fullmatch(title)
    assert titles(read(tmp_path, f"{title}\n\n{A}\n")) == [(title, "First")]


def test_a_banner_is_no_abstract(tmp_path: Path) -> None:
    banner = f"We use cookies. {LONG * 3}"
    assert titles(read(tmp_path, f"{banner}\n\nA Title\n\n{A}\n\n  3 authors · Aug 11, 2023 · 7 upvotes\n")) == [
        ("A Title", "First")
    ]


@pytest.fixture(scope="module")
def seeds() -> list[Paper]:
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    return list(read_papers(sorted((SHARED / "seeds").glob("*.txt")), strict=True, keep_repeats=True))


def test_all_abstracts_of_the_seed_pages_come_out(seeds: list[Paper]) -> None:
    assert Counter(paper.source[:3] for paper in seeds) == {"000": 10, "001": 147, "002": 10, "003": 78, "004": 65}
    assert len({paper.id for paper in seeds}) == len({paper.abstract for paper in seeds}) == 302
    assert min(len(paper.abstract) for paper in seeds) > 600
    report = ReadReport()
    assert len(list(read_papers(sorted((SHARED / "seeds").glob("*.txt")), report=report))) == 302
    assert (report.files, report.read, report.repeats, report.error_count) == (5, 302, 8, 0)


def test_titles_and_dates_of_the_seed_pages(seeds: list[Paper]) -> None:
    assert all(bool(paper.title) == (paper.source[:3] not in ("000", "002")) for paper in seeds)
    assert all(bool(paper.published) == (paper.source[:3] == "003") for paper in seeds)
    dates = Counter(paper.published[:2] for paper in seeds if paper.published)
    assert dates == {"20": 68, "--": 10}
    assert {paper.year for paper in seeds if paper.published.startswith("--")} == {None}


def test_annotated_papers_are_found_whole(seeds: list[Paper]) -> None:
    found = {(paper.title, paper.abstract) for paper in seeds}
    gold = [json.loads(line) for line in (SHARED / "annotation" / "seeds.jsonl").read_text().splitlines()]
    assert len(gold) == 150
    assert not [
        paper["id"] for paper in gold if (clean_text(paper["title"] or ""), clean_text(paper["abstract"])) not in found
    ]
