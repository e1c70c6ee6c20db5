// How many papers speak of a method, dataset or task each year, and how many propose it?
// $entity: Entity    the method, dataset or task
// Example: kgraph query trend -p entity=transformer
MATCH (p:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(:Method|Dataset|Task {id: $entity})
RETURN p.year AS year, count(*) AS papers, count(CASE WHEN type(r) = 'PROPOSES' THEN 1 END) AS proposed
ORDER BY year
