"""Which records are the same paper, and what two of them say together; dates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.identity import content_id, date_rank, normalise_arxiv_id, normalise_doi
from kgraph.read import identity_keys, merge_papers
from kgraph.read.dates import parse_date
from kgraph.schema import Paper

WORDS = st.sampled_from(["", "a", "b", "ab", "B", "é"])
PAPERS = st.builds(
    Paper,
    id=st.sampled_from(["1", "2", "page:1", "page:2", "2401.01234"]),
    title=WORDS,
    abstract=WORDS,
    published=st.sampled_from(["", "2023", "2023-08", "2023-08-11", "2022-08-11", "--02-19", "--03-01"]),
    url=WORDS,
    authors=st.lists(WORDS, max_size=2).map(tuple),
    source=WORDS,
    doi=WORDS,
    arxiv_id=WORDS,
)


@given(PAPERS, PAPERS)
def test_merging_is_commutative(a: Paper, b: Paper) -> None:
    assert merge_papers(a, b) == merge_papers(b, a)


@given(PAPERS, PAPERS, PAPERS)
def test_merging_is_associative(a: Paper, b: Paper, c: Paper) -> None:
    assert merge_papers(merge_papers(a, b), c) == merge_papers(a, merge_papers(b, c))


@given(PAPERS)
def test_merging_is_idempotent(a: Paper) -> None:
    assert merge_papers(a, a) == a


def test_merging_keeps_the_best_of_each_field() -> None:
    page = Paper("page:aa", "", "A long abstract.", published="--02-19", source="page.txt")
    record = Paper("x", "Title", "Abstract.", published="2024", authors=("Ann Lee",), source="a.bib", doi="10.1000/x")
    assert merge_papers(page, record) == Paper(
        "x", "Title", "A long abstract.", published="2024", authors=("Ann Lee",), source="a.bib", doi="10.1000/x"
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2401.01234",
            "2401.01234v2",
            "arXiv:2401.01234",
            "arxiv: 2401.01234v12",
            "http://arxiv.org/abs/2401.01234v2",
        ),
        *("https://www.arxiv.org/pdf/2401.01234v1.pdf", "oai:arXiv.org:2401.01234", "10.48550/arXiv.2401.01234"),
        *("https://doi.org/10.48550/ARXIV.2401.01234", " 2401.01234 ", "export.arxiv.org/abs/2401.01234"),
    ],
)
def test_arxiv_ids_are_recognised(text: str) -> None:
    assert normalise_arxiv_id(text) == "2401.01234"


def test_arxiv_ids_of_the_old_style_are_recognised() -> None:
    assert normalise_arxiv_id("http://arxiv.org/abs/hep-th/9901001v3") == "hep-th/9901001"
    assert normalise_arxiv_id("math.GT/0309136") == "math.gt/0309136"


@pytest.mark.parametrize(
    "text", ["", "2413.01234", "12345678", "3.14", "10.1000/x", "https://example.org/2401.01234", "x"]
)
def test_other_texts_are_no_arxiv_ids(text: str) -> None:
    assert normalise_arxiv_id(text) == ""


@pytest.mark.parametrize(
    "text", ["10.1000/X.y", "https://doi.org/10.1000/x.Y", "doi:10.1000/x.y", "http://dx.doi.org/10.1000/x.y."]
)
def test_dois_are_normalised(text: str) -> None:
    assert normalise_doi(text) == "10.1000/x.y"


def test_other_texts_are_no_dois() -> None:
    assert [normalise_doi(text) for text in ("", "x", "10.1/x", "https://example.org/10.1000/x")] == [""] * 4


def test_a_paper_has_a_key_for_each_of_its_names() -> None:
    paper = Paper("lee24", "Widgets", "We train.", doi="10.1000/x", arxiv_id="2401.01234")
    text = content_id("widgets", "we train").replace("page:", "text:")
    ids = ("id:lee24:in:", "id:lee24:widgets")
    assert identity_keys(paper) == (*ids, "doi:10.1000/x", "arxiv:2401.01234", text)


@pytest.mark.parametrize(
    "known", ["31452104", "W2741809807", "https://openalex.org/W2741809807", "2020.acl-main.1", "P19-1001", "ab" * 20]
)
def test_an_id_that_means_something_everywhere_is_a_key_by_itself(known: str) -> None:
    assert identity_keys(Paper(known, "A", "a", source="x"))[0] == f"id:{known}"


def test_an_arxiv_id_is_found_in_any_field() -> None:
    papers = [
        Paper("2401.01234v2", "A", "a"),
        Paper("x", "B", "b", doi="10.48550/arxiv.2401.01234"),
        Paper("y", "C", "c", url="https://arxiv.org/abs/2401.01234"),
        Paper("z", "D", "d", arxiv_id="2401.01234"),
    ]
    assert all("arxiv:2401.01234" in identity_keys(paper) for paper in papers)
    assert not any(key.startswith(("id:2401", "doi:")) for paper in papers for key in identity_keys(paper))


def test_a_title_alone_does_not_make_two_papers_one() -> None:
    one, other = Paper("1", "Preface", ""), Paper("2", "Preface", "")
    assert not set(identity_keys(one)) & set(identity_keys(other))
    nameless = Paper(content_id("Preface", ""), "Preface", "")
    assert identity_keys(nameless) == ("text:" + nameless.id.removeprefix("page:"),)


@given(st.text(), st.text())
def test_a_content_id_depends_on_letters_and_digits_only(title: str, abstract: str) -> None:
    spaced = content_id(f" {title}. ", f"({abstract})")
    assert spaced == content_id(title, abstract)
    assert len(spaced) == len("page:") + 16


def test_content_ids_do_not_change() -> None:
    assert content_id("Widget Networks", "Größe: 5 µm") == content_id("WIDGET networks", "grösse 5 μm")
    assert content_id("a", "b") != content_id("ab", "")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        *(("2023", "2023"), ("2023-08", "2023-08"), ("2023-08-11", "2023-08-11"), ("2023/08/11", "2023-08-11")),
        *(("2023-8-1", "2023-08-01"), ("20230811", "2023-08-11"), ("2020.0", "2020"), ("2023/08/11/", "2023-08-11")),
        *(("2020///", "2020"), ("2023-08-11T10:00:00Z", "2023-08-11"), ("2023-08-11 10:00:00", "2023-08-11")),
        *(("Aug 11, 2023", "2023-08-11"), ("August 11th, 2023", "2023-08-11"), ("11 Aug 2023", "2023-08-11")),
        *(
            ("Aug 2023", "2023-08"),
            ("September, 2023", "2023-09"),
            ("2023 Aug 11", "2023-08-11"),
            ("2023-Aug", "2023-08"),
        ),
        *(("Mon, 2 Apr 2007 19:18:42 GMT", "2007-04-02"), ("2000 Nov-Dec", "2000"), ("2021 Winter", "2021")),
        *(("Feb 19", "--02-19"), ("19 Feb", "--02-19"), ("--02-19", "--02-19"), ("Feb 29", "--02-29")),
        *(("2023-02-30", "2023-02"), ("2023-13-01", "2023"), ("2023-00-00", "2023"), ("Feb 30", "")),
        *(("", ""), ("soon", ""), ("11/08/2023", "2023"), ("08/2023", "2023-08"), ("n.d.", ""), ("1", ""), ("99", "")),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert parse_date(text) == date
    assert parse_date(date) == date


def test_a_date_with_a_year_ranks_higher() -> None:
    dates = ["", "--02-19", "2023", "2023-08", "2022-08-11", "2023-08-11"]
    assert sorted(dates, key=date_rank) == dates


@given(st.text(max_size=20))
def test_any_text_may_be_asked_for_a_date(text: str) -> None:
    assert parse_date(parse_date(text)) == parse_date(text)
