"""What a process wrote to its files, and what a pulled plug leaves of it.

`read_log` makes operations of strace's output, `Disk` is the medium below them: a cut at any point keeps what was synced and,
of the rest, whatever its fate says. Nothing here knows what the files mean, and nothing here touches a file but `put`.
"""

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
"""What a disk writes at once: whole or not at all."""
FATES = ("kept", "dropped", "reordered", "torn")
"""Of what a cut finds unsynced: all is there, nothing is, any of the writes are, any of their sectors are."""


@dataclass(frozen=True, slots=True)
class Write:
    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Resize:
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """All that was done to this file, or to the names in this folder, is on the medium."""

    path: str


@dataclass(frozen=True, slots=True)
class Make:
    """A new file or folder; nothing when the name is taken."""

    path: str
    folder: bool = False


@dataclass(frozen=True, slots=True)
class Rename:
    path: str
    to: str


@dataclass(frozen=True, slots=True)
class Remove:
    path: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What the process said at this point, one line."""

    text: str


Operation = Write | Resize | Sync | Make | Rename | Remove | Mark
_Naming = Make | Rename | Remove

# --- strace's output --------------------------------------------------------------------------------------------------

CALLS = (
    *("openat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir"),
    *("write", "pwrite64", "ftruncate", "fsync", "fdatasync"),
)
STRACE = (
    "strace",
    "-f",
    "-q",
    "-y",
    "-xx",
    "-s",
    "16777216",
    "--seccomp-bpf",
    "-e",
    "signal=none",
    "-e",
    "trace=" + ",".join(CALLS),
)
"""How to record; `-o FILE`, the command and its words follow. Paths in the command are absolute."""

_LINE = re.compile(r"(\d+) +(.*)", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)(.*)", re.DOTALL)
_AT_DESCRIPTOR = re.compile(r"-?\d+<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def read_log(lines: Iterable[str], root: Path, marks: Path) -> list[Operation]:
    """What a recorded process did below the folder `root`, and what it wrote into the file `marks`.

    A call that was interrupted by another thread's counts from its beginning, a sync from its end.
    """
    reader = _Reader(str(root), str(marks))
    return [operation for name, call in _whole_calls(lines) for operation in reader.operations(name, call)]


def _whole_calls(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Name and full text of each call."""
    begun: dict[str, int] = {}
    calls: list[tuple[str, str] | None] = []
    for line in lines:
        matched = _LINE.match(line.rstrip("\n"))
        if matched is None:
            continue
        thread, text = matched.groups()
        resumed = _RESUMED.match(text)
        if resumed is not None:
            name, place = resumed.group(1), begun.pop(thread)
            first = calls[place]
            assert first is not None
            whole = (name, first[1] + resumed.group(2))
            is_sync = name in ("fsync", "fdatasync")
            calls[place] = None if is_sync else whole
            if is_sync:
                calls.append(whole)
        elif text.endswith(_UNFINISHED):
            begun[thread] = len(calls)
            calls.append((text.partition("(")[0], text.removesuffix(_UNFINISHED)))
        else:
            calls.append((text.partition("(")[0], text))
    return (call for call in calls if call is not None)


class _Reader:
    """Makes operations of calls; remembers how far each file was written by calls that name no place."""

    def __init__(self, root: str, marks: str) -> None:
        self._root = root
        self._marks = marks
        self._hex_root = _hex(root)
        self._hex_marks = _hex(marks)
        self._places: dict[str, int] = {}

    def operations(self, name: str, text: str) -> list[Operation]:
        if self._hex_root not in text and self._hex_marks not in text:
            return []
        matched = _CALL.fullmatch(text)
        if matched is None or int(matched.group(3)) < 0:
            return []
        return list(self._done(name, matched.group(2), int(matched.group(3)), matched.group(4)))

    def _done(self, name: str, words: str, result: int, returned: str) -> Iterator[Operation]:
        if name == "openat":
            yield from self._opened(words, _unhex(returned.partition("<")[2].partition(">")[0]))
        elif name in ("write", "pwrite64"):
            yield from self._written(name, words, result)
        elif name in ("ftruncate", "fsync", "fdatasync"):
            path = self._below(_unhex(_AT_DESCRIPTOR.match(words).group(1)))  # type: ignore[union-attr]
            if path is not None:
                yield Resize(path, int(words.rpartition(", ")[2])) if name == "ftruncate" else Sync(path)
        else:
            yield from self._named(name, [self._below(_unhex(text)) for text in _TEXT.findall(words)])

    def _opened(self, words: str, path: str) -> Iterator[Operation]:
        below = self._below(path)
        self._places[path] = 0
        if below is not None and "O_CREAT" in words:
            yield Make(below)
        if below is not None and "O_TRUNC" in words:
            yield Resize(below, 0)

    def _written(self, name: str, words: str, result: int) -> Iterator[Operation]:
        path = _unhex(_AT_DESCRIPTOR.match(words).group(1))  # type: ignore[union-attr]
        found = _TEXT.search(words)
        assert found is not None, "strace left something out"
        data = bytes.fromhex(found.group(1).replace("\\x", ""))[:result]
        if path == self._marks:
            yield from (Mark(line) for line in data.decode().splitlines())
        elif (below := self._below(path)) is not None:
            place = int(words.rpartition(", ")[2]) if name == "pwrite64" else self._places.get(path, 0)
            if name == "write":
                self._places[path] = place + len(data)
            yield Write(below, place, data)

    def _named(self, name: str, paths: list[str | None]) -> Iterator[Operation]:
        path = paths[0]
        if path is None:
            return
        if name.startswith("mkdir"):
            yield Make(path, folder=True)
        elif name.startswith("rename"):
            yield Remove(path) if paths[1] is None else Rename(path, paths[1])
        else:
            yield Remove(path)

    def _below(self, path: str) -> str | None:
        """The path from the root on, "" for the root itself, None elsewhere."""
        if path == self._root:
            return ""
        return path.removeprefix(self._root + "/") if path.startswith(self._root + "/") else None


