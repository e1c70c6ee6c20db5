// Which two methods are each said to build on the other? Most papers first.
// $limit: int = 20    rows at most
// Edge: source BASED_ON target
// Edge: target BASED_ON source
// Example: kgraph query mutual-bases
MATCH (a:Method)-[there:BASED_ON]->(b:Method)-[back:BASED_ON]->(c:Method)
WHERE c.id = a.id AND a.id < b.id
WITH a, b, count(DISTINCT there.paper_id) AS there_papers, count(DISTINCT back.paper_id) AS back_papers
RETURN a.id AS source, a.name AS source_name, there_papers, b.id AS target, b.name AS target_name, back_papers
ORDER BY there_papers + back_papers DESC, source, target
LIMIT $limit
