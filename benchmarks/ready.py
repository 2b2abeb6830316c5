"""A device whose batches are signed beforehand, so that who sends them does hardly anything but send."""

import base64
from collections.abc import Iterator
from itertools import islice

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from benchmarks.filling import sessions
from sync import wire
from terminal_app.domain import suite
from terminal_app.domain.journal import GENESIS, Entry, Head, write_entry
from terminal_app.domain.signed import open_document
from terminal_app.ids import Uuid7Ids
from terminal_app.system_clock import SystemClock

Headers = dict[str, str]


class ReadyDevice:
    """A device with a key and a chain of its own at the platform with this address; enrol it before anything else."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._key = Ed25519PrivateKey.generate()
        self._key_id = base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        resolver = MappingKeyResolver(public_keys={}, private_keys={self._key_id: self._key})
        self._signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver)
        self._clock, self._ids, self._drafts = SystemClock(), Uuid7Ids(), sessions()
        self._head = Head("", "", 0, GENESIS)

    @property
    def device(self) -> str:
        return self._head.device

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def enroll(self, claim: str) -> "ReadyDevice":
        """Exchange a claim for the device's id."""
        body = b'{"claim":"%b","public_key":"%b"}' % (claim.encode(), self._key_id.encode())
        answer = requests.post(self.url + wire.ENROLMENTS, data=body, headers=self.signed(wire.ENROLMENTS, body), timeout=60)
        answer.raise_for_status()
        signer = base64.urlsafe_b64decode(answer.json()["body"]["platform_key"] + "=")
        return self.named(str(open_document(answer.content, signer)["device"]))

    def named(self, device: str) -> "ReadyDevice":
        """Begin a chain as the device with this id."""
        self._head = Head(device, self._ids.uuid7().replace("-", ""), 0, GENESIS)
        return self

    def entries(self, count: int) -> Iterator[Entry]:
        """The next entries, of whole sessions one after the other."""
        for draft in islice(self._drafts, count):
            entry = write_entry(
                draft, self._ids.uuid7(), self._head, self._clock.moment(), lambda digest: suite.sign(self._key, digest)
            )
            self._head = entry.head
            yield entry

    def batch(self, count: int) -> tuple[bytes, Headers]:
        """A request with the next entries: its body and its headers."""
        body = wire.entries_payload([entry.line for entry in self.entries(count)])
        return body, self.signed(wire.ENTRIES, body)

    def signed(self, path: str, body: bytes) -> Headers:
        """The headers of a request that was signed beforehand, which do not expire."""
        request = requests.Request("POST", self.url + path, data=body, headers={"Content-Type": wire.SIGNED_JSON}).prepare()
        covered = wire.COVERED_COMPONENTS
        self._signer.sign(request, key_id=self._key_id, label=wire.SIGNATURE_LABEL, covered_component_ids=covered, body=body)
        return {name: value for name, value in request.headers.items() if name != "Content-Length"}
