// Which two methods are each said to build on the other? Most papers first.
// $limit: int = 20    rows at most
// Edge: source BASED_ON target
// Edge: target BASED_ON source
// Example: kgraph query mutual-bases
MATCH (a:Method)-[r:BASED_ON]->(b:Method)
WITH a.id AS id, b.id AS base, r.paper_id AS paper
WITH CASE WHEN id < base THEN id ELSE base END AS source, CASE WHEN id < base THEN base ELSE id END AS target,
     CASE WHEN id < base THEN paper END AS there, CASE WHEN id > base THEN paper END AS back
WITH source, target, count(DISTINCT there) AS there_papers, count(DISTINCT back) AS back_papers
WHERE there_papers > 0 AND back_papers > 0
WITH source, target, there_papers, back_papers
ORDER BY there_papers + back_papers DESC, source, target
LIMIT $limit
MATCH (a:Method {id: source})
WITH source, a.name AS source_name, there_papers, target, back_papers
MATCH (b:Method {id: target})
RETURN source, source_name, there_papers, target, b.name AS target_name, back_papers
ORDER BY there_papers + back_papers DESC, source, target
LIMIT $limit
