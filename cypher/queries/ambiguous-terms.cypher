// Which names are borne by entities of several kinds? Most papers first.
// $limit: int = 20    rows at most
// Edge: source SAME_TERM_AS target
// Example: kgraph query ambiguous-terms
MATCH (a:Method|Dataset|Task)-[:SAME_TERM_AS]->(b:Method|Dataset|Task)
OPTIONAL MATCH (:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(a)
WITH a, b, count(r.id) AS source_papers
OPTIONAL MATCH (:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(b)
WITH a, b, source_papers, count(r.id) AS target_papers
RETURN a.id AS source, a.name AS source_name, source_papers, b.id AS target, b.name AS target_name, target_papers
ORDER BY source_papers + target_papers DESC, source, target
LIMIT $limit
