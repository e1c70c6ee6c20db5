// Of which papers is the year not known?
// $limit: int = 20    rows at most
// Example: kgraph query papers-without-year
MATCH (p:Paper)
WHERE p.year IS NULL
RETURN p.id AS id, p.title AS title, p.published AS published, p.source AS source
ORDER BY id
LIMIT $limit
