"""What the command line shows: tables, cards and progress. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import click

from kgraph.support import relation_of
from kgraph.whole_file import whole_file

if TYPE_CHECKING:
    from kgraph.build import BuildReport, LinkReport, Progress
    from kgraph.evaluate import Count, Misses, Scores
    from kgraph.store import Row, SyncReport

ROW_FORMATS: Final = ("table", "json", "jsonl", "csv")
_STEPS: Final = {"read": "reading papers", "extract": "extracting", "link": "linking", "store": "filling the database"}


def say(line: str) -> None:
    """Print a line for the person at the terminal, to stderr."""
    click.echo(line, err=True)


def say_build(report: BuildReport) -> None:
    """Say what a build did."""
    papers = report.papers
    say(f"papers: {papers.added:,} added, {papers.changed:,} changed, {papers.unchanged:,} known before")
    say(f"extracted: {report.extracted:,} papers")
    for failure in report.failed:
        say(f"failed: {failure}")
    say_link(report.linked)


def say_link(report: LinkReport) -> None:
    """Say what a linking did."""
    for decision in report.unmatched:
        say(f"alias file, [[{decision.table}]]: nothing is called {decision.name!r}")
    say(f"linked: {report.entities:,} methods, datasets and tasks")
    say_sync(report.sync)


def say_sync(report: SyncReport) -> None:
    """Say what a sync did to a database."""
    changes = sum(asdict(report).values()) - report.unchanged
    say(
        f"database: {changes:,} changes ({report.added:,} papers added, {report.replaced:,} replaced, "
        f"{report.removed:,} removed, {report.unchanged:,} unchanged; {report.entities_updated:,} entities changed, "
        f"{report.entities_removed:,} removed)"
    )


def write_rows(rows: Sequence[Row], format: str) -> None:
    """Print rows to stdout: a table to read, or json, jsonl or csv to go on with."""
    _WRITERS[format](rows)


def write_card(card: dict[str, Any], format: str) -> None:
    """Print the card of an entity to stdout."""
    if format == "json":
        _write_json(card)
        return
    click.echo(f"{card['name']}  ({card['kind']}, {card['papers']} papers, {card['id']})")
    if others := [alias for alias in card["aliases"] if alias != card["name"]]:
        click.echo(f"also: {', '.join(others)}")
    for row in card["same_terms"]:
        click.echo(f"also a {row['kind']}: {row['name']}  ({_papers(row['papers'])}, {row['id']})")
    if card["url"]:
        click.echo(card["url"])
    for arrow, key in (("{relation} {name}", "relations_from"), ("{name} {relation} it", "relations_to")):
        for row in card[key]:
            click.echo(f"  {arrow.format(**row)}  ({_support(row)})")
    for row in card["papers_for"]:
        click.echo(f"\n{row['role']} by {row['title'] or row['id']} ({row['year'] or 'no year'}, {row['id']})")
        click.echo(f"    “{row['sentence']}”")


def write_figures(entities: Sequence[Row], communities: Sequence[Row], format: str) -> None:
    """Print the most central entities and the largest communities to stdout."""
    if format == "json":
        _write_json({"entities": entities, "communities": communities})
        return
    write_rows([row | {"pagerank": f"{row['pagerank']:.6f}"} for row in entities], format)
    click.echo()
    write_rows(communities, format)


def write_lines(rows: Iterable[dict[str, Any]], output: str | None) -> None:
    """Write one JSON object a line, to a file (whole or not at all) or to stdout."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if output is None:
        for line in lines:
            click.echo(line, nl=False)
        return
    with whole_file(output) as draft, draft.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def write_statements(rows: Sequence[Row]) -> None:
    """Print the statements that join two entities, relation by relation, with their sentences and papers, to stdout."""
    for _, group in groupby(rows, key=lambda row: relation_of(row["type"], row["source"], row["target"])):
        stated = list(group)
        click.echo("{source} {type} {target}  ({support})\n".format(**stated[0], support=_support(stated[0])))
        for row in stated:
            if row["context"]:
                _write_marked(row["context"], row["context_marks"])
            _write_marked(row["sentence"], row["marks"])
            _write_source(
                row["title"], row["year"], row["paper"], row["url"], f"score {row['score']:.2f}", row["component"]
            )


