// Which papers propose a method, dataset or task? Oldest first.
// $entity: Entity     the method, dataset or task
// $limit: int = 20    rows at most
// Edge: id PROPOSES $entity
// Example: kgraph query papers-proposing -p entity=SeedDETR
MATCH (p:Paper)-[r:PROPOSES]->(e:Method|Dataset|Task {id: $entity})
RETURN p.id AS id, p.title AS title, r.year AS year, r.score AS score, r.sentence AS sentence, p.url AS url
ORDER BY coalesce(r.year, 9999), id
LIMIT $limit
