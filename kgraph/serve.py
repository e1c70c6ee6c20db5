"""The page of `kgraph view` from a local server, for databases that are too big for one file.

The page holds its picture; search, neighbours and evidence are asked for when they are needed. Only this machine is
listened to, only pages of this server are answered (a page of the web could ask `localhost` too, or have its own name
point here), and nothing can be changed: there is no route but GET, and the store is open for reading.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Event, Lock
from types import FrameType
from typing import Any, Final
from urllib.parse import unquote

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kgraph.errors import KgraphError, NotFoundError, StoreError, UsageError
from kgraph.schema import EDGE_TYPES, ENTITY_LABELS, PAPER, ROLE_TYPES, Statement
from kgraph.store import Row, Step, Store
from kgraph.support import relation_of
from kgraph.view import Comparison, Core, Ego, Kind, Lineage, StoredGraph, Topic, Trend, render_view
from kgraph.view.expand import expand

HOST: Final = "127.0.0.1"
PORT: Final = 8765
PAGE_OF_EVIDENCE: Final = 40
HITS: Final = 10

_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
_SHORT: Final = 3  # letters; what contains a shorter text is nearly everything
_LONGEST_REQUEST: Final = 1 << 20  # bytes; who expands a node names all nodes of the page
_START_PAGES: Final = (Core(), Trend("year"), Trend("month"))
_NOTHING_ELSE: Final = "default-src 'none'; frame-ancestors 'none'"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_STATUSES: Final = ((NotFoundError, 404), (UsageError, 400), (StoreError, 503), (KgraphError, 500))

_ENTITY: Final = "|".join(ENTITY_LABELS)
_ROLE: Final = "|".join(ROLE_TYPES.values())
_ROLES: Final = {type: role for role, type in ROLE_TYPES.items()}
# Right after a WHERE the embedded engine would lose the rows for which an any() of what is returned is false.
_SEARCH: Final = f"""
MATCH (e:{_ENTITY})
WITH e, toLower($text) AS text
WHERE toLower(e.name) {{holds}} text OR any(alias IN e.aliases WHERE toLower(alias) {{holds}} text)
OPTIONAL MATCH (p:{PAPER})-[:{_ROLE}]->(e)
WITH e, text, count(DISTINCT p.id) AS papers
RETURN e.id AS id, e.kind AS label, e.name AS name, e.aliases AS aliases, papers, CASE
    WHEN toLower(e.name) = text OR any(alias IN e.aliases WHERE toLower(alias) = text) THEN 0
    WHEN toLower(e.name) STARTS WITH text OR any(alias IN e.aliases WHERE toLower(alias) STARTS WITH text) THEN 1
    ELSE 2 END AS distance
ORDER BY distance, papers DESC, size(name), id LIMIT {HITS}"""


def serve(store: Store, port: int = PORT, *, on_start: Callable[[str], None]) -> None:
    """Serve the page of a store until Ctrl-C; `on_start` gets its address. Port 0 is one that is free.

    Raises `KgraphError` when the port cannot be had.
    """
    # Who waits for a page would rather hear at once that the database is away than a minute later.
    store.give_up()
    server = make_server(store)
    with listen(port) as listener, suppress(KeyboardInterrupt):
        on_start(f"http://{HOST}:{listener.getsockname()[1]}/")
        server.run(sockets=[listener])


def listen(port: int) -> socket.socket:
    """Return a socket that listens to this machine only; raises `KgraphError` when the port cannot be had."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise KgraphError(f"port {port}: {reason}; --port takes another one, and 0 one that is free") from error


