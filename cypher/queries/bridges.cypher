// Which methods are used for both of two tasks? Most papers first.
// Papers and confidence are those of the weaker of the two relations.
// $task: Task                   the task
// $other: Task                  another task
// $min_papers: int = 1          papers behind a row, at least
// $min_confidence: float = 0    confidence of a row, at least
// $limit: int = 20              rows at most
// Edge: id USED_FOR $task
// Edge: id USED_FOR $other
// Example: kgraph query bridges -p task="object detection" -p other="image classification"
MATCH (m:Method)-[r:USED_FOR]->(:Task {id: $task})
WITH m, r.paper_id AS paper, max(r.score) AS score
WITH m, count(paper) AS task_papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS task_confidence
MATCH (m)-[r:USED_FOR]->(:Task {id: $other})
WITH m, task_papers, task_confidence, r.paper_id AS paper, max(r.score) AS score
WITH m, task_papers, task_confidence, count(paper) AS other_papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS other_confidence
WITH m, task_papers, other_papers,
     CASE WHEN task_papers < other_papers THEN task_papers ELSE other_papers END AS papers,
     CASE WHEN task_confidence < other_confidence THEN task_confidence ELSE other_confidence END AS confidence
WHERE papers >= $min_papers AND confidence >= $min_confidence
RETURN m.id AS id, m.name AS method, papers, confidence, task_papers, other_papers
ORDER BY papers DESC, confidence DESC, id
LIMIT $limit
