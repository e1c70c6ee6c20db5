// Which methods were evaluated on most of the datasets that measure a task?
// $task: Task         the task
// $limit: int = 20    rows at most
// Edge: id EVALUATED_FOR $task
// Example: kgraph query leaderboard -p task="object detection"
MATCH (m:Method)-[r:EVALUATED_ON]->(d:Dataset)-[:BENCHMARK_FOR]->(:Task {id: $task})
RETURN m.id AS id, m.name AS method, count(DISTINCT d.id) AS datasets, count(DISTINCT r.paper_id) AS papers, max(r.year) AS last_year
ORDER BY datasets DESC, papers DESC, id
LIMIT $limit