def _hex(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def _unhex(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode()


# --- the medium -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _File:
    """What is on the medium, and what was done to it since, in order."""

    synced: bytearray = field(default_factory=bytearray)
    waiting: list[Write | Resize] = field(default_factory=list)

    def sync(self) -> None:
        for operation in self.waiting:
            _do(self.synced, operation)
        self.waiting.clear()

    def after_cut(self, fate: str, chance: random.Random) -> bytes:
        content = bytearray(self.synced)
        for operation in self.waiting:
            for part in _parts(operation) if fate == "torn" else (operation,):
                if _survives(fate, chance):
                    _do(content, part)
        return bytes(content)


class Disk:
    """A folder on a medium with a cache. Names last once their folder was synced; of later ones a cut keeps the first few."""

    def __init__(self) -> None:
        self._files: list[_File] = []
        self._names: dict[str, int | None] = {"": None}
        self._namings: list[tuple[_Naming, int | None]] = []
        self._lasting: list[bool] = []

    @classmethod
    def of(cls, folder: Path) -> "Disk":
        """A medium that holds what this folder holds, all of it synced."""
        disk = cls()
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            disk.apply(Make(name, folder=path.is_dir()))
            if not path.is_dir():
                disk.apply(Write(name, 0, path.read_bytes()))
                disk.apply(Sync(name))
            disk.apply(Sync(_folder_of(name)))
        return disk

    def apply(self, operation: Operation) -> None:
        """Do what the process did."""
        if isinstance(operation, Write | Resize):
            number = self._names.get(operation.path)
            if number is not None:
                self._files[number].waiting.append(operation)
        elif isinstance(operation, Sync):
            self._sync(operation.path)
        elif not isinstance(operation, Mark):
            self._name(operation)

    def after_cut(self, fate: str, chance: random.Random) -> dict[str, bytes | None]:
        """What is there when the power is back: content by path, None for folders."""
        names: dict[str, int | None] = {"": None}
        waiting = self._lasting.count(False)
        kept = {"kept": waiting, "dropped": 0}.get(fate, chance.randint(0, waiting))
        for (naming, number), lasts in zip(self._namings, self._lasting, strict=True):
            if lasts or kept > 0:
                _rename(names, naming, number)
            kept -= not lasts
        contents = {number: file.after_cut(fate, chance) for number, file in enumerate(self._files) if number in names.values()}
        return {name: None if number is None else contents[number] for name, number in names.items() if name}

    def _sync(self, path: str) -> None:
        number = self._names.get(path)
        if number is not None:
            self._files[number].sync()
            return
        for place, (naming, _) in enumerate(self._namings):
            if path in _folders_of(naming):
                self._lasting[place] = True

    def _name(self, operation: _Naming) -> None:
        number = None
        if isinstance(operation, Make):
            if operation.path in self._names:
                return
            if not operation.folder:
                number = len(self._files)
                self._files.append(_File())
        self._namings.append((operation, number))
        self._lasting.append(False)
        _rename(self._names, operation, number)


def put(image: dict[str, bytes | None], folder: Path) -> None:
    """Write what a cut left into an empty folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in image.items():
        if content is None:
            (folder / name).mkdir(mode=0o700)
        else:
            (folder / name).write_bytes(content)


def _rename(names: dict[str, int | None], naming: _Naming, number: int | None) -> None:
    """A naming on a table of names; one whose folder or source was lost does nothing."""
    if isinstance(naming, Make):
        if _folder_of(naming.path) in names:
            names.setdefault(naming.path, number)
    elif isinstance(naming, Remove):
        names.pop(naming.path, None)
    elif naming.path in names and _folder_of(naming.to) in names:
        for name in [name for name in names if name == naming.path or name.startswith(naming.path + "/")]:
            names[naming.to + name.removeprefix(naming.path)] = names.pop(name)


def _folders_of(naming: _Naming) -> tuple[str, ...]:
    own = _folder_of(naming.path)
    return (own, _folder_of(naming.to)) if isinstance(naming, Rename) else (own,)


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _survives(fate: str, chance: random.Random) -> bool:
    return fate == "kept" or (fate != "dropped" and chance.random() < 0.5)


def _parts(operation: Write | Resize) -> Iterator[Write | Resize]:
    """A write sector by sector; a change of size is one."""
    if isinstance(operation, Resize):
        yield operation
        return
    start, end = operation.offset, operation.offset + len(operation.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Write(operation.path, start, operation.data[start - operation.offset : stop - operation.offset])
        start = stop


def _do(content: bytearray, operation: Write | Resize) -> None:
    end = operation.size if isinstance(operation, Resize) else operation.offset + len(operation.data)
    if isinstance(operation, Resize):
        del content[end:]
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if isinstance(operation, Write):
        content[operation.offset : end] = operation.data
