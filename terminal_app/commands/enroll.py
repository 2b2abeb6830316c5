"""`rating-terminal enroll`: turn a one-time claim into an enrolled terminal."""

import argparse

from terminal_app.commands.shared import OK, UNAVAILABLE, USAGE, CommandError, add_json, is_chinese, parser, say, tell


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    added = parser(
        subparsers,
        "enroll",
        "enrol this terminal with the platform, by a one-time claim",
        "rating-terminal enroll --config terminal.toml --claim ABCD-EFGH-…",
    )
    added.add_argument("--claim", required=True, help="the text that `central-platform claim create` printed")
    add_json(added)
    added.set_defaults(perform=perform)


def perform(arguments: argparse.Namespace) -> int:
    from sync.client import PlatformClient
    from sync.enrolment import EnrolmentFailed, enroll
    from terminal_app.commands.store_access import open_for_command
    from terminal_app.config import load

    config = load(arguments.config)
    tell(f"enrolling with {config.platform_url} …")
    with open_for_command(config) as store:
        client = PlatformClient(config.platform_url, store.key.private, ca_file=str(config.ca_file) if config.ca_file else None)
        try:
            record = enroll(client, arguments.claim, store.documents)
        except EnrolmentFailed as error:
            detail = f" ({error.detail})" if error.detail else ""
            code = USAGE if error.problem == "claim_malformed" else UNAVAILABLE
            raise CommandError(error.texts["zh-CN" if is_chinese() else "en"] + detail, code) from None
        store.begin()
    window = record.window
    values = {
        "device": record.device,
        "region": record.region,
        "hall": window.hall,
        "window": window.name,
        "number": window.number,
    }
    say(
        arguments,
        values,
        f"enrolled: {window.hall} · {window.name} · {window.number} ({record.region}), device {record.device}",
    )
    return OK
