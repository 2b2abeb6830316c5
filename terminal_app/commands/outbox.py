"""`rating-terminal outbox`: what the platform has not acknowledged, and offering refused entries again."""

import argparse

from terminal_app.commands.shared import FOUND, OK, add_json, one_line, parser, say

EVERYTHING = 1_000_000_000
REMEDIES = {
    "unreadable": "the platform cannot read it: run `rating-terminal journal verify`, and see whether the platform is older",
    "bad_signature": "not signed with this terminal's key: run `rating-terminal journal verify`, which names what was altered",
    "wrong_device": "the platform knows this terminal's key under another device: its list of devices has to be restored",
    "id_taken": "the platform holds another entry under this id: ask the platform to run `central-platform verify`",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    added = parser(
        subparsers,
        "outbox",
        "list what waits for the platform; requeue what it refused",
        "rating-terminal outbox list --json\n  rating-terminal outbox requeue",
        config=False,
    )
    acts = added.add_subparsers(dest="act", required=True, metavar="list|requeue")
    listing = parser(acts, "list", "list waiting and quarantined entries", "rating-terminal outbox list --json")
    add_json(listing)
    listing.set_defaults(perform=perform_list)
    requeue = parser(acts, "requeue", "offer quarantined entries again", "rating-terminal outbox requeue [ENTRY …]")
    requeue.add_argument(
        "entries", nargs="*", type=_entry_id, metavar="ENTRY", help="entry ids (default: all that are quarantined)"
    )
    add_json(requeue)
    requeue.set_defaults(perform=perform_requeue)


def perform_list(arguments: argparse.Namespace) -> int:
    from terminal_app.commands.store_access import read_journal, told_alarms
    from terminal_app.config import load

    with read_journal(load(arguments.config)) as reader:
        counts, alarms = reader.counts(), reader.alarms()
        waiting = [(row, "quarantined") for row in reader.quarantined(EVERYTHING)]
        waiting += [(row, "pending") for row in reader.pending(EVERYTHING)]
    rows = [
        {"id": row.entry_id, "kind": row.kind, "state": state, "attempts": row.attempts, "reason": row.reason}
        for row, state in waiting
    ]
    text = [f"{counts.entries} entries, {counts.pending} waiting, {counts.quarantined} quarantined"]
    text += [f"warning: {told} — {remedy}" for told, remedy in told_alarms(alarms)]
    text += [
        one_line(f"{row['id']}  {row['state']:<11} {row['kind']:<16} {row['attempts']:>3} attempts  {row['reason'] or ''}")
        for row in rows
    ]
    text += _remedies({str(row["reason"]) for row in rows if row["reason"]})
    values = {"entries": rows, "total": counts.entries, "pending": counts.pending, "quarantined": counts.quarantined}
    values["alarms"] = alarms
    say(arguments, values, "\n".join(text))
    return OK


def _remedies(reasons: set[str]) -> list[str]:
    """What may be behind each reason, and what puts the entries back once it is mended."""
    if not reasons:
        return []
    told = [
        f"{reason}: {REMEDIES.get(reason, 'a reason that this build does not know; ask the platform')}"
        for reason in sorted(reasons)
    ]
    return [*told, "once that is mended: stop the kiosk, rating-terminal outbox requeue, start it again"]


def perform_requeue(arguments: argparse.Namespace) -> int:
    from terminal_app.commands.store_access import open_for_command
    from terminal_app.config import load

    with open_for_command(load(arguments.config), create=False) as store:
        count = store.requeue(arguments.entries or None)
    others = len(set(arguments.entries)) - count if arguments.entries else 0
    told = f"; {others} of those named are not in quarantine, see `rating-terminal outbox list`" if others else ""
    say(arguments, {"requeued": count}, f"{count} entries will be offered again{told}")
    return FOUND if others else OK


def _entry_id(text: str) -> str:
    from uuid import UUID

    try:
        return str(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no entry id; `outbox list` shows them") from None
