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
MATCH (:Method {id: $method})-[r:USED_FOR|EVALUATED_ON]->(x:Task|Dataset)
WITH x, type(r) AS relation, r.paper_id AS paper, max(r.score) AS score
WITH x, relation, count(paper) AS method_papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS method_confidence
MATCH (:Method {id: $other})-[r:USED_FOR|EVALUATED_ON]->(x)
WITH x, relation, method_papers, method_confidence, r.paper_id AS paper, max(r.score) AS score
WITH x, relation, method_papers, method_confidence, count(paper) AS other_papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS other_confidence
WITH x, relation, method_papers, other_papers,
     CASE WHEN method_papers < other_papers THEN method_papers ELSE other_papers END AS papers,
     CASE WHEN method_confidence < other_confidence THEN method_confidence ELSE other_confidence END AS confidence
WHERE papers >= $min_papers AND confidence >= $min_confidence
RETURN relation, x.id AS id, x.kind AS kind, x.name AS name, papers, confidence, method_papers, other_papers
ORDER BY papers DESC, confidence DESC, id
LIMIT $limit
