"""The command `central-platform`: serve, import, claims, staff, devices, the viewer's token, verification; rules elsewhere."""

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from getpass import getpass
from typing import Any

from msgspec import to_builtins
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from central_platform import documents, rules_cli, staff_file, viewer
from central_platform.alarms import Alarm, list_alarms
from central_platform.attached import Told, item, list_away
from central_platform.command_line import (
    DONE,
    EXIT_CODES,
    REFUSED,
    UNUSABLE,
    USAGE,
    add_command,
    add_group,
    add_json,
    base_url,
    complain,
    tell,
    warn_of_end,
    with_database,
)
from central_platform.database import Database, DatabaseUnusable, open_database
from central_platform.deliveries import Deliveries
from central_platform.devices import DeviceRecord, list_devices, set_revoked
from central_platform.enrolment import WindowDescription, create_claim
from central_platform.identity import load_identity
from central_platform.journal_import import Flaw, JournalImport, Summary
from central_platform.paper import command as paper_commands
from central_platform.reports import command as report_commands
from central_platform.request_signatures import encode_key
from central_platform.rules import command as docket_commands
from central_platform.times import iso, now_ms
from central_platform.verification import NAMED, PlatformFinding, verify
from central_platform.what_if import command as what_if_command
from terminal_app.domain.pin import SALT_BYTES, flaw_of, hash_pin
from terminal_app.regions.library import UnknownRegion
from terminal_app.regions.pack import PackError

