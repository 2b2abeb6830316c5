"""Store begins with an entry → the platform has answered that it has it durably, beside one bare POST of such an entry.

The POST goes to the same route of the same platform over one kept connection of `requests`. Its entries are those of such a
visit too: as long, valid and fresh; they and the requests were signed beforehand.

While a backlog of ten years drains, the same taps at another window, beside the idle one.
"""

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import requests
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from benchmarks.backlog import Delivery, delivering_kiosk
from benchmarks.figure import BLOCKS, Figure, Pair, at_most, compare, median, p99, times
from benchmarks.filling import last_head, sessions
from benchmarks.probe import Probe
from benchmarks.scene import PATIENT, kiosk_on_duty, scene
from benchmarks.visit import CONTACT_S, PAUSE_S, REASONS, ROUNDS, visit
from sync import wire
from terminal_app.demo.stage import Stage, StageError
from terminal_app.domain.journal import GENESIS, Draft, Head, Kind, write_entry
from terminal_app.ids import Uuid7Ids
from terminal_app.store.connection import connect_read_only
from terminal_app.store.keys import load_key
from terminal_app.store.opening import DATABASE
from terminal_app.system_clock import SystemClock

VISITS = 2
TARGET = times(1.5)
BACKLOG = 150_000
TARGET_BUSY = at_most(1_000)


def measure() -> Iterator[Figure]:
    """Every tap an entry that is sent at once: from an idle window, and from one that has ten years to deliver."""
    ours: list[float] = []
    floor: list[float] = []
    busy: list[float] = []
    with (
        scene(PATIENT) as stage,
        kiosk_on_duty(stage) as probe,
        delivering_kiosk(PATIENT, BACKLOG) as delivery,
        requests.Session() as session,
    ):
        delivery.stop()
        session.trust_env = False
        poster = _Poster(stage, session)
        for _ in range(BLOCKS):
            for _ in range(VISITS):
                ours.extend(_acknowledged(stage, probe))
                floor.extend(poster.visit())
                with delivery.flowing():
                    busy.extend(_acknowledged_beside_a_backlog(delivery))
    yield median("commit_to_ack", Pair(ours, floor), "ms", TARGET)
    yield median("commit_to_ack_delivering", Pair(busy, ours), "ms", TARGET_BUSY)
    yield p99("commit_to_ack_delivering_p99", Pair(busy, ours), "ms", TARGET_BUSY)
    yield compare("commit_to_ack_delivering_max", max(busy), max(ours), "ms", TARGET_BUSY, len(busy))


def _acknowledged(stage: Stage, probe: Probe) -> Iterator[float]:
    """Milliseconds from the beginning of each entry to its answer."""
    for tap in visit(stage, probe):
        yield (probe.hear("acked", "1").at_ns - tap.begun_ns) / 1e6


def _acknowledged_beside_a_backlog(delivery: Delivery) -> Iterator[float]:
    """The same, where answers for others come in between: an entry is acknowledged once an answer reaches its place."""
    taps = [(tap.begun_ns, delivery.last()) for tap in visit(delivery.stage, delivery.kiosk)]
    probe = delivery.kiosk
    answers = [told for told in probe.dropped if told.words[0] == "acked"]
    while not answers or int(answers[-1].words[2]) < taps[-1][1]:
        answers.append(probe.hear("acked"))
    for begun_ns, place in taps:
        yield (next(told.at_ns for told in answers if int(told.words[2]) >= place) - begun_ns) / 1e6


class _Poster:
    """Visits in a chain of their own, posted entry by entry."""

    def __init__(self, stage: Stage, session: requests.Session) -> None:
        data = stage.folder / "terminal"
        self._url = stage.platform.url + wire.ENTRIES
        self._session = session
        self._key = load_key(data)
        self._key_id = base64.urlsafe_b64encode(self._key.public).rstrip(b"=").decode()
        keys = MappingKeyResolver(public_keys={}, private_keys={self._key_id: self._key.private})
        self._signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=keys)
        self._opened = (draft for draft in sessions() if draft.kind is Kind.SESSION_OPENED)
        self._clock, self._ids = SystemClock(), Uuid7Ids()
        self._head = Head(_device(data), self._ids.uuid7().replace("-", ""), 0, GENESIS)

    def visit(self) -> Iterator[float]:
        """Milliseconds of each POST but that of the opening entry."""
        requests_ = [self._prepared(draft) for draft in _visit(next(self._opened))]
        for number, (body, headers) in enumerate(requests_):
            time.sleep(CONTACT_S + PAUSE_S)
            begun_ns = time.monotonic_ns()
            answer = self._session.post(self._url, data=body, headers=headers, timeout=30)
            taken_ms = (time.monotonic_ns() - begun_ns) / 1e6
            if answer.status_code != 200 or answer.json()["results"][0]["status"] != wire.Status.ACCEPTED:
                raise StageError(f"the platform did not accept an entry: {answer.status_code} {answer.text[:200]}")
            if number:
                yield taken_ms

    def _prepared(self, draft: Draft) -> tuple[bytes, dict[str, str]]:
        entry = write_entry(draft, self._ids.uuid7(), self._head, self._clock.moment(), self._key.sign)
        self._head = entry.head
        body = wire.entries_payload([entry.line])
        request = requests.Request("POST", self._url, data=body, headers={"Content-Type": wire.SIGNED_JSON}).prepare()
        self._signer.sign(
            request,
            key_id=self._key_id,
            label=wire.SIGNATURE_LABEL,
            covered_component_ids=wire.COVERED_COMPONENTS,
            body=body,
        )
        return body, {name: value for name, value in request.headers.items() if name != "Content-Length"}


def _visit(opened: Draft) -> Iterator[Draft]:
    """What benchmarks.visit taps, as drafts."""
    yield opened
    yield Draft(Kind.STAR_CHOSEN, opened.session, {"level": 1, "offset_ms": 4_200, "source": "touch"})
    for tap, code in enumerate(REASONS * ROUNDS):
        data = {"level": 1, "code": code, "text": "在办事指南之外增加新的审批条件", "on": tap < len(REASONS)}
        yield Draft(Kind.REASON_TOGGLED, opened.session, data)


def _device(data: Path) -> str:
    connection = connect_read_only(data / DATABASE)
    try:
        return last_head(connection).device
    finally:
        connection.close()
