// Which methods are used for a task? Most papers first.
// $task: Task         the task
// $limit: int = 20    rows at most
MATCH (m:Method)-[r:USED_FOR]->(t:Task {id: $task})
RETURN m.id AS id, m.name AS method, count(DISTINCT r.paper_id) AS papers, max(r.score) AS score,
       min(r.year) AS first_year, max(r.year) AS last_year
ORDER BY papers DESC, score DESC, id
LIMIT $limit
