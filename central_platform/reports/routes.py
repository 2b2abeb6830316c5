"""The monthly report on the screen, for whoever may see ratings: a page, its figures, and the same as xlsx and PDF."""

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool

from central_platform import pages
from central_platform.citizens import language
from central_platform.month import Month, NotAMonth
from central_platform.pages import Page
from central_platform.problems import Problem, unreadable
from central_platform.reading import json_answer, token_of
from central_platform.reports.making import NotReported, make_report
from central_platform.reports.tables import Report, as_object
from central_platform.reports.words import WORDS
from central_platform.times import now_ms

PATH = "/report"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAGE = Page("report.html")

AsViewer = Callable[[str | None, Callable[[Connection], Any]], Any]
"""Runs work on a connection for a viewer's token. Raises Problem."""


def add_report_routes(app: FastAPI, as_viewer: AsViewer) -> None:
    """`/report`, `/report/monthly`, `/report/monthly.xlsx`, `/report/monthly.pdf`."""

    def made(request: Request) -> Report:
        asked = (request.query_params.get("region") or None, _month(request), language(request), now_ms())
        try:
            report: Report = as_viewer(token_of(request), lambda connection: make_report(connection, *asked))
        except NotReported as error:
            raise Problem(404, "no-report", "There is no such report", str(error)) from None
        return report

    @app.get(PATH, include_in_schema=False)
    async def page(request: Request) -> Response:
        try:
            await run_in_threadpool(as_viewer, token_of(request), lambda _: None)
        except Problem:
            return pages.DOOR.response(401)
        return _PAGE.response(200)

    @app.get(PATH + "/monthly", include_in_schema=False)
    async def figures(request: Request) -> Response:
        return json_answer(msgspec.json.encode(as_object(await run_in_threadpool(made, request))))

    @app.get(PATH + "/monthly.xlsx", include_in_schema=False)
    async def xlsx(request: Request) -> Response:
        return _file(await run_in_threadpool(lambda: _xlsx(made(request))), _XLSX, "xlsx")

    @app.get(PATH + "/monthly.pdf", include_in_schema=False)
    async def pdf(request: Request) -> Response:
        return _file(await run_in_threadpool(lambda: _pdf(made(request), language(request))), "application/pdf", "pdf")


def _month(request: Request) -> Month | None:
    text = request.query_params.get("month")
    try:
        return Month.named(text) if text else None
    except NotAMonth as error:
        raise unreadable(f"{error}.".capitalize()) from None


def _xlsx(report: Report) -> bytes:
    from central_platform.reports.xlsx import write_xlsx  # a server starts without it

    return write_xlsx(report)


def _pdf(report: Report, wanted: str) -> bytes:
    from central_platform.pdf import NoFont, find_font  # the same
    from central_platform.reports.pdf import write_pdf

    try:
        return write_pdf(report, find_font(), str(WORDS[wanted]["page"]))
    except NoFont as error:
        raise Problem(503, "no-font", "There is no font for a PDF", str(error)) from None


def _file(content: bytes, media: str, ending: str) -> Response:
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="report.{ending}"'})
