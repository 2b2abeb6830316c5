"""`rating-terminal doctor`: looks at everything that a window needs and says per finding what to do."""

import argparse
import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from terminal_app.commands.shared import FOUND, OK, CommandError, add_json, parser, say
from terminal_app.config import TerminalConfig, load

if TYPE_CHECKING:
    from terminal_app.application.documents import DocumentKind
    from terminal_app.domain.enrolment import EnrolmentRecord


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `state` is ok, warn or fail; `remedy` is empty when it is ok."""

    name: str
    state: str
    message: str
    remedy: str = ""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    added = parser(
        subparsers,
        "doctor",
        "check devices, store, clock, platform, voice, fonts and display, with a remedy per finding",
        "rating-terminal doctor --config terminal.toml",
    )
    add_json(added)
    added.set_defaults(perform=perform)


def perform(arguments: argparse.Namespace) -> int:
    findings = list(examine(load(arguments.config)))
    lines = [
        f"{finding.state:<5} {finding.name}: {finding.message}" + (f" — {finding.remedy}" if finding.remedy else "")
        for finding in findings
    ]
    say(arguments, {"findings": [asdict(finding) for finding in findings]}, "\n".join(lines))
    return OK if all(finding.state == "ok" for finding in findings) else FOUND


def examine(config: TerminalConfig) -> Iterator[Finding]:
    """Every finding, in the order in which one would repair them."""
    yield Finding("configuration", "ok", str(config.file))
    yield from _store(config)
    yield _disk(config)
    yield _clock()
    yield from _transport(config)
    yield _platform(config)
    yield from _devices(config)
    yield from _local_api(config)
    yield from _voice(config)
    yield _font()
    yield _display()


def _store(config: TerminalConfig) -> Iterator[Finding]:
    from terminal_app.application.documents import DocumentKind
    from terminal_app.commands.store_access import read_journal, told_alarms
    from terminal_app.store.opening import DATABASE
    from terminal_app.store.unmendable import is_noted

    try:
        with read_journal(config) as reader:
            counts, enrolment, alarms = reader.counts(), reader.enrolment(), reader.alarms()
            documents = {kind: line for kind in DocumentKind if (line := reader.document(kind)) is not None}
    except CommandError as error:
        problem, _, remedy = str(error).partition("; ")
        yield Finding("store", "fail", problem, remedy)
        return
    told = f"{counts.entries} entries, {counts.pending} waiting, {counts.quarantined} quarantined"
    if is_noted(config.data_dir / DATABASE):
        remedy = "what was there before lies in set-aside; check the disk, and take the folder to who supports this terminal"
        yield Finding("store", "fail", f"{told}; no start can open {DATABASE}, even after it was salvaged", remedy)
    elif counts.quarantined:
        yield Finding("store", "warn", told, "see `rating-terminal outbox list`; `outbox requeue` once the cause is mended")
    else:
        yield Finding("store", "ok", told)
    yield from (Finding("store", "warn", *told) for told in told_alarms(alarms))
    if enrolment is None:
        yield Finding("enrolment", "fail", "this terminal is not enrolled", "run `rating-terminal enroll --claim …`")
    else:
        yield from _enrolment(enrolment, documents)


def _enrolment(record: "EnrolmentRecord", lines: "dict[DocumentKind, bytes]") -> Iterator[Finding]:
    """Whether the window would take what is kept of the enrolment; it counts as not enrolled where it would not."""
    from terminal_app.application.documents import BadDocument, DocumentKind, read_documents
    from terminal_app.domain.signed import open_document

    try:
        read_documents(lines, record.platform_key)
    except BadDocument as error:
        remedy = "run `rating-terminal enroll --claim …` with the same claim, or with a new one"
        yield Finding("enrolment", "fail", f"what is kept of it cannot be used ({error})", remedy)
        return
    window = record.window
    yield Finding("enrolment", "ok", f"{window.hall} · {window.name} · {window.number} ({record.region})")
    yield from _region(open_document(lines[DocumentKind.POLICY], record.platform_key))


def _region(policy: "Mapping[str, Any]") -> Iterator[Finding]:
    """Whether the document behind the region's rules has ended: the window goes on, and somebody has to choose others."""
    from datetime import date

    validity = policy.get("validity") or {}
    ended = validity.get("to")
    if ended is not None and ended < date.today().isoformat():
        after = f"; after them: {said}" if (said := validity.get("superseded_by")) else ""
        told = f"the rules of {policy['id']} ended on {ended}{after}; it still rates by them"
        yield Finding("region", "warn", told, "choose others at the platform: `central-platform device assign … --region R`")


def _existing(folder: Path) -> Path:
    return folder if folder.exists() or folder == folder.parent else _existing(folder.parent)


def _disk(config: TerminalConfig) -> Finding:
    from terminal_app.application.inside import LOW_DISK_MIB

    free_mib = shutil.disk_usage(_existing(config.data_dir)).free >> 20
    told = f"{free_mib} MiB free for {config.data_dir}"
    if free_mib < LOW_DISK_MIB:
        return Finding("disk", "warn", told, "free some space; ratings go on for as long as the reserve lasts")
    return Finding("disk", "ok", told)


