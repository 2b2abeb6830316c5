"""What an administrator sees of the terminal, and the self-test: every part looked at, its result a word. Never a rating.

Pure: the facts are gathered by the assembly. Nothing in here knows a case, a level, a reason, or whom a card belongs to.
"""

from collections.abc import Sequence
from dataclasses import field

from terminal_app.domain.frozen import frozen
from terminal_app.domain.journal import ClockQuality
from terminal_app.ports import DeviceReport, Link, SyncStatus

LOW_DISK_MIB = 500
SLOW_WRITE_MS = 1_000


@frozen
class Check:
    """One thing that the self-test looked at. `what`: store, disk, clock, platform, font or device; `name` is the device's.

    `value`: a figure or a code beside it, the same in every language: milliseconds, MiB, a state.
    """

    what: str
    good: bool
    value: str = ""
    name: str = ""


@frozen
class SelfTest:
    """A whole look. `wall`: when, local time. `file`: where its sheet lies, empty when it could not be written.

    `printed`: by how many printers, None while nobody asked.
    """

    wall: str
    checks: tuple[Check, ...]
    file: str = ""
    printed: int | None = None

    @property
    def passed(self) -> bool:
        return all(check.good for check in self.checks)


@frozen
class Inside:
    """The terminal as it is now. `now_ms` is monotonic, `wall` local time as RFC 3339.

    `stick`: where the log may be written to, empty for nowhere; `exported`: the file on it, empty when it could not be written,
    None while nobody asked.
    """

    now_ms: int
    wall: str
    quality: ClockQuality
    version: str
    device: str
    region: str
    platform_url: str
    data_dir: str
    free_mib: int
    delivery: SyncStatus = field(default_factory=lambda: SyncStatus(Link.STARTING, "", 0, None))
    devices: tuple[DeviceReport, ...] = ()
    font: bool = True
    testing: bool = False
    self_test: SelfTest | None = None
    stick: str = ""
    exporting: bool = False
    exported: str | None = None


def examine(inside: Inside, write_ms: int | None) -> tuple[Check, ...]:
    """What the self-test finds. `write_ms`: how long a durable write took, None when it failed."""
    return (
        Check("store", write_ms is not None and write_ms < SLOW_WRITE_MS, "" if write_ms is None else f"{write_ms} ms"),
        Check("disk", inside.free_mib >= LOW_DISK_MIB, f"{inside.free_mib} MiB"),
        Check("clock", inside.quality is ClockQuality.SYNCHRONISED, str(inside.quality)),
        Check("platform", inside.delivery.link is Link.ONLINE, inside.delivery.detail or str(inside.delivery.link)),
        Check("font", inside.font),
        *(Check("device", one.state == "connected", one.state, one.name) for one in inside.devices),
    )


def sheet(place: Sequence[str], inside: Inside, test: SelfTest) -> tuple[str, ...]:
    """The pass sheet in both languages, line by line, for a printer and for a file. `place`: hall and window."""
    counts = inside.delivery
    return (
        *place,
        f"时间 Time: {test.wall[:19].replace('T', ' ')}",
        f"设备 Device: {inside.device}",
        f"版本 Version: {inside.version}",
        f"待传 Waiting: {counts.pending}   隔离 Quarantined: {counts.quarantined}",
        "",
        *(_line(check) for check in test.checks),
        "",
        f"结论 Result: {_result(test.passed)}",
        "",
        "签字 Signature: ____________",
    )


def log_head(place: Sequence[str], inside: Inside) -> tuple[str, ...]:
    """What stands above an exported log: which terminal it is and how its parts are."""
    delivery = inside.delivery
    return (
        *place,
        f"time {inside.wall}, clock {inside.quality}",
        f"device {inside.device}, version {inside.version}, region {inside.region}, free {inside.free_mib} MiB",
        f"platform {delivery.link} {delivery.detail}, waiting {delivery.pending}, quarantined {delivery.quarantined}",
        *(f"{one.role} {one.driver} {one.state} {one.remedy}".rstrip() for one in inside.devices),
        "",
    )


_NAMES = {
    "store": "存储 Store",
    "disk": "磁盘 Disk",
    "clock": "时钟 Clock",
    "platform": "平台 Platform",
    "font": "字体 Font",
    "device": "外设 Device",
}


def _line(check: Check) -> str:
    beside = " ".join(part for part in (check.name, check.value) if part)
    return f"{_NAMES[check.what]}: {_result(check.good)}" + (f" ({beside})" if beside else "")


def _result(good: bool) -> str:
    return "合格 PASS" if good else "不合格 FAIL"
