// Which papers name no dataset? Newest first.
// $limit: int = 20    rows at most
// Example: kgraph query papers-without-dataset
MATCH (p:Paper)
WHERE NOT EXISTS { MATCH (p)-[:PROPOSES|USES|COMPARES|MENTIONS]->(:Dataset) }
RETURN p.id AS id, p.title AS title, p.year AS year, p.source AS source
ORDER BY coalesce(p.year, 0) DESC, id
LIMIT $limit
