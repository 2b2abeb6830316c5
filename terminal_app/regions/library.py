"""The packs that this build ships, and packs in files of one's own: finding and reading them."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from terminal_app.regions.catalogue import catalogue_document
from terminal_app.regions.pack import Pack, PackError, read_pack

BASES = ("national",)
_PACKAGE = "terminal_app.regions"

ReadFile = Callable[[str], str]
"""The text of a shipped file by its name; KeyError where there is none."""


class UnknownRegion(Exception):
    """There is no pack for this region; the message lists those that exist."""


def regions() -> list[str]:
    """The ids of the regions that this build has packs for; packs that others build on are left out."""
    names = (item.name.removesuffix(".toml") for item in resources.files(_PACKAGE).iterdir() if item.name.endswith(".toml"))
    return sorted(name for name in names if name not in BASES)


def read_shipped(name: str) -> str:
    """The text of a file that this build ships, a pack or a catalogue. Raises KeyError."""
    shipped = {item.name: item for item in resources.files(_PACKAGE).iterdir() if item.name.endswith((".toml", ".csv"))}
    return shipped[name].read_text(encoding="utf-8")


def load_pack(region: str, read: ReadFile = read_shipped) -> Pack:
    """The pack of a region: an id, or the path of a TOML file. Raises UnknownRegion and PackError."""
    if region.endswith(".toml"):
        return load_file(Path(region))
    try:
        text = read(f"{region}.toml")
    except KeyError:
        raise UnknownRegion(
            f"there is no region {region!r}; there are: {', '.join(regions())}. Or name a file, *.toml."
        ) from None
    return read_pack(text, f"{region}.toml", lambda base: read(f"{base}.toml"))


def load_file(path: Path) -> Pack:
    """The pack in a file. Its base is one that is shipped, or lies in the same folder. Raises UnknownRegion and PackError."""

    def read_base(name: str) -> str:
        try:
            return read_shipped(f"{name}.toml")
        except KeyError:
            beside = path.with_name(f"{name}.toml")
            if not beside.is_file():
                raise
            return _read_file(beside)

    return read_pack(_read_file(path), path.name, read_base)


def load_catalogue(pack: Pack, read: ReadFile = read_shipped) -> dict[str, Any] | None:
    """The body of the `catalogue` document that a pack names, if it is the one that is shipped. Raises PackError."""
    if pack.catalogue != load_pack(BASES[0], read).catalogue:
        return None
    catalogue_id, version = pack.catalogue
    file = f"{catalogue_id}.csv"
    return catalogue_document(read(file), catalogue_id, version, file)


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PackError(str(path), "encoding", "other bytes", "UTF-8") from None
    except OSError as error:
        raise UnknownRegion(f"{path} cannot be read: {error.strerror}.") from None
