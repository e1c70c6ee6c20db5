// Constraints and indexes of Neo4j 5 and later; all of them are allowed in the Community edition.
// A statement ends with a semicolon at the end of its line. Run at every opening for writing.
CREATE CONSTRAINT kgraph_paper_id IF NOT EXISTS FOR (n:Paper) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT kgraph_method_id IF NOT EXISTS FOR (n:Method) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT kgraph_dataset_id IF NOT EXISTS FOR (n:Dataset) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT kgraph_task_id IF NOT EXISTS FOR (n:Task) REQUIRE n.id IS UNIQUE;

CREATE CONSTRAINT kgraph_proposes_id IF NOT EXISTS FOR ()-[r:PROPOSES]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_uses_id IF NOT EXISTS FOR ()-[r:USES]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_compares_id IF NOT EXISTS FOR ()-[r:COMPARES]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_mentions_id IF NOT EXISTS FOR ()-[r:MENTIONS]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_used_for_id IF NOT EXISTS FOR ()-[r:USED_FOR]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_evaluated_on_id IF NOT EXISTS FOR ()-[r:EVALUATED_ON]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_benchmark_for_id IF NOT EXISTS FOR ()-[r:BENCHMARK_FOR]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_based_on_id IF NOT EXISTS FOR ()-[r:BASED_ON]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_compared_with_id IF NOT EXISTS FOR ()-[r:COMPARED_WITH]-() REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT kgraph_subtask_of_id IF NOT EXISTS FOR ()-[r:SUBTASK_OF]-() REQUIRE r.id IS UNIQUE;

// A paper's statements are found by these when it is replaced.
CREATE INDEX kgraph_proposes_paper_id IF NOT EXISTS FOR ()-[r:PROPOSES]-() ON (r.paper_id);
CREATE INDEX kgraph_uses_paper_id IF NOT EXISTS FOR ()-[r:USES]-() ON (r.paper_id);
CREATE INDEX kgraph_compares_paper_id IF NOT EXISTS FOR ()-[r:COMPARES]-() ON (r.paper_id);
CREATE INDEX kgraph_mentions_paper_id IF NOT EXISTS FOR ()-[r:MENTIONS]-() ON (r.paper_id);
CREATE INDEX kgraph_used_for_paper_id IF NOT EXISTS FOR ()-[r:USED_FOR]-() ON (r.paper_id);
CREATE INDEX kgraph_evaluated_on_paper_id IF NOT EXISTS FOR ()-[r:EVALUATED_ON]-() ON (r.paper_id);
CREATE INDEX kgraph_benchmark_for_paper_id IF NOT EXISTS FOR ()-[r:BENCHMARK_FOR]-() ON (r.paper_id);
CREATE INDEX kgraph_based_on_paper_id IF NOT EXISTS FOR ()-[r:BASED_ON]-() ON (r.paper_id);
CREATE INDEX kgraph_compared_with_paper_id IF NOT EXISTS FOR ()-[r:COMPARED_WITH]-() ON (r.paper_id);
CREATE INDEX kgraph_subtask_of_paper_id IF NOT EXISTS FOR ()-[r:SUBTASK_OF]-() ON (r.paper_id);

// What `kgraph analyze --write` writes: who is in the same community is asked by it.
CREATE INDEX kgraph_method_community IF NOT EXISTS FOR (n:Method) ON (n.community);
CREATE INDEX kgraph_dataset_community IF NOT EXISTS FOR (n:Dataset) ON (n.community);
CREATE INDEX kgraph_task_community IF NOT EXISTS FOR (n:Task) ON (n.community);

// No such node is ever stored: a load makes one in a transaction that it never commits, so that a second load must wait.
CREATE CONSTRAINT kgraph_lock_id IF NOT EXISTS FOR (n:KgraphLock) REQUIRE n.id IS UNIQUE;
