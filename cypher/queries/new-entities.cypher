// Which methods, datasets or tasks were first spoken of in a year? Most papers first.
// $year: year              the year
// $type: Label = Method    Method, Dataset or Task
// $limit: int = 20         rows at most
// Example: kgraph query new-entities -p year=2024
MATCH (p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(e:Method|Dataset|Task)
WHERE e.kind = $type AND p.year IS NOT NULL
WITH e, min(p.year) AS first_year, count(*) AS papers
WHERE first_year = $year
RETURN e.id AS id, e.name AS name, papers
ORDER BY papers DESC, id
LIMIT $limit
