// Which paper has this id?
// $paper: str    the id of the paper
// Example: kgraph query paper -p paper=sample-020
MATCH (p:Paper {id: $paper})
RETURN p.id AS id, p.title AS title, p.year AS year, p.url AS url
ORDER BY id
LIMIT 1