def write_shared_papers(entity: str, other: str, rows: Sequence[Row]) -> None:
    """Print what papers say that speak of two entities which no statement joins, to stdout."""
    if not rows:
        click.echo(f"nothing connects {entity} and {other}")
        return
    click.echo(f"no statement joins {entity} and {other}; these papers speak of both:")
    for row in rows:
        for sentence in dict.fromkeys((row["sentence"], row["other_sentence"])):
            _write_marked(sentence, [])
            _write_source(row["title"], row["year"], row["id"])


def _write_marked(sentence: str, marks: Iterable[Sequence[int]]) -> None:
    """Print a sentence; the marked parts are bold on a terminal."""
    from rich.console import Console
    from rich.text import Text

    text, end = Text("    “"), 0
    for start, stop in marks:
        text.append(sentence[end:start]).append(sentence[start:stop], "bold")
        end = stop
    Console(highlight=False, soft_wrap=True).print(text.append(f"{sentence[end:]}”"))


def _write_source(*parts: object) -> None:
    click.echo(f"    — {', '.join(str(part) for part in parts if part)}\n")


def write_stats(counts: dict[str, dict[str, int]], format: str) -> None:
    """Print the counts of a graph to stdout."""
    if format == "json":
        _write_json(counts)
        return
    for title, numbers in counts.items():
        for name, count in numbers.items():
            click.echo(f"{title:<8}{name:<16}{count:>10,}")


def write_scores(scores: Scores, misses: Sequence[Misses], format: str) -> None:
    """Print the figures of an evaluation to stdout, and before them the misses of single papers."""
    from kgraph.evaluate import ALL

    if format == "json":
        _write_json(_score_fields(scores) | {"misses": [asdict(one) for one in misses]})
        return
    for one in misses:
        click.echo(f"--- {one.paper_id}")
        click.echo(f"  missed: {[entity.name for entity in one.missed]}")
        click.echo(f"  wrong:  {[f'{entity.name} ({entity.label})' for entity in one.wrong]}")
    for measure, counts in (("exact", scores.exact), ("relaxed", scores.relaxed)):
        for label, count in counts.items():
            click.echo(f"{measure:8} {label:8} {_figures_text(count)}")
    click.echo(f"proposed entities found (recall, relaxed) {scores.proposed_recall:.3f}  (gold {scores.proposed})")
    click.echo(f"relations         {_figures_text(scores.relations[ALL])}")


def _score_fields(scores: Scores) -> dict[str, Any]:
    from kgraph.evaluate import ALL

    return {
        "exact": {label: _figures(count) for label, count in scores.exact.items()},
        "relaxed": {label: _figures(count) for label, count in scores.relaxed.items()},
        "proposed": {"gold": scores.proposed, "right": scores.proposed_found, "recall": scores.proposed_recall},
        "relations": _figures(scores.relations[ALL]),
        "relation_types": {kind: _figures(count) for kind, count in scores.relations.items() if kind != ALL},
    }


def _figures(count: Count) -> dict[str, float]:
    return asdict(count) | {"precision": count.precision, "recall": count.recall, "f1": count.f1}


def _figures_text(count: Count) -> str:
    return f"P {count.precision:.3f}  R {count.recall:.3f}  F1 {count.f1:.3f}  (gold {count.gold})"


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Show one bar a step while the block runs; only on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(_STEPS[step], total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


@contextmanager
def progress_steps() -> Iterator[Callable[[str], None]]:
    """Give a function that shows what is done now, where stderr is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("") as status:
        yield status.update


def _write_table(rows: Sequence[Row]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        say("no rows")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, value in rows[0].items():
        table.add_column(column, justify="right" if isinstance(value, int | float) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    console = Console(soft_wrap=False, width=None if sys.stdout.isatty() else 160)
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _support(row: Row) -> str:
    return f"{_papers(row['papers'])}, confidence {row['confidence']:.2f}"


def _papers(count: int) -> str:
    return f"{count} paper" if count == 1 else f"{count} papers"


def _write_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _write_jsonl(rows: Sequence[Row]) -> None:
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False, default=str))


def _write_csv(rows: Sequence[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    if rows:
        writer.writeheader()
    writer.writerows({key: _csv_cell(value) for key, value in row.items()} for row in rows)
    click.echo(text.getvalue(), nl=False)


def _csv_cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple | dict) else value


_WRITERS: Final[dict[str, Callable[[Sequence[Any]], None]]] = {
    "table": _write_table,
    "json": _write_json,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
}
