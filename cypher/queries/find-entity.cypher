// Which entities bear exactly this name or alias, in any case? Most papers first.
// $text: str          a name, an alias or an id
// $limit: int = 20    rows at most
// Example: kgraph query find-entity -p text=transformer
MATCH (e:Method|Dataset|Task)
WITH e, $text AS text, toLower($text) AS folded
WHERE e.id = text OR toLower(e.name) = folded OR any(alias IN e.aliases WHERE toLower(alias) = folded)
OPTIONAL MATCH (:Paper)-[r:PROPOSES|USES|COMPARES|MENTIONS]->(e)
WITH e, count(r.id) AS papers
RETURN e.id AS id, e.kind AS kind, e.name AS name, e.aliases AS aliases, coalesce(e.url, '') AS url, papers
ORDER BY papers DESC, id
LIMIT $limit
