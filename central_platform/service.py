"""What the platform does for a request, on a thread that may block: check who asks, run one transaction, answer."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from central_platform import alarms, attached, documents, enrolment, heads, receipts, viewer
from central_platform.database import Database
from central_platform.deliveries import Deliveries, UnknownDevice
from central_platform.devices import Device, assigned_regions, find_device
from central_platform.identity import load_identity
from central_platform.live import RECENT, Feed, Page
from central_platform.messages import Batch, EnrolmentRequest
from central_platform.metrics import Metrics, Standing
from central_platform.paper_forms import find_form
from central_platform.partitions import Months
from central_platform.phone.counter import PhoneCounter
from central_platform.phone.words import words_after
from central_platform.problems import Problem, too_large, unauthorised, unreadable
from central_platform.projection import ratings_after, revision_before_last
from central_platform.receipts import Comparison
from central_platform.request_signatures import SignedRequest, decode_key, signing_key_of
from central_platform.rules.desk import Desk
from central_platform.rules.laws import keep_home_region
from central_platform.rules.listing import count_apart
from central_platform.schema import chains, devices, rating_keys
from central_platform.times import now_ms
from sync.wire import BATCH_ENTRIES
from terminal_app.regions.library import regions

T = TypeVar("T")

_log = logging.getLogger("central_platform")
_batches = msgspec.json.Decoder(Batch)
_enrolments = msgspec.json.Decoder(EnrolmentRequest)


class Platform:
    """One platform process on one database. Opening it publishes the regions' documents.

    `region`: whose rules apply where a device has no region of its own. Raises UnknownRegion, PackError and NoCatalogue.
    """

    def __init__(self, database: Database, region: str) -> None:
        self._database = database
        self._identity = database.write(load_identity)
        self._region = database.write(lambda connection: self._publish(connection, region))
        self._deliveries = Deliveries(database, self._identity)
        self._months = Months(database)
        self._months.keep_ahead(now_ms())
        self.desk = Desk(database)
        self.phone = PhoneCounter(database, self._identity)
        self.feed = Feed()
        self.metrics = Metrics(self._standing)

    def _publish(self, connection: Connection, region: str) -> str:
        """Publish the packs of this build for the regions that are assigned, and the platform's own; its id."""
        for assigned in sorted({*assigned_regions(connection)} & {*regions()}):
            documents.publish_region(connection, self._identity, assigned)
        home = documents.publish_region(connection, self._identity, region)
        keep_home_region(connection, home)
        return home

    def enroll(self, request: SignedRequest, body: bytes) -> bytes:
        """POST /v1/enrolments."""
        key = signing_key_of(request, body)
        wanted = _decode(_enrolments, body)
        try:
            named = decode_key(wanted.public_key)
        except ValueError:
            raise unreadable("public_key is not 43 characters of base64url.") from None
        if named != key:
            raise unauthorised("Sign an enrolment with the key that it names.")
        answer = self._database.write(
            lambda connection: enrolment.enroll(connection, self._identity, self._region, wanted.claim, key, now_ms())
        )
        _log.info("a device was enrolled, or asked again")
        return answer

    def document(self, request: SignedRequest, kind: str) -> documents.Published:
        """GET /v1/documents/…"""
        key = signing_key_of(request, b"")

        def work(connection: Connection) -> documents.Published:
            device = _known(find_device(connection, key))
            if device.revoked:
                raise Problem(403, "device-revoked", "The device was revoked", "Ask the platform's administrator.")
            published = documents.of_region(connection, kind, device.region or self._region)
            if published is None:
                raise Problem(404, "no-document", "There is no such document", "Start the platform with a region.")
            return published

        return self._database.read(work)

    def receive(self, request: SignedRequest, body: bytes) -> bytes:
        """POST /v1/entries."""
        began = time.perf_counter()
        key = signing_key_of(request, body)
        batch = _decode(_batches, body)
        lines = [bytes(raw) for raw in batch.entries]
        if len(lines) > BATCH_ENTRIES:
            raise too_large(f"A batch has at most {BATCH_ENTRIES} entries.")
        try:
            answer = self._deliveries.receive(key, lines)
        except UnknownDevice:
            raise _not_enrolled() from None
        if batch.chains:
            names = list(dict.fromkeys(batch.chains))
            answer.checkpoints += self._database.read(lambda connection: heads.heads_of(connection, self._identity, key, names))
        if batch.attached is not None:
            told = batch.attached
            self._database.write(lambda connection: attached.keep_told(connection, key, told, now_ms()))
        if batch.store is not None:
            store = batch.store
            self._database.write(lambda connection: alarms.keep_told(connection, key, store))
        self.feed.announce()
        self.metrics.record(answer.results, time.perf_counter() - began)
        self._months.keep_ahead(now_ms())
        return msgspec.json.encode(answer)

    def ratings(self, token: str | None, after: int, limit: int) -> bytes:
        """GET /v1/ratings."""
        found = self.as_viewer(token, lambda connection: ratings_after(connection, after, limit))
        last = found[-1][0] if found else after
        return b'{"items":[%b],"next":%d}' % (b",".join(item for _, item in found), last)

    def attached(self, token: str | None) -> bytes:
        """GET /v1/attached."""
        now = now_ms()
        found = self.as_viewer(token, attached.list_told)
        return msgspec.json.encode({"items": [attached.item(one, now) for one in found]})

    def alarms(self, token: str | None) -> bytes:
        """GET /v1/alarms."""
        return msgspec.json.encode({"items": self.as_viewer(token, alarms.published)})

    def words(self, token: str | None, after: int, limit: int) -> bytes:
        """GET /v1/words."""
        return self.as_viewer(token, lambda connection: words_after(connection, after, limit))

    def live_start(self, token: str | None) -> int:
        """The revision that a stream begins after when its reader has seen nothing yet."""
        return self.as_viewer(token, lambda connection: revision_before_last(connection, RECENT))

    def live_page(self, token: str | None) -> Callable[[int, int], Page]:
        """Reads the pages of a stream for as long as the token is valid."""

        def page(after: int, limit: int) -> Page:
            try:
                return Page(True, self.as_viewer(token, lambda connection: ratings_after(connection, after, limit)))
            except Problem:
                return Page(False, [])

        return page

    def reasons(self, token: str | None) -> bytes:
        """The texts of all reasons by code and language, as JSON."""
        held = self.as_viewer(token, lambda connection: list(documents.all_of(connection, documents.CATALOGUE)))
        rows = [row for catalogue in held for row in catalogue["reasons"]]
        return msgspec.json.encode({row["code"]: row["texts"] for row in rows})

    def receipt(self, text: str) -> tuple[Comparison, list[Mapping[str, str]]]:
        """GET /r/…: what became of a rating, and the texts of what happens next, by language; only after a bad one."""

        def work(connection: Connection) -> tuple[Comparison, list[Mapping[str, str]]]:
            found = receipts.compare(connection, text)
            held = documents.current(connection, documents.POLICY, found.region or self._region) if found.level else None
            policy = documents.read_document(held.line) if held else None
            if policy is None or found.level is None or found.level > policy["bad_at_most"]:
                return found, []
            return found, [promise["texts"] for promise in policy["after_bad"]]

        return self._database.read(work)

    def has_arrived(self, window_number: str, code: str) -> bool:
        """POST /r."""
        return self._database.read(lambda connection: receipts.has_arrived(connection, window_number, code))

    def is_form(self, number: str) -> bool:
        """GET /p/…: whether a paper form with these digits was printed."""
        return self._database.read(lambda connection: find_form(connection, number)) is not None

    def is_viewer(self, token: str | None) -> bool:
        """Whether the token is the viewer's."""
        return token is not None and self._database.read(lambda connection: viewer.allows(connection, token))

    def check(self) -> None:
        """Ask the database for something. Raises SQLAlchemyError."""
        self._database.read(lambda connection: connection.execute(sa.select(1)).scalar_one())

    def as_viewer(self, token: str | None, work: Callable[[Connection], T]) -> T:
        """Run work for whoever may see ratings. Raises Problem."""

        def checked(connection: Connection) -> T:
            if token is None or not viewer.allows(connection, token):
                raise Problem(
                    401,
                    "viewer-token",
                    "The viewer's token is needed",
                    "Open the address with the token, or send it as Authorization: Bearer.",
                    {"WWW-Authenticate": "Bearer"},
                )
            return work(connection)

        return self._database.read(checked)

    def _standing(self) -> Standing | None:
        try:
            return self._database.read(_standing)
        except SQLAlchemyError:
            return None


def _standing(connection: Connection) -> Standing:
    count = sa.func.count()
    revoked = sa.select(count).select_from(devices).where(devices.c.revoked_at.is_not(None))
    everything = sa.select(count).select_from(devices)
    forked = sa.select(count).select_from(chains).where(chains.c.forked)
    rated = sa.select(sa.func.count(rating_keys.c.session.distinct()))
    gone, enrolled, forks, ratings = (
        int(connection.execute(query).scalar_one()) for query in (revoked, everything, forked, rated)
    )
    open_alarms = alarms.count_alarms(connection)
    return Standing(
        *(ratings, enrolled - gone, gone, forks, open_alarms),
        *(count_apart(connection), len(attached.list_away(connection, now_ms()))),
    )


def _known(device: Device | None) -> Device:
    if device is None:
        raise _not_enrolled()
    return device


def _not_enrolled() -> Problem:
    return unauthorised("The key is not enrolled here.")


def _decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(f"The body has not the form of the description: {error}") from None
