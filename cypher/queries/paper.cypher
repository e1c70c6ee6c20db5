// Which paper has this id?
// $paper: str    the id of the paper
MATCH (p:Paper {id: $paper})
RETURN p.id AS id, p.title AS title, p.year AS year, p.url AS url
ORDER BY id
