// Which entities have a name or alias that contains this text, in any case? Most papers first.
// $text: str          a part of a name or alias
// $limit: int = 20    rows at most
// Example: kgraph query search-entities -p text=network
MATCH (e:Method|Dataset|Task)
WITH e, toLower($text) AS folded
WHERE toLower(e.name) CONTAINS folded OR any(alias IN e.aliases WHERE toLower(alias) CONTAINS folded)
OPTIONAL MATCH (:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(e)
WITH e, count(r.id) AS papers
RETURN e.id AS id, e.kind AS kind, e.name AS name, e.aliases AS aliases, papers
ORDER BY papers DESC, size(name), id
LIMIT $limit
