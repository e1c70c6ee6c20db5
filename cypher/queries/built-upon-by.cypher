// What builds on a method, directly and over several steps? Nearest first.
// Papers and confidence are those of the weakest step on the way; of several ways of that length, the best.
// No further step is taken once there are $limit rows.
// $method: Method               the method
// $depth: 1..3 = 3              steps away at most
// $min_papers: int = 1          papers behind a row, at least
// $min_confidence: float = 0    confidence of a row, at least
// $limit: int = 20              rows at most
// Edge: id BASED_ON $method
// Example: kgraph query built-upon-by -p method=transformer
MATCH (:Method {id: $method})<-[r:BASED_ON]-(b:Method)
WHERE b.id <> $method
WITH b.id AS id, r.paper_id AS paper, max(r.score) AS score
WITH id, 1 AS steps, count(paper) AS papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS confidence
WHERE papers >= $min_papers AND confidence >= $min_confidence
WITH id, steps, papers, confidence
ORDER BY steps, papers DESC, confidence DESC, id
LIMIT $limit
WITH $depth AS depth, count(id) AS reached, collect({id: id, steps: steps, papers: papers, confidence: confidence}) AS found
UNWIND found AS one
WITH one.id AS id, one.steps AS steps, one.papers AS papers, one.confidence AS confidence, depth, reached
MATCH (a:Method {id: id})
OPTIONAL MATCH (a)<-[r:BASED_ON]-(b:Method)
WHERE depth >= 2 AND reached < $limit AND steps = 1 AND b.id <> $method
WITH id, steps, papers, confidence, b.id AS next, r.paper_id AS paper, max(r.score) AS score
WITH id, steps, papers, confidence, next, count(paper) AS step_papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS step_confidence
UNWIND [0, 1] AS step
WITH step, id, steps, papers, confidence, next, step_papers, step_confidence
WHERE step = 0 OR step_papers >= $min_papers AND step_confidence >= $min_confidence
WITH CASE step WHEN 0 THEN id ELSE next END AS id, steps + step AS steps,
     CASE WHEN step = 1 AND step_papers < papers THEN step_papers ELSE papers END AS papers,
     CASE WHEN step = 1 AND step_confidence < confidence THEN step_confidence ELSE confidence END AS confidence
WITH id, min(steps) AS steps, max(papers - 1000000 * steps) + 1000000 * min(steps) AS papers,
     round(max(confidence - steps) + min(steps), 4) AS confidence
ORDER BY steps, papers DESC, confidence DESC, id
LIMIT $limit
WITH $depth AS depth, count(id) AS reached, collect({id: id, steps: steps, papers: papers, confidence: confidence}) AS found
UNWIND found AS one
WITH one.id AS id, one.steps AS steps, one.papers AS papers, one.confidence AS confidence, depth, reached
MATCH (a:Method {id: id})
OPTIONAL MATCH (a)<-[r:BASED_ON]-(b:Method)
WHERE depth >= 3 AND reached < $limit AND steps = 2 AND b.id <> $method
WITH id, steps, papers, confidence, b.id AS next, r.paper_id AS paper, max(r.score) AS score
WITH id, steps, papers, confidence, next, count(paper) AS step_papers,
     round(1 - 10 ^ (sum(round(1e6 * log10(1 - CASE WHEN score > 0.9999 THEN 0.9999 ELSE score END), 0)) / 1e6), 4) AS step_confidence
UNWIND [0, 1] AS step
WITH step, id, steps, papers, confidence, next, step_papers, step_confidence
WHERE step = 0 OR step_papers >= $min_papers AND step_confidence >= $min_confidence
WITH CASE step WHEN 0 THEN id ELSE next END AS id, steps + step AS steps,
     CASE WHEN step = 1 AND step_papers < papers THEN step_papers ELSE papers END AS papers,
     CASE WHEN step = 1 AND step_confidence < confidence THEN step_confidence ELSE confidence END AS confidence
WITH id, min(steps) AS steps, max(papers - 1000000 * steps) + 1000000 * min(steps) AS papers,
     round(max(confidence - steps) + min(steps), 4) AS confidence
MATCH (o:Method {id: id})
RETURN id, o.name AS method, steps, papers, confidence
ORDER BY steps, papers DESC, confidence DESC, id
LIMIT $limit
