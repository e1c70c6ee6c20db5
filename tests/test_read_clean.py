"""clean_text and clean_line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgraph.read.clean import clean_line, clean_text

ANNOTATION = Path(__file__).parents[2] / "shared" / "annotation"

ORDINARY = [
    "It costs $5 and $10, or US$5-$10 a month, <$20, >$4.",
    "Seats are $7-$14 each, at $0.05 a click.",
    "$HOME and $PATH are set; so is PATH$ in places.",
    "50% of 100% is 50%; C# and F#; snake_case; a_b_c; x^2.",
    r"C:\temp\new and C:\beta and \\server\share, a lone \ too.",
    "f(x) = {0, 1}, {bf 0}_k and sqrt[5]{log k}",
    "<unk>, <s> and <think> are tokens; x<y and y>z; T>0; <10% of 5",
    "R&D at AT&T; a & b; &foo; and Q&A;",
    "~10% of it, 40% ~ 80%, http://example.org/~ann, 3~5 times",
    "run tool --strict, A-->B, <!-- x -->, a - b",
    "it's “quoted” naïve café 数据 α → β",
    "`code` and ''",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  a\tb\r\nc \u00a0\u2003d  ", "a b c d"),
        ("zero\u200bwidth \ufeffso\u00adft\x00 \u202econ\x07trol\x7f", "zerowidth soft control"),
        ("\ud835 half a pair \udfff", "half a pair"),
        ("cafe\u0301 \ufb01ne \ufb02ow o\ufb03ce", "café fine flow office"),
        ("𝒪(n) and 𝐱 in ℝ", "O(n) and x in R"),
        ("cafÃ© and â€œdeepâ€\x9d", "café and “deep”"),
        ("نمی\u200cخواهم a\u200cb", "نمی\u200cخواهم ab"),
        # tags and entities
        ("<p>We use <i>E. coli</i>.</p><p>It works.</p>", "We use E. coli. It works."),
        ("<jats:title>Abstract</jats:title><jats:p>Text</jats:p>", "Text"),
        ('<span class="x">a</span><br/>b<BR>c', "a b c"),
        ("H<sub>2</sub>O and 10<sup>-3</sup> and S<sup>2</sup>FT", "H2O and 10^-3 and S^2FT"),
        ("AT&amp;T &lt;5 &#177; 3 &#xe9; &amp;amp;lt;", "AT&T <5 ± 3 é <"),
        ("a&nbsp;b &lt;i&gt;c&lt;/i&gt;", "a b c"),
        # line ends
        ("image segmen-\ntation is self-\nsupervised", "image segmentation is self-supervised"),
        ("state-of-the-\nart GPT-\n4 and Hamilton-\n  Jacobi", "state-of-the-art GPT-4 and Hamilton-Jacobi"),
        ("seg\u00ad\nmentation", "segmentation"),
        ("a - \nb", "a - b"),
        # LaTeX in text
        (r"\textbf{Bold} \emph{and \textit{nested}} \textsf{\underline{L}earn}", "Bold and nested Learn"),
        (r"{\bf Bold} {\em soft} \textcolor{red}{\textbf{x}}", "Bold soft x"),
        (r"93\% \& 5\$ \#1 top\_k \{a\}", "93% & 5$ #1 top_k {a}"),
        (
            r"G{\"o}del, na\"{\i}ve, Erd\H{o}s, Fran\c{c}ois, {\O}re, Pawe\l{}",
            "Gödel, naïve, Erdős, François, Øre, Paweł",
        ),
        (r"{\c c} \'etude Amp\`ere Ko\v{s}ice stra\ss e S\o ren", "ç étude Ampère Košice straße Søren"),
        (r"the models\' use, it\'s \"over there\"", "the models' use, it's \"over there\""),
        ("e.g.,~Llama~3 by Lee et~al.~(2020)", "e.g., Llama 3 by Lee et al. (2020)"),
        ("a -- b, vision--language, 19--46%, so---then", "a – b, vision–language, 19–46%, so—then"),
        ("a ``quoted'' word", 'a "quoted" word'),
        (r"as in~\cite{a,b} and \citep[see][]{c}, Appendix~\ref{x}.", "as in and, Appendix."),
        (r"Code\footnote{\url{https://x.org}} at \href{https://x.org}{this page}", "Code (https://x.org) at this page"),
        (
            r"\Ours{} beats \textbf{\baseline{}}, \aka the \ADDAND and {\fwa}",
            "Ours beats baseline, aka the ADDAND and fwa",
        ),
        (r"2{,}865 of 11.2~\textmu m, na{ï}ve", "2,865 of 11.2 µm, naïve"),
        (r"\LaTeX\ and \eg this \ie that\\ end", "LaTeX and e.g. this i.e. that end"),
        ("S^{2}FT and n^{1+o(1)}, L_{infty}", "S^2FT and n^(1+o(1)), L_infty"),
        # formulas
        (r"$\mathcal{O}(n)$ and \(\mathcal{P}\)-VAE and $$x$$ \[y\]", "O(n) and P-VAE and x y"),
        ("S$^{2}$FT, $k$NN, $k$-means, PanGu-$π$, n$=$6", "S^2FT, kNN, k-means, PanGu-π, n=6"),
        (
            r"20$\times$ and $\sim$22M and $\alpha$1's and ($<$10x) and 43$-$64",
            "20× and ∼22M and α1's and (<10x) and 43-64",
        ),
        (r"$O( M \sqrt{K\ln K} )$ and $\sqrt[3]{n}$", "O( M √(K ln K) ) and n^(1/3)"),
        (r"$\frac{a+b}{c}$, $x_{t-1}$, $\hat{y}$, $90^\circ$, $\{1,2\}$", "(a+b)/c, x_(t-1), ŷ, 90°, {1,2}"),
        (r"$\texttt{FBI}_\texttt{LTL}$ $x\in\mathbb{R}^{d}$ $f\colon A\to B$", "FBI_LTL x∈R^d f: A→B"),
        (r"\$OneBench and \$5", "$OneBench and $5"),
        (r"\unicode{x27E8}x\unicode{x27E9}", "⟨x⟩"),
    ],
)
def test_remains_are_cleaned(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned
    assert clean_text(cleaned) == cleaned


FRAGMENTS = st.sampled_from(
    [
        *(
            "$",
            "$$",
            "\\",
            "{",
            "}",
            "~",
            "-",
            "--",
            "---",
            "``",
            "''",
            "%",
            "#",
            "_",
            "^",
            " ",
            "\n",
            "-\n",
            "a",
            "b",
            "1",
            "5",
        ),
        *(
            "&",
            "&amp;",
            "&lt;",
            "&gt;",
            "&#36;",
            "&#92;",
            "&quot;",
            "amp;",
            "lt;",
            "<p>",
            "</p>",
            "<sup>",
            "</sup>",
            "<i>",
        ),
        *(
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "\\%",
            "\\$",
            "\\{",
            "\\}",
            "\\,",
            "\\\\",
            "\\'",
            '\\"',
            "\\^{}",
            "\\c{c}",
            "\\o",
            "\\l{}",
        ),
        *(
            "\\textbf{",
            "\\frac{",
            "\\emph",
            "\\alpha",
            "\\ln",
            "\\sqrt[",
            "\\cite{",
            "\\footnote{",
            "\\href{",
            "{\\bf ",
        ),
        *("x^{2}", "_{", "\\unicode{x24}", "\xad", "\u200b", "\u200d", "\u0301", "ﬁ", "Ã", "©", "â", "€", "𝒪", "é"),
    ]
)


@given(st.lists(FRAGMENTS | st.text(max_size=3), max_size=25).map("".join))
def test_cleaning_is_idempotent_and_gives_one_line(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert cleaned == " ".join(cleaned.split())
    cleaned.encode()


@given(st.text())
def test_any_text_can_be_cleaned(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(st.text(st.sampled_from("abzAZ059éüßøñ数α .,;:!?()'%#@*/+=<>[]|^")))
def test_words_and_marks_are_never_lost(text: str) -> None:
    assert clean_text(text).replace(" ", "") == "".join(clean_line(text).split())


@pytest.mark.parametrize(
    "text", ["\\a{" * 3_000, "{" * 50_000, "$" * 50_000, "a" * 200_000 + "\n", "~" * 50_000, "&amp;" * 20_000]
)
def test_odd_texts_take_no_time(text: str) -> None:
    clean_text(text)


def test_ids_and_addresses_keep_their_marks() -> None:
    assert clean_line(" http://x.org/~a--b?c=$d&amp;e \n") == "http://x.org/~a--b?c=$d&amp;e"


@pytest.mark.skipif(not ANNOTATION.is_dir(), reason="needs ../shared")
@pytest.mark.parametrize("name", ["seeds", "arxiv", "more"])
def test_annotated_names_survive_cleaning(name: str) -> None:
    papers = [json.loads(line) for line in (ANNOTATION / f"{name}.jsonl").read_text().splitlines()]
    found = total = 0
    for paper in papers:
        text = f"{clean_text(paper['title'] or '')}\n{clean_text(paper['abstract'])}"
        surfaces = [surface for entity in paper["entities"] for surface in entity["surfaces"]]
        total += len(surfaces)
        found += sum(surface in text for surface in surfaces)
    assert found / total > 0.995


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("large language models(LLMs) are", "large language models (LLMs) are"),
        ("f(X), softmax(QK), Diffusion(x), IW(1)", "f(X), softmax (QK), Diffusion(x), IW(1)"),
        ("a heuristic(s) of O(N)", "a heuristic(s) of O(N)"),
    ],
)
def test_an_abbreviation_that_is_glued_to_its_long_form_gets_a_space(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned
