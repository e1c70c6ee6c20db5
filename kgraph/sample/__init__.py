"""The bundled sample: 60 abstracts in `papers.jsonl`, enough for a small graph over the years 2014 to 2026.

The papers do not exist. They were written for this package, by the names of real methods, datasets and tasks, so
that `kgraph demo` and the tests have something to read that may be given away. The methods that they propose and
all of their findings are invented: never cite them. The authors' names are placeholders.

One JSON object a line: `id`, `title`, `abstract`, `published` (`2016-05-19` or `2016-10`), `authors`, `url` (empty).
Two more lines test a reader: `sample-061` has no abstract, `sample-062` repeats `sample-021` under another id.

Hard cases are in it on purpose:

- one abbreviation for two things: SAM (sharpness-aware minimization, Segment Anything Model), GAT (graph attention
  network, gated adversarial training), RAG (region adjacency graph, retrieval-augmented generation), MT (machine
  translation, mean teacher), CL (contrastive learning, continual learning);
- one thing in several spellings: pre-training and pretraining, graph neural networks and Graph Neural Network;
- abbreviations that only another paper spells out: BERT, LLMs, GNN;
- a task in one paper that is a method in another: federated learning, quantization;
- negations and hedges: "Unlike BERT", "we do not use", "without adversarial training", future work;
- LaTeX, HTML entities, accents, decimals, "et al.", "e.g.", "i.e.", "respectively", a word split at a line's end;
- titles with a colon, with a question mark, in capitals; an abstract of two sentences.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def sample_path() -> Path:
    """Return the path of the sample's JSONL file, as it lies in a checkout or an installed wheel."""
    return Path(str(files(__name__) / "papers.jsonl"))
