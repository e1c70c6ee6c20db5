"""Graphs for the tests: `linked_papers()` draws awkward ones, `small_graph()` is a fixed one that can be read.

Both keep what `kgraph` promises of its own graphs: a sentence is the text between its offsets, both ends of a relation
have a role edge from the same paper, statement ids are unique, statements are sorted by id, papers by id, every
entity is named by some statement, and of two entities that are the same term each names the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import strategies as st

from kgraph.revisions import paper_revision
from kgraph.schema import (
    DATASET,
    ENTITY_LABELS,
    METHOD,
    RELATION_ENDS,
    ROLE_TYPES,
    TASK,
    Entity,
    LinkedPaper,
    Paper,
    Statement,
)

Graph = tuple[dict[str, Entity], list[LinkedPaper]]

AWKWARD_TEXTS = (
    "",
    " ",
    'it\'s "quoted" and `ticked`',
    "a \\ back\\slash \\n \\u0041 \\' end",
    "$x ${y} $1 {z} %s {{q}}",
    "// no comment; /* nor this */ -- nor this",
    "'}) DETACH DELETE n //",
    "line one\nline two\r\n\ttabbed",
    "emoji 🧪👩‍🔬 and astral 𝔛",
    "مرحبا بالعالم \u200f שלום",
    "naïve café vs. naïve cafe\u0301",
    "<b>bold</b> & &amp; </script>",
    "NULL",
    "12345",
    "1.5e3",
    "[1, 2]",
    "long " * 2_000,
)
_PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def texts() -> st.SearchStrategy[str]:
    """Any text without NUL and surrogates, with a liking for those that break naive code."""
    return st.sampled_from(AWKWARD_TEXTS) | _PLAIN


def papers() -> st.SearchStrategy[Paper]:
    """A paper with any text in any field; the id is never empty."""
    return st.builds(
        Paper,
        id=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).map("p:{}".format),
        title=texts(),
        abstract=texts(),
        published=st.sampled_from(["", "1998", "2020", "2023-08", "2023-08-11", "--08-11"]),
        url=st.sampled_from(["", "https://example.org/a?b=c&d='e'"]),
        authors=st.lists(texts(), max_size=3).map(tuple),
        source=st.sampled_from(["", "a b.txt", "papers.jsonl"]),
        doi=st.sampled_from(["", "10.1000/xyz(1)"]),
        arxiv_id=st.sampled_from(["", "2301.00001"]),
    )


@st.composite
def _entities(draw: st.DrawFn, max_size: int) -> list[Entity]:
    slugs = draw(
        st.lists(
            st.tuples(st.sampled_from(ENTITY_LABELS), st.text("abé-🧪'", min_size=1, max_size=5)),
            min_size=1,
            max_size=max_size,
            unique=True,
        )
    )
    entities = []
    for label, slug in slugs:
        name = draw(texts())
        aliases = {name, *draw(st.lists(texts(), max_size=2))}
        url = draw(st.sampled_from(["", "https://example.org/a?b=c&d='e'"]))
        entities.append(Entity(f"{label.lower()}:{slug}", label, name, tuple(sorted(aliases)), url))
    others = [(one.id, two.id) for one in entities for two in entities if one.label < two.label]
    return _joined(entities, draw(st.lists(st.sampled_from(others), unique=True, max_size=4)) if others else [])


def _joined(entities: Iterable[Entity], pairs: Iterable[tuple[str, str]]) -> list[Entity]:
    both = {*pairs, *((two, one) for one, two in pairs)}
    return [
        replace(entity, same_term=tuple(sorted(two for one, two in both if one == entity.id))) for entity in entities
    ]


def only_named(entities: Iterable[Entity], linked: Iterable[LinkedPaper]) -> dict[str, Entity]:
    """Return the entities that the statements of these papers name, each without what is not among them, by id."""
    named = {end for one in linked for statement in one.statements for end in (statement.source, statement.target)}
    return {
        entity.id: replace(entity, same_term=tuple(other for other in entity.same_term if other in named))
        for entity in sorted(entities, key=lambda entity: entity.id)
        if entity.id in named
    }


@st.composite
def _statement(draw: st.DrawFn, paper: Paper, number: int, kind: str, source: str, target: str) -> Statement:
    end = draw(st.integers(0, len(paper.text)))
    start = draw(st.integers(0, end))
    score = draw(st.floats(0, 1))
    component = draw(st.sampled_from(["kgraph_roles", "kgraph_relations"]))
    context = draw(st.sampled_from([(0, 0), (0, min(9, len(paper.text)))]))
    return _make_statement(paper, number, kind, source, target, start, end, score, component, context)


@st.composite
def _linked_paper(draw: st.DrawFn, paper: Paper, entities: list[Entity]) -> LinkedPaper:
    named = draw(st.lists(st.sampled_from(entities), unique=True, max_size=5)) if entities else []
    statements: list[Statement] = []
    for entity in named:
        kind = draw(st.sampled_from(sorted(ROLE_TYPES.values())))
        statements.append(draw(_statement(paper, len(statements), kind, paper.id, entity.id)))
    possible = [
        (kind, source.id, target.id)
        for kind, (source_label, target_label) in RELATION_ENDS.items()
        for source in named
        for target in named
        if source.label == source_label and target.label == target_label and source is not target
    ]
    # Not unique on purpose: a paper may state the same relation twice, in two sentences.
    for kind, source_id, target_id in draw(st.lists(st.sampled_from(possible), max_size=5)) if possible else []:
        statements.append(draw(_statement(paper, len(statements), kind, source_id, target_id)))
    return make_linked_paper(paper, statements)


@st.composite
def linked_papers(draw: st.DrawFn, *, max_papers: int = 4, max_entities: int = 6) -> Graph:
    """A consistent graph: (entities by id, papers sorted by id); any text may be awkward, papers may have no edge."""
    entities = draw(_entities(max_entities))
    drawn = draw(st.lists(papers(), max_size=max_papers, unique_by=lambda paper: paper.id))
    return _graph(entities, [draw(_linked_paper(paper, entities)) for paper in drawn])


def make_linked_paper(paper: Paper, statements: Iterable[Statement]) -> LinkedPaper:
    """Join a paper and its statements: sorted, with a revision that depends on everything in them."""
    ordered = tuple(sorted(statements, key=lambda statement: statement.id))
    return LinkedPaper(paper, ordered, paper_revision(paper, ordered))


def _make_statement(
    paper: Paper,
    number: int,
    kind: str,
    source: str,
    target: str,
    start: int,
    end: int,
    score: float,
    component: str,
    context: tuple[int, int] = (0, 0),
) -> Statement:
    key = _digest(paper.id, number, kind, source, target, start, end)
    found = Statement(
        key, kind, source, target, paper.id, paper.text[start:end], start, end, score, paper.year, component
    )
    return replace(
        found, context=paper.text[slice(*context)], context_start_char=context[0], context_end_char=context[1]
    )


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _graph(entities: Iterable[Entity], linked: Iterable[LinkedPaper]) -> Graph:
    ordered = sorted(linked, key=lambda one: one.paper.id)
    return only_named(entities, ordered), ordered


_SMALL_ENTITIES = (
    Entity("method:attention", METHOD, "attention", ("attention", "attention mechanism"), "", ("task:attention",)),
    Entity("method:bert", METHOD, "BERT", ("BERT", "bidirectional encoder representations from transformers")),
    Entity("method:gpt", METHOD, "GPT", ("GPT",)),
    Entity("method:roberta", METHOD, "RoBERTa", ("RoBERTa", "Roberta")),
    Entity("method:transformer", METHOD, "Transformer", ("Transformer", "Transformers")),
    Entity("dataset:glue", DATASET, "GLUE", ("GLUE",), "https://example.org/glue"),
    Entity("dataset:squad", DATASET, "SQuAD", ("SQuAD", "SQuAD 1.1")),
    Entity("task:attention", TASK, "attention", ("attention",), "", ("method:attention",)),
    Entity("task:language-modeling", TASK, "language modeling", ("LM", "language modeling")),
    Entity("task:machine-translation", TASK, "machine translation", ("MT", "machine translation")),
    Entity("task:question-answering", TASK, "question answering", ("QA", "question answering")),
)
# One row a paper: id, published, title, and sentences; each sentence with the edges it states (type, source, target).
_PROPOSES, _USES, _COMPARES, _MENTIONS = ROLE_TYPES.values()
_SMALL_PAPERS: tuple[tuple[str, str, str, tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]], ...] = (
    (
        "p1",
        "2017-06-12",
        "Transformers: attention is enough",
        (
            (
                "We propose the Transformer, a network built on attention alone.",
                (
                    (_PROPOSES, "", "method:transformer"),
                    (_USES, "", "method:attention"),
                    ("BASED_ON", "method:transformer", "method:attention"),
                ),
            ),
            (
                "It reaches a new best score in machine translation.",
                (
                    (_USES, "", "task:machine-translation"),
                    ("USED_FOR", "method:transformer", "task:machine-translation"),
                ),
            ),
        ),
    ),
    (
        "p2",
        "2018-06",
        "GPT: one decoder for many tasks",
        (
            (
                "GPT is a Transformer that is trained by language modeling.",
                (
                    (_PROPOSES, "", "method:gpt"),
                    (_USES, "", "method:transformer"),
                    (_USES, "", "task:language-modeling"),
                    ("BASED_ON", "method:gpt", "method:transformer"),
                    ("USED_FOR", "method:gpt", "task:language-modeling"),
                ),
            ),
        ),
    ),
    (
        "p3",
        "2018-10-11",
        "BERT reads in both directions",
        (
            (
                "We introduce BERT, which stacks Transformers and beats GPT on GLUE.",
                (
                    (_PROPOSES, "", "method:bert"),
                    (_USES, "", "method:transformer"),
                    (_COMPARES, "", "method:gpt"),
                    (_USES, "", "dataset:glue"),
                    ("BASED_ON", "method:bert", "method:transformer"),
                    ("COMPARED_WITH", "method:bert", "method:gpt"),
                    ("EVALUATED_ON", "method:bert", "dataset:glue"),
                ),
            ),
            (
                "For question answering, BERT is tested on SQuAD.",
                (
                    (_USES, "", "task:question-answering"),
                    (_USES, "", "dataset:squad"),
                    ("USED_FOR", "method:bert", "task:question-answering"),
                    ("EVALUATED_ON", "method:bert", "dataset:squad"),
                    ("BENCHMARK_FOR", "dataset:squad", "task:question-answering"),
                ),
            ),
        ),
    ),
    (
        "p4",
        "2019-07-26",
        "RoBERTa: BERT, trained longer",
        (
            (
                "RoBERTa keeps the shape of BERT and gains on GLUE and on SQuAD.",
                (
                    (_PROPOSES, "", "method:roberta"),
                    (_COMPARES, "", "method:bert"),
                    (_USES, "", "dataset:glue"),
                    (_USES, "", "dataset:squad"),
                    ("BASED_ON", "method:roberta", "method:bert"),
                    ("COMPARED_WITH", "method:roberta", "method:bert"),
                    ("EVALUATED_ON", "method:roberta", "dataset:glue"),
                    ("EVALUATED_ON", "method:roberta", "dataset:squad"),
                ),
            ),
        ),
    ),
    (
        "p5",
        "--03-02",
        "A second look at BERT",
        (
            ("We test BERT for question answering.", ((_USES, "", "method:bert"),)),
            (
                "On SQuAD, BERT answers most questions of the question answering task.",
                (
                    (_USES, "", "task:question-answering"),
                    (_USES, "", "dataset:squad"),
                    ("USED_FOR", "method:bert", "task:question-answering"),
                    ("EVALUATED_ON", "method:bert", "dataset:squad"),
                    ("BENCHMARK_FOR", "dataset:squad", "task:question-answering"),
                ),
            ),
            (
                "Question answering with BERT helps language modeling.",
                (
                    (_MENTIONS, "", "task:language-modeling"),
                    ("USED_FOR", "method:bert", "task:question-answering"),
                    ("SUBTASK_OF", "task:question-answering", "task:language-modeling"),
                ),
            ),
            ("Tracking attention is a task of its own.", ((_MENTIONS, "", "task:attention"),)),
        ),
    ),
    ("p6", "", "A note without entities", (("Nothing of interest is named here.", ()),)),
)


def small_graph() -> Graph:
    """Six papers on eleven entities: parallel edges between papers and in p5, a paper without year, one without edges,
    a statement of p1 whose sentence only means the Transformer, and attention as a method and as a task.
    """
    return _graph(_SMALL_ENTITIES, [_small_paper(*row) for row in _SMALL_PAPERS])


def _small_paper(
    paper_id: str,
    published: str,
    title: str,
    sentences: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...],
) -> LinkedPaper:
    abstract = " ".join(sentence for sentence, _ in sentences)
    paper = Paper(
        paper_id, title, abstract, published, f"https://example.org/{paper_id}", ("A. Author",), "small.jsonl"
    )
    statements: list[Statement] = []
    first = (len(title) + 1, len(title) + 1 + len(sentences[0][0]))
    for sentence, edges in sentences:
        start = paper.text.index(sentence, len(title) + 1)
        for kind, source, target in edges:
            number, end = len(statements), start + len(sentence)
            score = 0.9 if not source else 0.75
            component = "kgraph_relations" if source else "kgraph_roles"
            context = first if source and sentence.startswith("It ") else (0, 0)
            statements.append(
                _make_statement(paper, number, kind, source or paper.id, target, start, end, score, component, context)
            )
    return make_linked_paper(paper, statements)
