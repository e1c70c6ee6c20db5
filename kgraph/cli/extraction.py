"""Commands that extract and store nothing: extract and evaluate."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from kgraph.cli.group import main
from kgraph.cli.options import input_options, pipeline_options, said_at_the_end
from kgraph.console import progress_bars, say, write_lines, write_scores
from kgraph.errors import UsageError

if TYPE_CHECKING:
    from kgraph.evaluate import Annotation
    from kgraph.schema import Paper


@main.command()
@input_options
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="File to write; standard output otherwise.")
def extract(inputs: tuple[str, ...], output: str | None, **options: Any) -> None:
    """Print what is found in each paper, one JSON object a line, and store nothing."""
    from kgraph.build import extract_rows

    with said_at_the_end() as report, progress_bars() as on_progress:
        write_lines(extract_rows(inputs, report=report, on_progress=on_progress, **options), output)


@main.command()
@click.argument("gold", metavar="GOLD.jsonl")
@click.option("--predicted", metavar="FILE.jsonl", help="What `kgraph extract` found; else it is extracted now.")
@click.option("--gold-entities", is_flag=True, help="Give the pipeline the gold entities and their roles.")
@click.option(
    "--errors", metavar="N", type=click.IntRange(0), default=0, help="Print the misses of the first N papers."
)
@click.option("--format", "scores_format", type=click.Choice(("table", "json")), default="table", show_default=True)
@pipeline_options
def evaluate(
    gold: str, predicted: str | None, gold_entities: bool, errors: int, scores_format: str, **options: Any
) -> None:
    """Score what is found in annotated papers: precision, recall and F1.

    GOLD.jsonl holds one paper a line: {"id", "title", "abstract", "entities": [{"type", "name", "surfaces", "role"}],
    "relations": [[type, head, tail]]}. Entities match exactly where they share a surface; relaxed where one contains
    the other as well, or they share the last word and one more.
    """
    from kgraph.evaluate import find_misses, read_gold, read_gold_papers, read_predicted, score_papers

    if predicted is None:
        papers, annotations = read_gold_papers(gold)
        found = _annotate(papers, annotations if gold_entities else None, **options)
    elif options["model"] is not None or gold_entities:
        other = "--gold-entities" if gold_entities else "--model"
        raise UsageError(f"give --predicted or {other}, not both: there is nothing to extract")
    else:
        annotations, found = read_gold(gold), read_predicted(predicted)
        if lacking := {one.paper_id for one in annotations}.difference(one.paper_id for one in found):
            say(f"{predicted} lacks {len(lacking):,} of {len(annotations):,} papers: nothing was found in them")
    misses = list(find_misses(annotations[:errors], found))
    write_scores(score_papers(annotations, found), misses, scores_format)


def _annotate(
    papers: Sequence[Paper], given: Sequence[Annotation] | None, model: str | None, workers: int
) -> list[Annotation]:
    from kgraph.evaluate import predict_papers, predict_relations
    from kgraph.extract import load_pipeline

    nlp, found = load_pipeline(model), []
    begin = perf_counter()
    predicted = predict_papers(papers, nlp, workers=workers) if given is None else predict_relations(papers, given, nlp)
    with progress_bars() as on_progress:
        for annotation in predicted:
            found.append(annotation)
            on_progress("extract", len(found), len(papers))
    seconds = perf_counter() - begin
    say(f"extracted {len(papers):,} papers in {seconds:.1f} s, {len(papers) / seconds:.0f} a second")
    return found
