// Which papers spoke of a method, dataset or task first?
// $entity: Entity    the method, dataset or task
// $limit: int = 5    rows at most
// Edge: id role $entity
// Example: kgraph query first-seen -p entity=transformer
MATCH (p:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(:Method|Dataset|Task {id: $entity})
WHERE p.year IS NOT NULL
RETURN p.id AS id, p.title AS title, p.year AS year, p.published AS published, type(r) AS role, r.sentence AS sentence, p.url AS url
ORDER BY year, published, id
LIMIT $limit
