// Who wrote most papers that speak of a method, dataset or task?
// $entity: Entity     the method, dataset or task
// $limit: int = 20    rows at most
// Example: kgraph query authors-for-entity -p entity=transformer
MATCH (p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(:Method|Dataset|Task {id: $entity})
UNWIND p.authors AS author
RETURN author, count(DISTINCT p.id) AS papers, min(p.year) AS first_year, max(p.year) AS last_year
ORDER BY papers DESC, author
LIMIT $limit
