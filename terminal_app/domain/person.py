"""What a ticket says of the person served, sealed to the platform's key. The readable form exists only while it is sealed.

The context binds a sealed text to its session, so that it opens nowhere else. See docs/wire.md, “Sealed personal data”.
"""

import base64
import json
from collections.abc import Mapping

from terminal_app.domain import suite
from terminal_app.domain.signed import canonical

_TAG = b"rating-terminal/1 person\n"
_BLOCK = 256


def seal_person(person: Mapping[str, str], sealing_key: bytes, session: str) -> str:
    """The sealed text (base64url) of the fields in `person`; its length tells only how many 256-byte blocks they fill.

    Raises ValueError where the key is not one.
    """
    plain = canonical(person)
    plain = plain.ljust(-(-len(plain) // _BLOCK) * _BLOCK)
    sealed = suite.seal(sealing_key, plain, _TAG + session.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def open_person(sealed: str, private_key: bytes, session: str) -> dict[str, str]:
    """The fields in a sealed text of this session. Raises suite.NotSealed, also for what was sealed and is no person."""
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        person = json.loads(suite.unseal(private_key, raw, _TAG + session.encode()))
    except (ValueError, RecursionError):
        person = None
    if not isinstance(person, dict) or not all(isinstance(said, str) for said in person.values()):
        raise suite.NotSealed("nothing that this key opens as a person")
    return person
