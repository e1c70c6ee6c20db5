// Which tasks and datasets do two methods share? Most papers first.
// Papers and confidence are those of the weaker of the two relations.
// $method: Method               the method
// $other: Method                another method
// $min_papers: int = 1          papers behind a row, at least
// $min_confidence: float = 0    confidence of a row, at least
// $limit: int = 20              rows at most
// Edge: $method relation id
// Edge: $other relation id
// Example: kgraph query common-ground -p method=transformer -p other=LSTM
UNWIND [$method, $other] AS asked
MATCH (m:Method {id: asked})
OPTIONAL MATCH (m)-[r:USED_FOR|EVALUATED_ON]->(x:Task|Dataset)
WITH asked, x, type(r) AS relation, r.paper_id AS paper, max(r.score) AS score
WITH asked, x, relation, count(paper) AS papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence
WITH x, relation, max(CASE WHEN asked = $method THEN papers ELSE 0 END) AS method_papers, max(CASE WHEN asked = $other THEN papers ELSE 0 END) AS other_papers,
     min(papers) AS papers, min(confidence) AS confidence
WHERE method_papers > 0 AND other_papers > 0 AND papers >= $min_papers AND confidence >= $min_confidence
RETURN relation, x.id AS id, x.kind AS kind, x.name AS name, papers, confidence, method_papers, other_papers
ORDER BY papers DESC, confidence DESC, id
LIMIT $limit
