"""What another channel tells beside the level: reasons, looked up in the catalogue, and words, which are kept sealed."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.documents import CATALOGUE, current, read_document
from central_platform.identity import PlatformIdentity, load_identity
from central_platform.rules.laws import Laws, NoRegion
from central_platform.rules.statements import ChannelRating, NotTaken, SeenReason, StoredRating, Taken, milliseconds
from central_platform.rules.views import case_views
from central_platform.schema import channel_ratings
from terminal_app.domain.person import seal_person

_FIELD = "words"


def completed(connection: Connection, taken: Taken) -> str:
    """The document to keep of a ChannelRating that was read: reasons with their texts, words only sealed. Raises NotTaken."""
    said = msgspec.json.decode(taken.document, type=ChannelRating)
    if not said.reasons and said.text is None:
        return taken.document
    kept = {name: value for name, value in msgspec.to_builtins(said).items() if value not in (None, [])}
    kept.pop("text", None)
    if said.reasons:
        reasons, catalogue = _seen(connection, said)
        kept |= {"reasons": reasons, "catalogue": catalogue}
    if said.text is not None:
        kept["sealed"] = seal_person({_FIELD: said.text}, load_identity(connection).sealing_public_key, said.id)
    return msgspec.json.encode(msgspec.convert(kept, StoredRating), order="sorted").decode()


def open_told_words(connection: Connection, identity: PlatformIdentity, rating: str) -> tuple[int, str] | None:
    """When they came (milliseconds since 1970) and the words of this rating; None without any. Raises suite.NotSealed."""
    row = connection.execute(sa.select(channel_ratings).where(channel_ratings.c.id == rating)).first()
    sealed = msgspec.json.decode(row.document, type=StoredRating).sealed if row is not None else None
    if row is None or sealed is None:
        return None
    return row.received_at, identity.open_person(sealed, rating)[_FIELD]


def _seen(connection: Connection, said: ChannelRating) -> tuple[list[SeenReason], str]:
    """The reasons with the catalogue's Chinese texts, by the rules in force at the rating's time."""
    region = case_views(connection, {said.case})[said.case].region if said.case is not None else None
    try:
        window = Laws(connection).of(region, milliseconds(said.at)).window
    except NoRegion as error:
        raise NotTaken("unknown_reason", f"there is no catalogue to look reasons up in: {error}") from None
    held = current(connection, CATALOGUE, window.catalogue_id, window.catalogue_version)
    rows = {row["code"]: row for row in read_document(held.line)["reasons"]} if held else {}
    name = f"{window.catalogue_id} {window.catalogue_version}"
    wrong = [code for code in said.reasons if code not in rows or rows[code]["level"] != said.level]
    if wrong:
        raise NotTaken("unknown_reason", f"catalogue {name} has no reason {', '.join(wrong)} for level {said.level}")
    return [SeenReason(code, rows[code]["texts"]["zh-CN"]) for code in dict.fromkeys(said.reasons)], name
