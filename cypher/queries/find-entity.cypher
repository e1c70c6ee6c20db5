// Which entities bear exactly this name or alias, in any case?
// $text: str          a name, an alias or an id
// $limit: int = 20    rows at most
MATCH (e:Method|Dataset|Task)
WITH e, $text AS text, toLower($text) AS folded
WHERE e.id = text OR toLower(e.name) = folded OR any(alias IN e.aliases WHERE toLower(alias) = folded)
RETURN e.id AS id, e.kind AS kind, e.name AS name, e.aliases AS aliases, coalesce(e.url, '') AS url,
       COUNT { MATCH (p:Paper)-[:PROPOSES|USES|COMPARES|MENTIONS]->(e) } AS papers
ORDER BY papers DESC, id
LIMIT $limit
