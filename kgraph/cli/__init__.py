"""The command line: parses, calls the library, prints. Every command is a documented function of the package."""

from kgraph.cli import databases, extraction, files, questions, serving
from kgraph.cli.group import main

__all__ = ["databases", "extraction", "files", "main", "questions", "serving"]
