"""The routes of the docket: business systems tell of cases and ratings and read events; people read the rest."""

from functools import partial
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from central_platform.reading import MAX_REVISION, json_answer, read_body, token_of
from central_platform.rules import listing
from central_platform.rules.desk import Desk, Reader
from sync.wire import API

CASES, CHANNEL_RATINGS, EVENTS = f"{API}/cases", f"{API}/channel-ratings", f"{API}/events"
ACKNOWLEDGED, STANDINGS, DUTIES = f"{EVENTS}/acknowledged", f"{API}/standings", f"{API}/duties"
DEFAULTS, OTHERS = f"{API}/ratings/defaults", f"{API}/ratings/others"

After = Annotated[int, Query(ge=0, le=MAX_REVISION)]
Limit = Annotated[int, Query(ge=1, le=500)]


def add_rules_routes(app: FastAPI, desk: Desk) -> None:
    """All routes of the docket."""
    _add_integration(app, desk)
    _add_reading(app, desk)


def _add_integration(app: FastAPI, desk: Desk) -> None:
    @app.post(CASES)
    async def cases(request: Request) -> Response:
        """What a business system says of cases; latest facts win by their own time."""
        return json_answer(await run_in_threadpool(desk.take_cases, token_of(request), await read_body(request)))

    @app.post(CHANNEL_RATINGS)
    async def channel_ratings(request: Request) -> Response:
        """Ratings from other channels, once each by their id."""
        return json_answer(await run_in_threadpool(desk.take_ratings, token_of(request), await read_body(request)))

    @app.get(EVENTS)
    async def events(request: Request, after: After = 0, limit: Limit = 100) -> Response:
        """Reminders to send, and duties that are due or late, until they are acknowledged."""
        return json_answer(await run_in_threadpool(desk.events, token_of(request), after, limit))

    @app.post(ACKNOWLEDGED)
    async def acknowledged(request: Request) -> Response:
        """Events that were dealt with."""
        return json_answer(await run_in_threadpool(desk.acknowledge, token_of(request), await read_body(request)))


def _add_reading(app: FastAPI, desk: Desk) -> None:
    async def page(request: Request, after: int, limit: int, reader: Reader) -> Response:
        return json_answer(await run_in_threadpool(desk.read, token_of(request), after, limit, reader))

    @app.get(STANDINGS)
    async def standings(request: Request, after: After = 0, limit: Limit = 100) -> Response:
        """Per case which rating stands, whatever channel it came by; batches and chains are expanded to their cases."""
        return await page(request, after, limit, listing.standings_after)

    @app.get(DEFAULTS)
    async def defaults(request: Request, after: After = 0, limit: Limit = 100, newest: bool = False) -> Response:
        """Default ratings, never among given ones. One that is withdrawn appears again with a higher revision."""
        return await page(request, after, limit, partial(listing.defaults_after, newest=newest))

    @app.get(OTHERS)
    async def others(request: Request, after: After = 0, limit: Limit = 100) -> Response:
        """Ratings from other channels; those without a case are linked to nothing."""
        return await page(request, after, limit, listing.others_after)

    @app.get(DUTIES)
    async def duties(request: Request, after: After = 0, limit: Limit = 100, open: bool = False) -> Response:
        """What is owed for each bad rating, and by when."""
        return await page(request, after, limit, partial(listing.duties_after, only_open=open))
