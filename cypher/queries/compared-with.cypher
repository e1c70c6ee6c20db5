// Which methods is a method compared with, in either direction? Most papers first.
// $method: Method               the method
// $min_papers: int = 1          papers behind a row, at least
// $min_confidence: float = 0    confidence of a row, at least
// $limit: int = 20              rows at most
// Edge: $method COMPARED_WITH id
// Example: kgraph query compared-with -p method=SeedDETR
MATCH (:Method {id: $method})-[r:COMPARED_WITH]-(o:Method)
WHERE o.id <> $method
WITH o, r.paper_id AS paper, max(r.score) AS score
WITH o, count(paper) AS papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence
WHERE papers >= $min_papers AND confidence >= $min_confidence
RETURN o.id AS id, o.name AS method, papers, confidence
ORDER BY papers DESC, confidence DESC, id
LIMIT $limit
