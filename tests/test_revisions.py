"""Revisions: what they depend on, and that sums over them stay exact."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from kgraph.revisions import BUCKETS, entity_revision, paper_revision
from tests.strategies import Graph, linked_papers, small_graph


@given(linked_papers())
def test_the_bucket_depends_on_the_id_alone_and_the_revision_on_everything(graph: Graph) -> None:
    entities, papers = graph
    for entity in entities.values():
        changed = [replace(entity, name=entity.name + "x"), replace(entity, url="u"), replace(entity, same_term=("x",))]
        revisions = {entity_revision(one) for one in (entity, *changed)}
        assert len(revisions) == 4
        assert len({revision % BUCKETS for revision in revisions}) == 1
    for linked in papers:
        other = paper_revision(replace(linked.paper, title=linked.paper.title + "x"), linked.statements)
        assert other != linked.revision
        assert other % BUCKETS == linked.revision % BUCKETS


def test_revisions_have_48_bits_so_that_the_sum_of_millions_fits_64() -> None:
    entities, papers = small_graph()
    revisions = [entity_revision(one) for one in entities.values()] + [linked.revision for linked in papers]
    assert 1 << 40 < max(revisions) < 1 << 48
    assert min(revisions) >= 0
    assert len({revision % BUCKETS for revision in revisions}) > 10


def test_a_statement_less_is_another_revision() -> None:
    linked = small_graph()[1][0]
    assert paper_revision(linked.paper, linked.statements) == linked.revision
    assert paper_revision(linked.paper, linked.statements[:-1]) != linked.revision
