// Which tasks does a dataset measure? Most papers first.
// $dataset: Dataset             the dataset
// $min_papers: int = 1          papers behind a row, at least
// $min_confidence: float = 0    confidence of a row, at least
// $limit: int = 20              rows at most
// Edge: $dataset BENCHMARK_FOR id
// Example: kgraph query tasks-of-dataset -p dataset=COCO
MATCH (:Dataset {id: $dataset})-[r:BENCHMARK_FOR]->(t:Task)
WITH t, r.paper_id AS paper, r.year AS year, max(r.score) AS score
WITH t, count(paper) AS papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence,
     min(year) AS first_year, max(year) AS last_year
WHERE papers >= $min_papers AND confidence >= $min_confidence
RETURN t.id AS id, t.name AS task, papers, confidence, first_year, last_year
ORDER BY papers DESC, confidence DESC, id
LIMIT $limit
