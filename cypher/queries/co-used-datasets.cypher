// Which datasets occur in the same papers as a dataset? Most papers first.
// $dataset: Dataset    the dataset
// $limit: int = 20     rows at most
// Edge: $dataset OCCURS_WITH id
// Example: kgraph query co-used-datasets -p dataset=ImageNet
MATCH (:Dataset {id: $dataset})<-[:PROPOSES|USES|COMPARES|MENTIONS]-(p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(o:Dataset)
WHERE o.id <> $dataset
RETURN o.id AS id, o.name AS dataset, count(DISTINCT p.id) AS papers, min(p.year) AS first_year, max(p.year) AS last_year
ORDER BY papers DESC, id
LIMIT $limit
