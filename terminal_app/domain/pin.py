"""An administrator's PIN: how it is kept, checked and guarded against trying. Keeps no PIN and writes none anywhere.

What is kept is scrypt (RFC 7914), which costs memory as well as time, in the text `scrypt$15$8$1$SALT$HASH`: log2 N, r, p,
then base64url without padding. Six digits are few: the hash slows whoever has stolen the roster, the growing delay
whoever stands at the window.
"""

import base64
from itertools import pairwise

DIGITS_LEAST, DIGITS_MOST = 6, 12
SALT_BYTES = 16
FREE_ATTEMPTS = 3
FIRST_DELAY_MS = 30_000
LONGEST_DELAY_MS = 3_600_000

_NAME = "scrypt"
_LOG2_N, _R, _P = 15, 8, 1
_LOG2_N_MOST, _R_MOST, _P_MOST = 18, 16, 4
"""No roster may ask a terminal for more than 256 MiB."""
_HASH_BYTES = 32


def flaw_of(pin: str) -> str:
    """Why this cannot be a PIN, empty when it can."""
    if not (pin.isascii() and pin.isdigit()):
        return "a PIN is made of the digits 0 to 9"
    if not DIGITS_LEAST <= len(pin) <= DIGITS_MOST:
        return f"a PIN has {DIGITS_LEAST} to {DIGITS_MOST} digits"
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(pin)}
    return "these digits are the first that anybody tries" if len(steps) == 1 and steps <= {0, 1, 9} else ""


def hash_pin(pin: str, salt: bytes) -> str:
    """What is kept of a PIN. `salt`: 16 random bytes."""
    return "$".join((_NAME, str(_LOG2_N), str(_R), str(_P), _text(salt), _text(_derive(pin, salt, _LOG2_N, _R, _P))))


def is_pin_hash(text: str) -> bool:
    """Whether this is what `hash_pin` makes."""
    try:
        _parts(text)
    except ValueError:
        return False
    return True


def matches(hashed: str, pin: str) -> bool:
    """Whether `hashed` was made of this PIN. Takes a tenth of a second and 32 MiB. Raises ValueError for what is no hash."""
    import hmac  # a start does without it

    log2_n, r, p, salt, derived = _parts(hashed)
    return hmac.compare_digest(_derive(pin, salt, log2_n, r, p), derived)


def delay_ms(failures: int) -> int:
    """How long nothing is checked after so many wrong PINs in a row: twice as long each time, an hour at most."""
    if failures < FREE_ATTEMPTS:
        return 0
    return min(LONGEST_DELAY_MS, FIRST_DELAY_MS << min(failures - FREE_ATTEMPTS, 10))


def _parts(text: str) -> tuple[int, int, int, bytes, bytes]:
    name, *numbers, salt, derived = text.split("$")
    log2_n, r, p = (int(number) for number in numbers)
    if name != _NAME or not (1 <= log2_n <= _LOG2_N_MOST and 1 <= r <= _R_MOST and 1 <= p <= _P_MOST):
        raise ValueError("no PIN hash of a kind that is known")
    parts = log2_n, r, p, _bytes(salt), _bytes(derived)
    if len(parts[-1]) != _HASH_BYTES:
        raise ValueError("a PIN hash of another length")
    return parts


def _derive(pin: str, salt: bytes, log2_n: int, r: int, p: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # not needed before the first frame

    return Scrypt(salt=salt, length=_HASH_BYTES, n=1 << log2_n, r=r, p=p).derive(pin.encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
