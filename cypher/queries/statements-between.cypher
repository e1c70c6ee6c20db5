// Which statements lead from one entity to another, with their sentences? Those of the best supported relation first.
// $source: Entity               the method, dataset or task that the statements begin at
// $target: Entity               the one that they lead to
// $min_papers: int = 1          papers that state their relation, at least
// $min_confidence: float = 0    confidence of their relation, at least
// $limit: int = 50              rows at most
// Edge: $source type $target
// Example: kgraph query statements-between -p source=SeedDETR -p target=COCO
MATCH (a:Method|Dataset|Task {id: $source})-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(b:Method|Dataset|Task {id: $target})
WITH a, b, type(r) AS type, r.paper_id AS paper, max(r.score) AS score
WITH a, b, type, count(paper) AS papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence
WHERE papers >= $min_papers AND confidence >= $min_confidence
MATCH (a)-[r:USED_FOR|EVALUATED_ON|BENCHMARK_FOR|BASED_ON|COMPARED_WITH|SUBTASK_OF]->(b)
WHERE type(r) = type
MATCH (p:Paper {id: r.paper_id})
RETURN a.name AS source, type, b.name AS target, papers, confidence,
       p.id AS paper, p.title AS title, r.year AS year, p.url AS url, r.score AS score, r.component AS component,
       r.sentence AS sentence, r.start_char AS start_char, r.end_char AS end_char,
       r.context AS context, r.context_start_char AS context_start_char, r.context_end_char AS context_end_char, r.id AS id
ORDER BY papers DESC, confidence DESC, type, score DESC, id
LIMIT $limit
