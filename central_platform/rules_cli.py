"""Commands of `central-platform` for the regions' rules: reason catalogues, the working-day calendar, a device's region."""

import argparse
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from central_platform.calendars import import_years, working_calendar
from central_platform.catalogues import CatalogueRefused, Version, import_catalogue, retire, retired_codes, versions
from central_platform.command_line import (
    DONE,
    REFUSED,
    USAGE,
    add_command,
    add_group,
    add_json,
    complain,
    tell,
    warn_of_end,
    with_database,
)
from central_platform.database import Database
from central_platform.devices import assign_region
from central_platform.documents import NoCatalogue, publish_region
from central_platform.identity import load_identity
from terminal_app.domain.working_days import WorkingCalendar
from terminal_app.regions.catalogue import COLUMNS, catalogue_document
from terminal_app.regions.library import UnknownRegion
from terminal_app.regions.pack import PackError
from terminal_app.regions.working_days import COLUMNS as YEAR_COLUMNS
from terminal_app.regions.working_days import read_years


class FileUnreadable(Exception):
    """The file cannot be read; the message names it."""


def add_commands(commands: Any, device: Any) -> None:
    """The groups `catalogue` and `calendar`, and `device assign`."""
    catalogue = add_group(commands, "catalogue", "reason catalogues, version beside version")
    _add_catalogue_import(catalogue)
    listing = add_command(
        catalogue, "list", _catalogue_list, "list all versions and who rates by them", "catalogue list --json"
    )
    add_json(listing)
    _add_catalogue_retire(catalogue)
    calendar = add_group(commands, "calendar", "working days")
    importing = add_command(
        calendar, "import", _calendar_import, "take in further years, or other words on known ones", "calendar import 2027.csv"
    )
    importing.add_argument(
        "file", metavar="FILE", help=f"CSV in UTF-8 with the columns {','.join(YEAR_COLUMNS)}; days as mm-dd"
    )
    add_json(importing)
    shown = add_command(calendar, "show", _calendar_show, "show the years that are known", "calendar show --json")
    add_json(shown)
    assign = add_command(
        device, "assign", _device_assign, "have a device rate by a region's rules", "device assign 6f1c… --region guangdong"
    )
    assign.add_argument("device", metavar="ID", help="id from `device list`")
    assign.add_argument("--region", required=True, metavar="R", help="id of a region, or a pack's file (*.toml)")
    add_json(assign)


def _add_catalogue_import(catalogue: Any) -> None:
    parser = add_command(
        catalogue,
        "import",
        _catalogue_import,
        "take in a version of a catalogue; packs that name it use it",
        "catalogue import reasons.csv --id reasons-2020 --version 2",
    )
    parser.add_argument("file", metavar="FILE", help=f"CSV in UTF-8 with the columns {','.join(COLUMNS)}")
    parser.add_argument("--id", required=True, help="id of the catalogue, as packs name it")
    parser.add_argument("--version", required=True, metavar="V", help="its version; a version never changes")
    add_json(parser)


def _add_catalogue_retire(catalogue: Any) -> None:
    parser = add_command(
        catalogue,
        "retire",
        _catalogue_retire,
        "retire a version or a reason: ratings that use it are marked from now on, never refused",
        "catalogue retire reasons-2020 --reason 108",
    )
    parser.add_argument("id", metavar="ID", help="id of the catalogue")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--version", metavar="V", help="the version to retire")
    what.add_argument("--reason", metavar="CODE", help="the reason to retire, in all versions")
    add_json(parser)


def _catalogue_import(arguments: argparse.Namespace) -> int:
    file = Path(arguments.file)

    def take_in(connection: Connection) -> tuple[bool, int]:
        document = catalogue_document(_text(file), arguments.id, arguments.version, file.name)
        return import_catalogue(connection, load_identity(connection), document, file.name), len(document["reasons"])

    def work(database: Database) -> int:
        try:
            is_new, count = database.write(take_in)
        except (PackError, CatalogueRefused, FileUnreadable) as error:
            return complain(str(error), REFUSED)
        value = {"id": arguments.id, "version": arguments.version, "reasons": count, "new": is_new}
        state = "is held now" if is_new else "was held already"
        tell(arguments, value, f"catalogue {arguments.id} {arguments.version} with {count} reasons {state}")
        return DONE

    return with_database(arguments, work, create=True)


