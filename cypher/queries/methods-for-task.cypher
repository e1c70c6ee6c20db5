// Which methods are used for a task? Most papers first.
// $task: Task                   the task
// $min_papers: int = 1          papers behind a row, at least
// $min_confidence: float = 0    confidence of a row, at least
// $limit: int = 20              rows at most
// Edge: id USED_FOR $task
// Example: kgraph query methods-for-task -p task="object detection"
MATCH (m:Method)-[r:USED_FOR]->(:Task {id: $task})
WITH m, r.paper_id AS paper, r.year AS year, max(r.score) AS score
WITH m, count(paper) AS papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence,
     min(year) AS first_year, max(year) AS last_year
WHERE papers >= $min_papers AND confidence >= $min_confidence
RETURN m.id AS id, m.name AS method, papers, confidence, first_year, last_year
ORDER BY papers DESC, confidence DESC, id
LIMIT $limit
