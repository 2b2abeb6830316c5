"""Commands of `central-platform` for the docket: cases and other channels' ratings from files, defaults, findings, steps."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from central_platform import viewer
from central_platform.command_line import DONE, REFUSED, add_command, add_group, add_json, complain, tell, with_database
from central_platform.database import Database
from central_platform.rules.duties import STEPS
from central_platform.rules.laws import NoRegion
from central_platform.rules.recording import NotRecorded, record_finding, record_step
from central_platform.rules.running import rehearse, run_once
from central_platform.rules.settling import Settled
from central_platform.rules.standing import FindingKind
from central_platform.rules.statements import MAX_STATEMENTS, CaseStatement, ChannelRating, read_rows
from central_platform.rules.told import StatementVerdict, take_cases, take_ratings
from central_platform.times import now_ms, parse_wall
from sync.wire import Status

Take = Callable[[Connection, list[Any], int], list[StatementVerdict]]


def add_commands(commands: Any) -> None:
    """The groups `case`, `rating`, `defaults`, `finding`, `duty`, and `integration-token`."""
    cases = add_group(commands, "case", "what business systems say of cases")
    _add_import(cases, "case", "cases.csv", "take in statements on cases, as often as you like", CaseStatement, take_cases)
    rating = add_group(commands, "rating", "ratings from other channels")
    _add_import(rating, "rating", "sms.ndjson", "take in ratings from other channels, once each", ChannelRating, take_ratings)
    _add_defaults(add_group(commands, "defaults", "reminders and default ratings, where a region has them"))
    _add_finding(add_group(commands, "finding", "findings that a rating is mistaken or malicious"))
    _add_duty(add_group(commands, "duty", "what is owed after a bad rating"))
    token = add_command(
        commands,
        "integration-token",
        _integration_token,
        "make a new token for business systems; the old one ends",
        "integration-token",
    )
    add_json(token)


def _add_import(group: Any, name: str, file: str, summary: str, shape: Any, take: Take) -> None:
    parser = add_command(group, "import", _import, summary, f"{name} import {file}")
    columns = ",".join(shape.__struct_fields__)
    parser.add_argument("file", metavar="FILE", help=f"UTF-8, CSV with columns out of {columns}, or a JSON object a line")
    parser.set_defaults(take=take)
    add_json(parser)


def _add_defaults(group: Any) -> None:
    parser = add_command(
        group, "run", _defaults_run, "make what fell due, as `serve` does every few seconds", "defaults run --dry-run"
    )
    parser.add_argument(
        "--at", type=_time, metavar="TIME", help="decide what fell due by then (ISO 8601); later than now only with --dry-run"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what it would do, and keep nothing")
    add_json(parser)


def _add_finding(group: Any) -> None:
    parser = add_command(
        group,
        "record",
        _finding_record,
        "record what was found of a rating; nothing is deleted, no sanction follows",
        "finding record 01935c2e-… --kind mistaken --confirmed-by 市行政审批服务局",
    )
    parser.add_argument("rating", metavar="RATING", help="session of a terminal's rating, or another channel's id")
    parser.add_argument("--kind", required=True, choices=[*FindingKind], help="`valid` takes an earlier finding back")
    parser.add_argument("--confirmed-by", required=True, metavar="BODY", help="who confirmed it")
    add_json(parser)


def _add_duty(group: Any) -> None:
    parser = add_command(
        group,
        "record",
        _duty_record,
        "record that something was done about a bad rating",
        "duty record 01935c2e-… rectification --at 2026-11-22T16:00:00+08:00",
    )
    parser.add_argument("rating", metavar="RATING", help="session of a terminal's rating, or another channel's id")
    parser.add_argument("step", choices=STEPS, help="what was done")
    parser.add_argument("--at", type=_time, metavar="TIME", help="when (ISO 8601; default: now)")
    add_json(parser)


def _time(text: str) -> int:
    parsed = parse_wall(text)
    if parsed is None:
        raise argparse.ArgumentTypeError("must be a time with offset, as 2026-11-22T09:30:00+08:00")
    return parsed[0]


def _import(arguments: argparse.Namespace) -> int:
    path = Path(arguments.file)
    try:
        rows = list(read_rows(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        return complain(f"{path} cannot be read: {error.strerror}.", REFUSED)
    except UnicodeDecodeError:
        return complain(f"{path} is not UTF-8 text; save it as UTF-8.", REFUSED)

    def work(database: Database) -> int:
        counts = dict.fromkeys((Status.ACCEPTED, Status.DUPLICATE, Status.REFUSED), 0)
        for start in range(0, len(rows), MAX_STATEMENTS):
            page = rows[start : start + MAX_STATEMENTS]
            for verdict in _take(database, arguments.take, page):
                counts[verdict.status] += 1
                if verdict.status is Status.REFUSED:
                    line = page[verdict.index][0]
                    complain(f"{path}:{line}: {verdict.code}, kept out. {verdict.detail or ''}".rstrip(), REFUSED)
        value = {str(status): count for status, count in counts.items()}
        text = ", ".join(f"{count} {status}" for status, count in value.items())
        tell(arguments, value, text)
        return REFUSED if counts[Status.REFUSED] else DONE

    return with_database(arguments, work, create=False)


def _take(database: Database, take: Take, rows: list[tuple[int, Any]]) -> list[StatementVerdict]:
    return database.write(lambda connection: take(connection, [content for _, content in rows], now_ms()))


def _defaults_run(arguments: argparse.Namespace) -> int:
    if arguments.at is not None and arguments.at > now_ms() and not arguments.dry_run:
        return complain("--at is yet to come, and no rating is made before its time; add --dry-run to look ahead.", REFUSED)

    def work(database: Database) -> int:
        try:
            done = _settled(database, arguments)
        except NoRegion as error:
            return complain(str(error), REFUSED)
        would = "would be " if arguments.dry_run else ""
        text = (
            f"{done.cases} cases looked at; {would}written: {done.reminders} reminders, {done.defaults} default ratings; "
            f"{would}withdrawn: {done.withdrawn}; events of duties: {done.told}"
        )
        tell(arguments, asdict(done) | {"kept": not arguments.dry_run}, text)
        return DONE

    return with_database(arguments, work, create=False)


def _settled(database: Database, arguments: argparse.Namespace) -> Settled:
    if arguments.dry_run:
        return rehearse(database, arguments.at if arguments.at is not None else now_ms())
    return run_once(database, arguments.at)


def _finding_record(arguments: argparse.Namespace) -> int:
    kind = FindingKind(arguments.kind)

    def record(connection: Connection) -> bool:
        return record_finding(connection, arguments.rating, kind, arguments.confirmed_by, now_ms())

    return _record(arguments, record, {"rating": arguments.rating, "kind": kind}, f"finding {kind}")


def _duty_record(arguments: argparse.Namespace) -> int:
    def record(connection: Connection) -> bool:
        now = now_ms()
        return record_step(connection, arguments.rating, arguments.step, now if arguments.at is None else arguments.at, now)

    return _record(arguments, record, {"rating": arguments.rating, "step": arguments.step}, arguments.step)


def _record(arguments: argparse.Namespace, record: Callable[[Connection], bool], value: dict[str, Any], what: str) -> int:
    def work(database: Database) -> int:
        try:
            is_new = database.write(record)
        except NotRecorded as error:
            return complain(str(error), REFUSED)
        tell(arguments, value | {"new": is_new}, f"{what} {'is recorded' if is_new else 'was recorded already'}")
        return DONE

    return with_database(arguments, work, create=False)


def _integration_token(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        name = viewer.INTEGRATION
        token = database.write(lambda connection: viewer.create_token(connection, replace=True, name=name))
        tell(arguments, {"integration_token": token}, str(token))
        return DONE

    return with_database(arguments, work, create=True)