def make_server(store: Store) -> uvicorn.Server:
    """Return a server of the page of a store; told to end, it lets no further query begin."""
    shared = SharedStore(store)
    config = uvicorn.Config(
        make_app(shared),
        http="h11",
        h11_max_incomplete_event_size=_LONGEST_REQUEST,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    return _Server(config, shared.stop)


def make_app(store: Store) -> Starlette:
    """Return the page of a store and what it asks for, as an ASGI application; its threads share the store."""
    answers = _Answers(store if isinstance(store, SharedStore) else SharedStore(store))
    routes = [
        Route("/", answers.page),
        Route("/api/search", answers.search),
        Route("/api/expand", answers.expand),
        Route("/api/evidence", answers.evidence),
    ]
    middleware = [Middleware(_Guard), Middleware(TrustedHostMiddleware, allowed_hosts=_NAMES, www_redirect=False)]
    app = Starlette(
        routes=routes, middleware=middleware, exception_handlers={KgraphError: _refuse, HTTPException: _refuse}
    )
    app.router.redirect_slashes = False
    return app


class _Answers:
    """What the routes answer."""

    def __init__(self, store: Store) -> None:
        self._store, self._graph = store, StoredGraph(store, on_demand=True)
        self._start_pages: dict[Kind, tuple[tuple[int, int], str]] = {}
        self._making = Lock()

    def page(self, request: Request) -> Response:
        """Return a page; those that look at the whole graph are made once, and again when the graph has grown."""
        asked = request.query_params.multi_items()
        kind = _kind(sorted(asked))
        if kind not in _START_PAGES:
            return _page(self._render(kind, dict(asked)))
        with self._making:
            size = self._graph.size()
            if kind not in self._start_pages or self._start_pages[kind][0] != size:
                self._start_pages[kind] = size, self._render(kind, {})
            return _page(self._start_pages[kind][1])

    def search(self, request: Request) -> Response:
        """Return the entities that bear a text as a name, then as its beginning or a part of it, most papers first."""
        match request.query_params.multi_items():
            case [("q", text)]:
                return JSONResponse({"nodes": self._hits(text.strip())})
        raise UsageError("search for one text: /api/search?q=TEXT")

    def expand(self, request: Request) -> Response:
        """Return the neighbours of a node that a page does not hold yet; see `kgraph.view.expand`."""
        asked = dict(request.query_params)
        most = _number(asked.pop("most", "1"))
        match sorted(asked.items()):
            case [("node", node), ("shown", shown)]:
                known = [unquote(one) for one in shown.split(",") if one]
                return JSONResponse(expand(self._graph, node, known, most))
        raise UsageError("expand one node: /api/expand?node=ID&shown=ID,ID&most=PAPERS")

    def evidence(self, request: Request) -> Response:
        """Return a page of the statements behind a node or a line, and how many there are."""
        asked = dict(request.query_params)
        offset = _number(asked.pop("offset", "0"))
        match sorted(asked.items()):
            case [("node", node)]:
                total, found = self._said_of(node, offset)
            case [("source", source), ("target", target), ("type", type)] if type in EDGE_TYPES:
                stated = self._stated(type, source, target)
                total, found = len(stated), stated[offset : offset + PAGE_OF_EVIDENCE]
            case _:
                raise UsageError("evidence is that of one node=ID, or of one line: type=T&source=ID&target=ID")
        return JSONResponse({"total": total, "statements": self._told(found)})

    def _render(self, kind: Kind, asked: Mapping[str, str]) -> str:
        ids = [asked[key] for key in ("focus", "topic", "lineage", "compare", "with") if key in asked]
        found = self._graph.nodes(ids)
        title = " and ".join(found[one].name for one in ids if one in found)
        return render_view(self._graph, kind, title=title or "kgraph").html

    def _hits(self, text: str) -> list[Row]:
        if not text:
            return []
        holds = "STARTS WITH" if len(text) < _SHORT else "CONTAINS"
        return [_hit(row, text) for row in self._store.run(_SEARCH.format(holds=holds), {"text": text})]

    def _said_of(self, node_id: str, offset: int) -> tuple[int, list[Statement]]:
        """Return how many statements say what papers do with a node, and some of them."""
        total = self._graph.papers_of([node_id]).get(node_id, 0)
        if not total and node_id not in self._graph.nodes([node_id]):
            raise NotFoundError(f"no entity or paper has the id {node_id!r}")
        return total, self._graph.roles(node_id, offset, PAGE_OF_EVIDENCE)

    def _stated(self, type: str, source: str, target: str) -> list[Statement]:
        found = self._graph.statements(relation_of(type, source, target))
        if not found:
            raise NotFoundError(f"no paper states that {source} {type} {target}")
        return found

    def _told(self, statements: list[Statement]) -> list[Row]:
        papers = self._graph.cited({one.paper_id for one in statements})
        return [
            {
                "role": _ROLES.get(one.type),
                "paper": {"title": paper.title, "year": paper.year, "url": paper.url},
                "sentence": one.sentence,
                "score": one.score,
                "component": one.component,
                "context": one.context or None,
            }
            for one in statements
            for paper in (papers[one.paper_id],)
        ]


def _kind(asked: list[tuple[str, str]]) -> Kind:
    """Return the kind of picture that the address of a page asks for."""
    match asked:
        case []:
            return Core()
        case [("focus", node)]:
            return Ego(node)
        case [("depth", "1" | "2" as depth), ("focus", node)]:
            return Ego(node, int(depth))
        case [("topic", task)]:
            return Topic(task)
        case [("lineage", method)]:
            return Lineage(method)
        case [("compare", one), ("with", other)]:
            return Comparison(one, other)
        case [("view", "trend")]:
            return Trend()
        case [("by", "year"), ("view", "trend")]:
            return Trend("year")
        case [("by", "month"), ("view", "trend")]:
            return Trend("month")
    raise UsageError(
        "pages are /, /?focus=ID, /?focus=ID&depth=2, /?topic=ID, /?lineage=ID, /?compare=ID&with=ID, "
        "/?view=trend, /?view=trend&by=month"
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise UsageError(f"{text!r} is no number of 0 to 999999999")
    return int(text)


def _hit(row: Row, text: str) -> Row:
    """Return an entity that was found, with the alias that it was found by where its name does not hold the text."""
    asked, names = text.lower(), (row["name"], *row["aliases"])

    def distance(name: str) -> tuple[bool, bool, bool]:
        folded = name.lower()
        return folded != asked, not folded.startswith(asked), asked not in folded

    found, hit = min(names, key=distance), {key: row[key] for key in ("id", "name", "label", "papers")}
    return hit if found == row["name"] else hit | {"alias": found}


def _page(html: str) -> Response:
    # What else the page may do is in its own policy: it knows its scripts.
    return HTMLResponse(html, headers={"Content-Security-Policy": "frame-ancestors 'none'"})


def _refuse(request: Request, error: Exception) -> Response:
    """Return one line that says why not: to a person where a page was asked for, else to a script."""
    if isinstance(error, HTTPException):
        status, reason, headers = error.status_code, error.detail, error.headers
    else:
        status = next(status for kind, status in _STATUSES if isinstance(error, kind))
        reason, headers = " ".join(str(error).split()), None
    if request.url.path == "/":
        return PlainTextResponse(reason, status, headers)
    return JSONResponse({"error": reason}, status, headers)


class _Guard:
    """Answers no page but those of this server, and has browsers keep what they get to themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Content-Security-Policy", _NOTHING_ELSE)
            await send(message)

        refused = scope["type"] == "http" and _is_foreign(Headers(scope=scope))
        app = JSONResponse({"error": "asked by a page of another site"}, 403) if refused else self._app
        await app(scope, receive, send_guarded)


def _is_foreign(headers: Headers) -> bool:
    """Tell whether a page of another site or port asks, be it for a script or a picture; its links may lead here."""
    is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not is_link


class SharedStore(Store):
    """A store that several threads ask in turn: the embedded engine has one connection, for one transaction at a time.

    The turn is that of a single query: between the many of a large page, search and evidence get their answers.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._turn, self._stopped = store, Lock(), Event()
        self.engine = store.engine  # type: ignore[misc]  # it is that of the store

    def run(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
        max_rows: int | None = None,
        write: bool = False,
    ) -> list[Row]:
        """See `Store.run`."""
        with self._turn:
            if self._stopped.is_set():
                raise StoreError("the server is stopping")
            return self._store.run(cypher, parameters, seconds=seconds, max_rows=max_rows, write=write)

    def write(self, steps: Sequence[Step]) -> None:
        """See `Store.write`."""
        with self._turn:
            self._store.write(steps)

    def stop(self) -> None:
        """Let no further query begin."""
        self._stopped.set()

    def close(self) -> None:
        """See `Store.close`."""
        self._store.close()


class _Server(uvicorn.Server):
    """A server that also stops the pages that are being made when it is told to end."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_exit = on_exit

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See `uvicorn.Server`."""
        self._on_exit()
        super().handle_exit(sig, frame)
