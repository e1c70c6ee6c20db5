"""The command `kgraph`, without its commands."""

from __future__ import annotations

import logging
import sys

import click

from kgraph import __version__
from kgraph.one_line_errors import OneLineErrors


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="kgraph")
def main() -> None:
    """Turn paper abstracts into a knowledge graph of methods, datasets and tasks, with evidence on every edge."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
