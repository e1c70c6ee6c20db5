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
UNWIND [$task, $other] AS asked
MATCH (t:Task {id: asked})
OPTIONAL MATCH (t)<-[r:USED_FOR]-(m:Method)
WITH asked, m, r.paper_id AS paper, max(r.score) AS score
WITH asked, m, count(paper) AS papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence
WITH m, max(CASE WHEN asked = $task THEN papers ELSE 0 END) AS task_papers, max(CASE WHEN asked = $other THEN papers ELSE 0 END) AS other_papers,
     min(papers) AS papers, min(confidence) AS confidence
WHERE task_papers > 0 AND other_papers > 0 AND papers >= $min_papers AND confidence >= $min_confidence
RETURN m.id AS id, m.name AS method, papers, confidence, task_papers, other_papers
ORDER BY papers DESC, confidence DESC, id
LIMIT $limit