def _clock() -> Finding:
    from terminal_app.domain.journal import ClockQuality
    from terminal_app.system_clock import SystemClock

    moment = SystemClock().moment()
    if moment.quality is ClockQuality.SYNCHRONISED:
        return Finding("clock", "ok", f"{moment.wall}, {moment.quality}")
    return Finding(
        "clock", "warn", f"{moment.wall}, {moment.quality}", "set up time synchronisation (apt-get install systemd-timesyncd)"
    )


def _platform(config: TerminalConfig) -> Finding:
    import requests

    url = f"{config.platform_url}/healthz"
    try:
        answer = requests.get(url, timeout=5, verify=str(config.ca_file) if config.ca_file else True)
    except requests.exceptions.SSLError:
        return Finding(
            "platform", "fail", f"{config.platform_url}: certificate not trusted", "set platform.ca_file, check the clock"
        )
    except requests.RequestException:
        remedy = "check network and address; ratings are kept and delivered later"
        return Finding("platform", "fail", f"{config.platform_url} cannot be reached", remedy)
    if answer.status_code != 200:
        return Finding(
            "platform", "fail", f"{config.platform_url} answers {answer.status_code}", "look at the platform's own log"
        )
    return Finding("platform", "ok", config.platform_url)


def _transport(config: TerminalConfig) -> Iterator[Finding]:
    if not _is_private(config.platform_url):
        told = f"{config.platform_url} is used without TLS: whoever is on the way reads every rating, and may hold it up"
        yield Finding("transport", "warn", told, "use an https:// address, with platform.ca_file for a certificate of your own")


def _is_private(url: str) -> bool:
    """Encrypted, or not leaving this machine."""
    import ipaddress
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return parts.scheme == "https" or local


def _devices(config: TerminalConfig) -> Iterator[Finding]:
    from device_drivers.transport import WINDOW, LineError, is_stable_address

    if not config.devices:
        yield Finding("devices", "fail", "none configured", f"add [[devices]] to {config.file}; see docs/devices.md")
    for device in config.devices:
        name = f"device {device.name}"
        if device.address == WINDOW:
            yield Finding(name, "ok", "its keys come through the window; `devices status` tells of them while it runs")
            continue
        try:
            with contextlib.closing(device.driver.open(device.address, device.driver.line)):
                pass
        except LineError as error:
            state = "warn" if error.reason == "busy" else "fail"
            yield Finding(name, state, f"{device.address}: {error.reason}", error.remedy)
            continue
        if is_stable_address(device.address):
            yield Finding(name, "ok", device.address)
        else:
            yield Finding(
                name, "warn", f"{device.address} may name another device after a restart", "use a name under by-id, or VID:PID"
            )


def _local_api(config: TerminalConfig) -> Iterator[Finding]:
    settings = config.local_api
    if settings is None:
        return
    clients = ", ".join([client.name for client in settings.clients] + ["legacy pages"] * bool(settings.legacy_origins))
    yield _api_port(settings.port, "GET", "/v1", clients)
    if settings.http_port is not None:
        yield _api_port(settings.http_port, "POST", "/v1/heartbeat", clients)


def _api_port(port: int, method: str, path: str, clients: str) -> Finding:
    import socket

    name = f"local API 127.0.0.1:{port}"
    try:
        with socket.create_server(("127.0.0.1", port)):
            return Finding(name, "ok", f"free; the terminal will listen there for {clients}")
    except OSError as error:
        if _is_rating_terminal(method, f"http://127.0.0.1:{port}{path}"):
            return Finding(name, "ok", f"the terminal listens there for {clients}")
        return Finding(name, "fail", f"{error.strerror}", "stop the program that holds it, or set another port in [local_api]")


def _is_rating_terminal(method: str, url: str) -> bool:
    """Whether what listens there refuses as the local API does."""
    import requests

    try:
        return "wrong_token" in requests.request(method, url, timeout=3).text
    except requests.RequestException:
        return False


def _voice(config: TerminalConfig) -> Iterator[Finding]:
    if config.voice is not None:
        from terminal_app.commands.voice_trial import look

        yield from (Finding("voice", *found) for found in look(config.voice))


def _font() -> Finding:
    import subprocess

    remedy = "apt-get install fonts-noto-cjk"
    try:
        found = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False, timeout=20
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return Finding(
            "font",
            "warn",
            "fontconfig's fc-list is not available, so fonts were not checked",
            f"apt-get install fontconfig; {remedy}",
        )
    families = sorted({line.split(",")[0] for line in found.splitlines() if line})
    if not families:
        return Finding("font", "fail", "no font with Chinese characters", remedy)
    return Finding("font", "ok", ", ".join(families[:3]))


def _display() -> Finding:
    from terminal_app.display import display_problem

    problem, _, remedy = display_problem().partition("; ")
    if problem:
        return Finding("display", "warn", problem, remedy)
    return Finding("display", "ok", os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "off screen")
