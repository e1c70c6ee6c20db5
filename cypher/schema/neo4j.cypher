// Constraints and indexes of Neo4j 5 and later; all of them are allowed in the Community edition.
// A statement ends with a semicolon at the end of its line. Run at every opening for writing.
CREATE CONSTRAINT kgraph_paper_id IF NOT EXISTS FOR (n:Paper) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT kgraph_method_id IF NOT EXISTS FOR (n:Method) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT kgraph_dataset_id IF NOT EXISTS FOR (n:Dataset) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT kgraph_task_id IF NOT EXISTS FOR (n:Task) REQUIRE n.id IS UNIQUE;

// No statement twice; and a paper's statements are found by these when it is replaced.
CREATE CONSTRAINT kgraph_proposes_statement IF NOT EXISTS FOR ()-[r:PROPOSES]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_uses_statement IF NOT EXISTS FOR ()-[r:USES]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_compares_statement IF NOT EXISTS FOR ()-[r:COMPARES]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_mentions_statement IF NOT EXISTS FOR ()-[r:MENTIONS]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_used_for_statement IF NOT EXISTS FOR ()-[r:USED_FOR]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_evaluated_on_statement IF NOT EXISTS FOR ()-[r:EVALUATED_ON]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_benchmark_for_statement IF NOT EXISTS FOR ()-[r:BENCHMARK_FOR]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_based_on_statement IF NOT EXISTS FOR ()-[r:BASED_ON]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_compared_with_statement IF NOT EXISTS FOR ()-[r:COMPARED_WITH]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;
CREATE CONSTRAINT kgraph_subtask_of_statement IF NOT EXISTS FOR ()-[r:SUBTASK_OF]-() REQUIRE (r.paper_id, r.id) IS UNIQUE;

// What `kgraph analyze --write` writes: who is in the same community is asked by it.
CREATE INDEX kgraph_method_community IF NOT EXISTS FOR (n:Method) ON (n.community);
CREATE INDEX kgraph_dataset_community IF NOT EXISTS FOR (n:Dataset) ON (n.community);
CREATE INDEX kgraph_task_community IF NOT EXISTS FOR (n:Task) ON (n.community);

// No such node is ever stored: a load makes one in a transaction that it never commits, so that a second load must wait.
CREATE CONSTRAINT kgraph_lock_id IF NOT EXISTS FOR (n:KgraphLock) REQUIRE n.id IS UNIQUE;
