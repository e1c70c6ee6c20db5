// What builds on a method, up to three steps away? Nearest first.
// Papers and confidence are those of the weakest step on the way; of several ways, the best.
// $method: Method               the method
// $min_papers: int = 1          papers behind a row, at least
// $min_confidence: float = 0    confidence of a row, at least
// $limit: int = 20              rows at most
MATCH (:Method {id: $method})<-[r:BASED_ON]-(a:Method)
WITH a, r.paper_id AS paper, max(r.score) AS score
WITH a, count(paper) AS papers1,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence1
OPTIONAL MATCH (a)<-[r:BASED_ON]-(b:Method)
WITH a, papers1, confidence1, b, r.paper_id AS paper, max(r.score) AS score
WITH a, papers1, confidence1, b, count(paper) AS papers2,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence2
OPTIONAL MATCH (b)<-[r:BASED_ON]-(c:Method)
WITH a, papers1, confidence1, b, papers2, confidence2, c, r.paper_id AS paper, max(r.score) AS score
WITH a, papers1, confidence1, b, papers2, confidence2, c, count(paper) AS papers3,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence3
UNWIND [1, 2, 3] AS steps
WITH steps, papers3, confidence3, CASE steps WHEN 1 THEN a.id WHEN 2 THEN b.id ELSE c.id END AS id,
     CASE steps WHEN 1 THEN a.name WHEN 2 THEN b.name ELSE c.name END AS method,
     CASE WHEN steps > 1 AND papers2 < papers1 THEN papers2 ELSE papers1 END AS papers,
     CASE WHEN steps > 1 AND confidence2 < confidence1 THEN confidence2 ELSE confidence1 END AS confidence
WITH steps, id, method,
     CASE WHEN steps > 2 AND papers3 < papers THEN papers3 ELSE papers END AS papers,
     CASE WHEN steps > 2 AND confidence3 < confidence THEN confidence3 ELSE confidence END AS confidence
WHERE id <> $method AND papers >= $min_papers AND confidence >= $min_confidence
RETURN id, method, min(steps) AS steps, max(papers) AS papers, max(confidence) AS confidence
ORDER BY steps, papers DESC, confidence DESC, id
LIMIT $limit
