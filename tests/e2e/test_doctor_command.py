"""`rating-terminal doctor` (issue 2, point 8): it looks at everything, and each finding has a remedy."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
import serial
from PySide6.QtWidgets import QApplication
from support.commands import finding, findings, quarantine
from support.counter import Counter, OpenKiosk, command
from support.fault_server import FaultServer, Reply, make_certificate
from support.platform import RunningPlatform
from support.published import POLICY, signed

from central_platform.identity import load_identity
from terminal_app.commands.doctor import _transport
from terminal_app.config import load
from terminal_app.regions.library import load_pack
from terminal_app.regions.pack import policy_document
from terminal_app.store.opening import DATABASE
from terminal_app.store.schema import SCHEMA_VERSION
from terminal_app.store.unmendable import note_unmendable

pytestmark = pytest.mark.usefixtures("english")


def test_doctor_looks_at_everything(rated: Counter) -> None:
    rows = {row["name"]: row["state"] for row in findings(rated)}
    looked_at = ["configuration", "store", "enrolment", "disk", "clock", "platform"]
    looked_at += ["device ticket-line", "device scanner", "device card-reader", "font", "display"]
    assert list(rows) == looked_at
    assert all(rows[name] == "ok" for name in ("configuration", "store", "enrolment", "platform", "device scanner", "display"))
    text = command("doctor", "--config", rated.config).out.splitlines()
    assert len(text) == len(looked_at)


def broken(name: str, at: Counter) -> None:
    """Break one thing."""
    device = at.scanner.device
    match name:
        case "no data folder":
            shutil.rmtree(at.data)
        case "newer build":
            set_version(at, SCHEMA_VERSION + 1)
        case "empty database":
            for file in at.data.glob(f"{DATABASE}*"):
                file.unlink()
            (at.data / DATABASE).touch()
        case "no database":
            (at.data / DATABASE).write_bytes(b"This is not a database. " * 99)
        case "unmendable":
            note_unmendable(at.data / DATABASE, "0.1.0")
        case "not enrolled":
            with sqlite3.connect(at.data / DATABASE) as database:
                database.execute("DELETE FROM documents")
            database.close()
        case "platform down":
            at.configure("http://127.0.0.1:9")
        case "device missing":
            device.unplug()
        case "no devices":
            at.config.write_text(at.config.read_text("utf-8").partition("[[devices]]")[0], "utf-8")


def set_version(at: Counter, version: int) -> None:
    with sqlite3.connect(at.data / DATABASE) as database:
        database.execute(f"PRAGMA user_version = {version}")
    database.close()


BREAKAGES = {
    "no data folder": ("store", "fail", "enrol this terminal"),
    "newer build": ("store", "fail", "install the newer build again"),
    "empty database": ("store", "fail", "start the terminal once"),
    "no database": ("store", "fail", "sets a damaged file aside"),
    "unmendable": ("store", "fail", "lies in set-aside"),
    "not enrolled": ("enrolment", "fail", "rating-terminal enroll --claim"),
    "platform down": ("platform", "fail", "check network and address"),
    "device missing": ("device scanner", "fail", "Connect the device"),
    "no devices": ("devices", "fail", "docs/devices.md"),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_doctor_finds_what_is_broken(name: str, at: Counter) -> None:
    broken(name, at)
    where, state, remedy = BREAKAGES[name]
    found = finding(at, where)
    assert found["state"] == state
    assert remedy in found["remedy"]


@pytest.mark.parametrize(
    ("driver", "address", "state", "told"),
    [
        ("wedge_scanner", "0C2E:FFFF", "fail", "/dev/input/by-id/"),
        ("keypad", "/dev/input/by-id/none-event-kbd", "fail", "/dev/input/by-id/"),
        ("pcsc_reader", "pcsc://nobody has this one", "fail", "PC/SC service"),
        ("wedge_scanner", "window", "ok", ""),
    ],
)
def test_doctor_opens_each_device_as_what_it_is(at: Counter, driver: str, address: str, state: str, told: str) -> None:
    """Issue 6: it says what is wrong in words an administrator understands."""
    prefix = 'prefix = "~~"\nended_by = "line_end"\n' if address == "window" else ""
    table = f'[[devices]]\nname = "another"\ndriver = "{driver}"\naddress = "{address}"\n{prefix}'
    at.config.write_text(at.config.read_text("utf-8") + table, "utf-8")
    found = finding(at, "device another")
    assert (found["state"], told in (found.get("remedy") or "")) == (state, True)


def test_doctor_finds_a_busy_port(at: Counter) -> None:
    with serial.Serial(at.scanner.device.address, exclusive=True):
        found = finding(at, "device scanner")
    assert (found["state"], "Stop it" in found["remedy"]) == ("warn", True)


def test_doctor_warns_of_an_address_that_changes(at: Counter, tmp_path: Path) -> None:
    pty = os.path.realpath(at.scanner.device.address)
    at.config.write_text(at.config.read_text("utf-8").replace(at.scanner.device.address, pty), "utf-8")
    found = finding(at, "device scanner")
    assert (found["state"], "by-id" in found["remedy"]) == ("warn", True)


@pytest.mark.parametrize(("status", "state"), [(200, "ok"), (503, "fail"), (404, "fail")])
def test_doctor_asks_the_platform(status: int, state: str, at: Counter) -> None:
    with FaultServer(Reply(status)) as server:
        at.configure(server.url)
        assert finding(at, "platform")["state"] == state


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://platform.invalid", True),
        ("http://10.255.255.1:8080", True),
        ("https://platform.invalid", False),
        ("http://127.0.0.1:1", False),
        ("http://localhost:1", False),
        ("http://[::1]:1", False),
    ],
)
def test_doctor_warns_of_a_platform_that_is_reached_in_the_clear(url: str, warned: bool, at: Counter) -> None:
    """docs/trust.md: the network; a loopback address never leaves the machine."""
    at.configure(url)
    assert [finding.state for finding in _transport(load(at.config))] == ["warn"] * warned


def test_doctor_finds_a_wrong_certificate(at: Counter, tmp_path: Path) -> None:
    with FaultServer(certificate=make_certificate(tmp_path, "self")) as server:
        at.configure(server.url)
        assert "platform.ca_file" in finding(at, "platform")["remedy"]


@pytest.mark.parametrize(("display", "words"), [("", "no display"), (":977", "does not answer")])
def test_doctor_finds_a_missing_display(display: str, words: str, at: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    found = finding(at, "display")
    assert (found["state"], words in found["message"]) == ("warn", True)


def test_doctor_finds_a_missing_font(at: Counter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    assert finding(at, "font") == {
        "name": "font",
        "state": "fail",
        "message": "no font with Chinese characters",
        "remedy": "apt-get install fonts-noto-cjk",
    }


def test_doctor_counts_what_is_quarantined(at: Counter, qapp: QApplication) -> None:
    quarantine(at)
    found = finding(at, "store")
    assert (found["state"], "1 quarantined" in found["message"]) == ("warn", True)
    assert "outbox requeue" in found["remedy"]


def test_doctor_runs_beside_the_kiosk(kiosk: OpenKiosk) -> None:
    rows = {row["name"]: row["state"] for row in findings(kiosk.counter)}
    assert rows["store"] == "ok"
    assert rows["device scanner"] == "warn", "the kiosk holds it"


def keep_document(at: Counter, kind: str, line: bytes) -> None:
    with sqlite3.connect(at.data / DATABASE) as database:
        database.execute("INSERT OR REPLACE INTO documents(kind, etag, line) VALUES (?, 'x', ?)", (kind, line))
    database.close()


def test_doctor_warns_of_rules_that_have_ended(at: Counter, platform: RunningPlatform) -> None:
    """guangdong 第二十一条: on trial for half a year. The window goes on by them, and is not made to stop."""
    identity = platform.database.write(load_identity)
    keep_document(at, "policy", identity.sign(policy_document(load_pack("guangdong"))))
    found = finding(at, "region")
    assert found["state"] == "warn"
    assert "the rules of guangdong ended on 2020-02-15" in found["message"]
    assert "device assign" in found["remedy"]


@pytest.mark.parametrize(
    ("kind", "line"), [("catalogue", None), ("policy", b"{}"), ("policy", signed(POLICY)), ("staff", b"\xff\x00")]
)
def test_doctor_finds_an_enrolment_that_the_window_would_not_take(at: Counter, kind: str, line: bytes | None) -> None:
    """Architecture 9: enrolment is complete when record and documents are stored, each signed by the platform."""
    if line is None:
        with sqlite3.connect(at.data / DATABASE) as database:
            database.execute("DELETE FROM documents WHERE kind = ?", (kind,))
        database.close()
    else:
        keep_document(at, kind, line)
    found = finding(at, "enrolment")
    assert (found["state"], kind in found["message"]) == ("fail", True)
    assert "rating-terminal enroll --claim" in found["remedy"]
