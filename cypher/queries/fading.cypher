// Which methods, datasets or tasks were mostly spoken of before a year? Largest share of their papers first.
// $since: year             the year that counts as recent, and all after it
// $type: Label = Method    Method, Dataset or Task
// $least: int = 3          earlier papers of a row, at least
// $limit: int = 20         rows at most
// Example: kgraph query fading -p since=2024 -p least=2
MATCH (p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(e:Method|Dataset|Task)
WHERE e.kind = $type AND p.year IS NOT NULL
WITH e, count(CASE WHEN p.year < $since THEN 1 END) AS earlier, count(*) AS papers, max(p.year) AS last_year
WHERE earlier >= $least
RETURN e.id AS id, e.name AS name, earlier, papers, 1.0 * earlier / papers AS share, last_year
ORDER BY share DESC, earlier DESC, id
LIMIT $limit