_HOUR_MS = 3_600_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("uvicorn", "alembic", "fontTools", "fpdf"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        return int(arguments.run(arguments))
    except DatabaseUnusable as error:
        return complain(str(error), UNUSABLE)
    except DBAPIError as error:
        return complain(f"the database failed ({type(error).__name__}); see that it is reachable, then try again.", UNUSABLE)
    except KeyboardInterrupt:
        return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="central-platform",
        description="The central platform: takes in the terminals' entries and shows arriving ratings.",
        epilog=f"example: central-platform serve --port 8080\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_serve(commands)
    _add_import(commands)
    claim = add_group(commands, "claim", "one-time claims, with which a terminal enrols")
    _add_claim_create(claim)
    staff = add_group(commands, "staff", "the staff directory")
    _add_staff_import(staff)
    _add_staff_pin(staff)
    device = add_group(commands, "device", "enrolled devices")
    _add_devices(device)
    person = add_group(commands, "person", "personal data that tickets carried, and words that citizens added, stored sealed")
    _add_person_open(person)
    token = add_command(
        commands, "viewer-token", _viewer_token, "make a new token for the live page; the old one ends", "viewer-token"
    )
    add_json(token)
    _add_verify(commands)
    rules_cli.add_commands(commands, device)
    docket_commands.add_commands(commands)
    what_if_command.add_commands(commands)
    paper_commands.add_commands(commands)
    report_commands.add_commands(commands)
    return parser


def _add_serve(commands: Any) -> None:
    parser = add_command(
        commands, "serve", _serve, "run the platform until SIGTERM or Ctrl-C", "serve --host 0.0.0.0 --port 8080"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8080, help="port to listen on, 0 for a free one (default: %(default)s)")
    parser.add_argument("--region", default="taian", help="region whose rules apply (default: %(default)s)")
    parser.add_argument(
        "--public-url", metavar="URL", type=base_url, help="address that terminals use when a proxy stands in front"
    )
    add_json(parser)


def _add_import(commands: Any) -> None:
    parser = add_command(
        commands,
        "import",
        _import,
        "take in journals that were carried here as files, as often as you like",
        "import window-3.ndjson --db sqlite:///var/p.sqlite",
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="what `rating-terminal journal export` wrote; - for standard input"
    )
    add_json(parser)


def _add_claim_create(commands: Any) -> None:
    parser = add_command(
        commands,
        "create",
        _claim_create,
        "make a one-time claim for a window",
        "claim create --hall 泰安市政务服务中心 --window 3号窗口 --number A03",
    )
    parser.add_argument("--hall", required=True, help="name of the hall")
    parser.add_argument("--window", required=True, help="name of the window, as citizens see it")
    parser.add_argument("--number", required=True, help="number of the window")
    parser.add_argument("--region", metavar="R", help="whose rules apply at this window (default: those that `serve` has)")
    parser.add_argument("--service-number", metavar="TEL", help="telephone number to show when the terminal is out of order")
    parser.add_argument(
        "--valid-hours", type=_hours, default=24, metavar="N", help="how long it can be used (default: %(default)s)"
    )
    add_json(parser)


def _add_staff_import(commands: Any) -> None:
    parser = add_command(commands, "import", _staff_import, "replace the staff directory by a file", "staff import staff.csv")
    parser.add_argument("file", help=f"CSV in UTF-8 or GB18030 with the columns {','.join(staff_file.COLUMNS)}")
    add_json(parser)


def _add_staff_pin(commands: Any) -> None:
    parser = add_command(
        commands,
        "pin",
        _staff_pin,
        "give an administrator the PIN for administration at the terminals",
        "staff pin 0009",
    )
    parser.add_argument("number", help="the staff number of an administrator in the staff directory")
    parser.add_argument("--stdin", action="store_true", help="read the PIN from standard input instead of asking for it twice")
    add_json(parser)


def _add_devices(commands: Any) -> None:
    listing = add_command(
        commands, "list", _device_list, "list all devices, and what is wrong with their chains", "device list --json"
    )
    add_json(listing)
    for name, summary in (
        ("revoke", "revoke a device: it locks its window and goes on delivering"),
        ("reinstate", "accept a revoked device again"),
    ):
        parser = add_command(commands, name, _device_revoke, summary, f"device {name} 6f1c…")
        parser.add_argument("device", metavar="ID", help="id from `device list`")
        parser.set_defaults(revoke=name == "revoke")
        add_json(parser)


def _add_verify(commands: Any) -> None:
    parser = add_command(
        commands,
        "verify",
        _verify,
        "check every stored entry and chain, and the ratings and receipts that follow from them; changes nothing",
        "verify --device 6f1c… --json --db sqlite:///var/p.sqlite",
    )
    parser.add_argument("--device", metavar="ID", help="only this device")
    parser.add_argument(
        "--every-signature",
        action="store_true",
        help="check each signature and each field, not one signature for a run of linked entries; about fifteen times as slow",
    )
    add_json(parser)


def _add_person_open(commands: Any) -> None:
    parser = add_command(
        commands,
        "open",
        _person_open,
        "open what a session's ticket said of the person served, and words added to it; only for authorised use, logged",
        "person open 01935c2e-…",
    )
    parser.add_argument("session", metavar="SESSION", help="session of a terminal's rating, or another channel's id")
    add_json(parser)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return port


def _hours(text: str) -> int:
    hours = int(text)
    if not 1 <= hours <= 24 * 365:
        raise argparse.ArgumentTypeError("between 1 hour and a year")
    return hours


def _serve(arguments: argparse.Namespace) -> int:
    from central_platform.app import create_app
    from central_platform.rules.running import Settling
    from central_platform.server import PortUnusable, Server, address_of, listen
    from central_platform.service import Platform

    try:
        listening = listen(arguments.host, arguments.port)
    except PortUnusable as error:
        return complain(str(error), UNUSABLE)
    with listening:
        database = open_database(arguments.db)
        try:
            platform = Platform(database, arguments.region)
            warn_of_end(arguments.region)
            token = database.write(lambda connection: viewer.create_token(connection, replace=False))
            address = address_of(listening)
            base = arguments.public_url or address
            live = f"{base}/?token={token}" if token else f"{base}/"
            value = {"listening": address, "live": live, "viewer_token": token, "database": database.dialect}
            text = f"central-platform listening on {address} ({database.dialect}); live page {live}"
            server = Server(
                create_app(platform, arguments.public_url), lambda: tell(arguments, value, text), platform.feed.close
            )
            with Settling(database):
                server.run(sockets=[listening])
        except (UnknownRegion, PackError, documents.NoCatalogue) as error:
            return complain(str(error), USAGE)
        finally:
            database.close()
    return DONE


def _import(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        journals = JournalImport(database, Deliveries(database, database.write(load_identity)), _tell_flaw, _tell_progress)
        complete = _read_all(journals, arguments.files)
        summary = journals.finish(complete=complete)
        tell(arguments, asdict(summary), _summarise(summary))
        return DONE if complete and not summary.refused else REFUSED

    return with_database(arguments, work, create=False)


def _read_all(journals: JournalImport, files: Sequence[str]) -> bool:
    """Whether every file was read to its end."""
    complete = True
    for file in files:
        try:
            with contextlib.nullcontext(sys.stdin.buffer) if file == "-" else open(file, "rb") as stream:
                journals.read(file, stream)
        except OSError as error:
            complete = False
            complain(f"{file} cannot be read to its end: {error.strerror}. Look at the medium, then import it again.", REFUSED)
        except KeyboardInterrupt:
            complain("interrupted. What was taken in is kept; import the same files again for the rest.", REFUSED)
            return False
    return complete


def _tell_flaw(flaw: Flaw) -> None:
    print(f"{flaw.file}:{flaw.line}: {flaw.code}, kept out", file=sys.stderr)


def _tell_progress(lines: int) -> None:
    print(f"{lines} lines …", file=sys.stderr)


def _summarise(summary: Summary) -> str:
    refused = ", ".join(f"{count} {code}" for code, count in sorted(summary.refused.items()))
    return (
        f"{summary.lines} lines: {summary.accepted} accepted, {summary.duplicate} held already, "
        f"{sum(summary.refused.values())} kept out{f' ({refused})' if refused else ''}; "
        f"ratings of these windows: {summary.ratings}, of them new: {summary.new_ratings}"
        f"{'' if summary.complete else '; NOT COMPLETE'}"
    )


def _claim_create(arguments: argparse.Namespace) -> int:
    window = WindowDescription(arguments.hall, arguments.window, arguments.number, arguments.service_number)
    now, valid_ms = now_ms(), arguments.valid_hours * _HOUR_MS

    def create(connection: Connection) -> str:
        identity = load_identity(connection)
        region = documents.publish_region(connection, identity, arguments.region) if arguments.region else None
        return create_claim(connection, identity, replace(window, region=region), now, valid_ms)

    def work(database: Database) -> int:
        try:
            claim = database.write(create)
            if arguments.region:
                warn_of_end(arguments.region)
        except (UnknownRegion, PackError, documents.NoCatalogue) as error:
            return complain(str(error), USAGE)
        tell(arguments, {"claim": claim, "expires_at": iso(now + valid_ms)}, claim)
        return DONE

    return with_database(arguments, work, create=True)


def _staff_import(arguments: argparse.Namespace) -> int:
    try:
        members = staff_file.read_staff(arguments.file)
    except staff_file.StaffFileRefused as error:
        return complain(str(error), REFUSED)

    def work(database: Database) -> int:
        version, changed = database.write(
            lambda connection: documents.publish_staff(connection, load_identity(connection), members)
        )
        cards = sum(len(member["cards"]) for member in members)
        value = {"version": version, "changed": changed, "members": len(members), "cards": cards}
        state = "is in force" if changed else "was in force already"
        tell(arguments, value, f"{len(members)} members with {cards} cards; roster {version} {state}")
        return DONE

    return with_database(arguments, work, create=True)


def _staff_pin(arguments: argparse.Namespace) -> int:
    pin = sys.stdin.readline().strip() if arguments.stdin else getpass("PIN: ")
    if not arguments.stdin and getpass("once more: ") != pin:
        return complain("the two PINs differ. Nothing was changed.", REFUSED)
    if flaw := flaw_of(pin):
        return complain(f"{flaw}. Choose another one; nothing was changed.", REFUSED)
    hashed = hash_pin(pin, os.urandom(SALT_BYTES))

    def work(database: Database) -> int:
        version = database.write(
            lambda connection: documents.publish_pin(connection, load_identity(connection), arguments.number, hashed)
        )
        if version is None:
            return complain(f"no administrator has the number {arguments.number}; see the role in the staff file.", REFUSED)
        tell(arguments, {"number": arguments.number, "version": version}, f"{arguments.number} has a PIN; roster {version}")
        return DONE

    return with_database(arguments, work, create=False)


def _device_list(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        found, alarms, away = database.read(
            lambda connection: (list_devices(connection), list_alarms(connection), list_away(connection, now_ms()))
        )
        value = {
            "devices": [asdict(device) | _readable(device) for device in found],
            "alarms": [asdict(one) for one in alarms],
            "away": [to_builtins(item(one, now_ms())) for one in away],
        }
        lines = [f"AWAY  {one.role} {one.state} since {iso(one.since)}  {_place(one)}" for one in away]
        lines += [_alarm(one) for one in alarms]
        lines += [
            f"{one.uuid}  {'revoked' if one.revoked_at else 'active '}  {one.hall}  {one.name}  {one.number}"
            f"  {encode_key(one.public_key)}"
            for one in found
        ]
        tell(arguments, value, "\n".join(lines) or "no device is enrolled")
        return DONE

    return with_database(arguments, work, create=False)


def _alarm(one: Alarm) -> str:
    named = (("chain", one.chain), ("seq", one.seq), ("entries", one.count), ("since", None if one.at is None else iso(one.at)))
    said = [f"{word} {value}" for word, value in named if value is not None]
    return "  ".join(["ALARM", one.what, f"device {one.device}", *said])


def _readable(device: DeviceRecord) -> dict[str, str | None]:
    return {
        "public_key": encode_key(device.public_key),
        "enrolled_at": iso(device.enrolled_at),
        "revoked_at": iso(device.revoked_at) if device.revoked_at else None,
    }


def _place(told: Told) -> str:
    return "  ".join((told.window.hall, told.window.name, told.window.number))


def _device_revoke(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        at = now_ms() if arguments.revoke else None
        if not database.write(lambda connection: set_revoked(connection, arguments.device, at)):
            return complain(f"there is no device {arguments.device}; `central-platform device list` names them.", REFUSED)
        state = "revoked" if arguments.revoke else "active"
        tell(arguments, {"device": arguments.device, "state": state}, f"{arguments.device} is {state}")
        return DONE

    return with_database(arguments, work, create=False)


def _person_open(arguments: argparse.Namespace) -> int:
    from central_platform.personal_data import NoPersonalData, open_personal_data

    def work(database: Database) -> int:
        identity = database.write(load_identity)
        try:
            found = database.read(lambda connection: open_personal_data(connection, identity, arguments.session))
        except NoPersonalData as error:
            return complain(f"{error}.", REFUSED)
        words = [{"received_at": iso(one.received_at), "text": one.text} for one in found.words]
        lines = [f"{name}: {said}" for name, said in found.person.items()]
        lines += [f"words of {one['received_at']}: {one['text']}" for one in words]
        tell(arguments, {"session": found.session, "person": found.person, "words": words}, "\n".join(lines))
        return DONE

    return with_database(arguments, work, create=False)


def _viewer_token(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        token = database.write(lambda connection: viewer.create_token(connection, replace=True))
        tell(arguments, {"viewer_token": token}, str(token))
        return DONE

    return with_database(arguments, work, create=True)


def _verify(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        with database.connect() as connection:
            report = verify(
                connection, arguments.device, every_signature=arguments.every_signature, progress=_tell_entries_checked
            )
        if report.devices == 0 and arguments.device:
            return complain(f"there is no device {arguments.device}; `central-platform device list` names them.", REFUSED)
        first = report.findings[0] if report.findings else None
        lines = [*map(_finding_line, report.findings), *(f"remark: {_finding_line(one)}" for one in report.remarks)]
        if sum(report.counts.values()) > len(lines):
            lines.append(f"only the first {NAMED} are named")
        counts = (
            f"{report.devices} devices, {report.chains} chains, {report.entries} entries, {report.ratings} ratings, "
            f"{report.receipts} receipts"
        )
        verdict = f"{report.found} findings, the first: {_finding_line(first)}" if first else "no findings"
        value = asdict(report) | {"first": asdict(first) if first else None}
        tell(arguments, value, "\n".join([*lines, f"{counts}: {verdict}"]))
        return REFUSED if report.found else DONE

    try:
        return with_database(arguments, work, create=False)
    except KeyboardInterrupt:
        return complain("interrupted; nothing was changed, and nothing is said of the rest.", REFUSED)


def _finding_line(one: PlatformFinding) -> str:
    named = (("device", one.device), ("chain", one.chain), ("seq", one.seq), ("entry", one.entry))
    return "  ".join([one.what, *(f"{name} {said}" for name, said in named if said is not None)])


def _tell_entries_checked(entries: int) -> None:
    print(f"{entries} entries checked …", file=sys.stderr)
