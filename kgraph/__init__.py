"""Paper abstracts in, a knowledge graph of methods, datasets and tasks out.

    read -> extract -> link -> graph -> store -> query | view | export

Each step is a module of that name with one public function to start from: `read_papers`, `extract_papers`,
`link_mentions`, `build_graph`, `open_store`, `run_query`, `write_view`, `write_export`; `build.build` calls them in
order. Importing `kgraph` itself imports nothing heavy.
"""

__version__ = "0.1.0"