def _catalogue_list(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        held, gone = database.read(lambda connection: (versions(connection), retired_codes(connection)))
        rows = [_version(one, gone) for one in held]
        lines = [
            f"{row['id']}  {row['version']}  {row['reasons']} reasons  {row['state']}"
            + (f", {', '.join(row['regions'])}" if row["regions"] else "")
            + (f"; retired: {', '.join(row['retired_reasons'])}" if row["retired_reasons"] else "")
            for row in rows
        ]
        tell(arguments, {"catalogues": rows}, "\n".join(lines) or "no catalogue is held")
        return DONE

    return with_database(arguments, work, create=False)


def _version(one: Version, gone: set[tuple[str, str]]) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "reasons": len(one.reasons),
        "state": "in force" if one.in_force else "retired",
        "regions": list(one.named_by),
        "retired_reasons": [row["code"] for row in one.reasons if (one.id, row["code"]) in gone],
    }


def _catalogue_retire(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        try:
            changed = database.write(
                lambda connection: retire(
                    connection, load_identity(connection), arguments.id, arguments.version, arguments.reason
                )
            )
        except CatalogueRefused as error:
            return complain(str(error), REFUSED)
        what = f"reason {arguments.reason}" if arguments.reason else f"version {arguments.version}"
        value = {"id": arguments.id, "version": arguments.version, "reason": arguments.reason, "changed": changed}
        tell(arguments, value, f"{what} of {arguments.id} {'is retired' if changed else 'was retired already'}")
        return DONE

    return with_database(arguments, work, create=False)


def _calendar_import(arguments: argparse.Namespace) -> int:
    file = Path(arguments.file)

    def work(database: Database) -> int:
        try:
            years = read_years(_text(file), file.name)
        except (PackError, FileUnreadable) as error:
            return complain(str(error), REFUSED)
        changed = database.write(lambda connection: import_years(connection, load_identity(connection), years))
        told = ", ".join(map(str, changed))
        tell(arguments, {"changed": changed}, f"in force now: {told}" if changed else "nothing new; all of it was in force")
        return DONE

    return with_database(arguments, work, create=True)


def _calendar_show(arguments: argparse.Namespace) -> int:
    def work(database: Database) -> int:
        calendar: WorkingCalendar = database.read(working_calendar)
        rows = [
            {"year": year, "off": len(one.off), "work": len(one.work), "source": one.source}
            for year, one in sorted(calendar.years.items())
        ]
        lines = [f"{row['year']}  {row['off']} days off, {row['work']} weekend days at work  {row['source']}" for row in rows]
        tell(arguments, {"years": rows}, "\n".join([*lines, "every other year: Monday to Friday, provisional"]))
        return DONE

    return with_database(arguments, work, create=True)


def _device_assign(arguments: argparse.Namespace) -> int:
    def assign(connection: Connection) -> str | None:
        region = publish_region(connection, load_identity(connection), arguments.region)
        return region if assign_region(connection, arguments.device, region) else None

    def work(database: Database) -> int:
        try:
            region = database.write(assign)
            warn_of_end(arguments.region)
        except (UnknownRegion, PackError, NoCatalogue) as error:
            return complain(str(error), USAGE)
        if region is None:
            return complain(f"there is no device {arguments.device}; `central-platform device list` names them.", REFUSED)
        text = f"{arguments.device} rates by the rules of {region} once it has downloaded them"
        tell(arguments, {"device": arguments.device, "region": region}, text)
        return DONE

    return with_database(arguments, work, create=False)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise PackError(str(file), "encoding", "other bytes", "UTF-8") from None
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be read: {error.strerror}.") from None
