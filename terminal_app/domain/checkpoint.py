"""The platform's counter-signed heads: how far it holds each chain without a gap (docs/wire.md, POST /v1/entries)."""

from collections.abc import Iterable
from datetime import datetime

from terminal_app.domain.frozen import frozen
from terminal_app.domain.signed import NotSigned, open_document


@frozen
class Checkpoint:
    """Device, chain (16 bytes), contiguous head, its hash (32 bytes), the platform's time in milliseconds, the signed line."""

    device: str
    chain: bytes
    seq: int
    hash: bytes
    at_ms: int
    line: bytes


def read_checkpoint(line: bytes, platform_key: bytes) -> Checkpoint:
    """The checkpoint in a signed line. Raises NotSigned when malformed or not signed by `platform_key`."""
    body = open_document(line, platform_key)
    try:
        if body["type"] != "checkpoint":
            raise NotSigned("not a checkpoint")
        at_ms = int(datetime.fromisoformat(body["at"]).timestamp() * 1000)
        chain, hashed = bytes.fromhex(body["chain"]), bytes.fromhex(body["hash"])
        return Checkpoint(str(body["device"]), chain, int(body["seq"]), hashed, at_ms, line)
    except (KeyError, TypeError, ValueError) as error:
        raise NotSigned(f"checkpoint field missing or malformed: {error}") from None


def heads_by_chain(lines: Iterable[bytes], platform_key: bytes) -> tuple[dict[str, list[Checkpoint]], int]:
    """The heads in these lines by chain (32 hex digits), in order of `seq`, and how many lines the platform has not signed."""
    heads: dict[str, list[Checkpoint]] = {}
    bad = 0
    for line in lines:
        try:
            head = read_checkpoint(line, platform_key)
        except NotSigned:
            bad += 1
        else:
            heads.setdefault(head.chain.hex(), []).append(head)
    for of_chain in heads.values():
        of_chain.sort(key=lambda head: head.seq)
    return heads, bad
