// Which datasets measure a task? Most papers first.
// $task: Task         the task
// $limit: int = 20    rows at most
MATCH (d:Dataset)-[r:BENCHMARK_FOR]->(t:Task {id: $task})
RETURN d.id AS id, d.name AS dataset, count(DISTINCT r.paper_id) AS papers, max(r.score) AS score,
       min(r.year) AS first_year, max(r.year) AS last_year
ORDER BY papers DESC, score DESC, id
LIMIT $limit
