// Which methods, datasets and tasks have so many names that they may be several things? Most names first.
// $least: int = 8     names of a row, at least
// $limit: int = 20    rows at most
// Example: kgraph query many-aliases -p least=3
MATCH (e:Method|Dataset|Task)
WHERE size(e.aliases) >= $least
RETURN e.id AS id, e.kind AS kind, e.name AS name, size(e.aliases) AS names, e.aliases AS aliases
ORDER BY names DESC, id
LIMIT $limit
