// Which method, dataset or task has this id?
// $id: str    the id
// Example: kgraph query entity -p id=method:transformer
MATCH (e:Method {id: $id})
RETURN e.id AS id, e.kind AS kind, e.name AS name, e.aliases AS aliases, coalesce(e.url, '') AS url
ORDER BY id
LIMIT 1
UNION ALL
MATCH (e:Dataset {id: $id})
RETURN e.id AS id, e.kind AS kind, e.name AS name, e.aliases AS aliases, coalesce(e.url, '') AS url
ORDER BY id
LIMIT 1
UNION ALL
MATCH (e:Task {id: $id})
RETURN e.id AS id, e.kind AS kind, e.name AS name, e.aliases AS aliases, coalesce(e.url, '') AS url
ORDER BY id
LIMIT 1
