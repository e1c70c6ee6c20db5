// Which papers name no method, dataset or task? Newest first.
// $limit: int = 20    rows at most
// Example: kgraph query papers-without-entities
MATCH (p:Paper)
WHERE NOT EXISTS { MATCH (p)-[:PROPOSES|USES|COMPARES|MENTIONS]->(:Method|Dataset|Task) }
RETURN p.id AS id, p.title AS title, p.year AS year, p.source AS source
ORDER BY coalesce(p.year, 0) DESC, id
LIMIT $limit
