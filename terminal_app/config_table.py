"""Typed access to the tables of a TOML file; every mistake in it is told with file, key and remedy."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class ConfigError(Exception):
    """What is wrong in which file at which key, and what to do."""

    def __init__(self, file: Path, key: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {key + ': ' if key else ''}{problem}. {remedy}")
        self.key = key


def read_toml(file: Path) -> Mapping[str, Any]:
    """The tables in a TOML file. Raises ConfigError."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(file, "", "no such file", "Give another with --config, or copy docs/terminal.example.toml") from None
    except OSError as error:
        raise ConfigError(file, "", f"cannot be read ({error.strerror})", "Check its owner and permissions") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(file, "", f"is not valid TOML in UTF-8 ({error})", "Correct that place") from None


class Table:
    """One table of the file: typed access to its keys; whatever was not asked for is unknown."""

    def __init__(self, file: Path, path: str, values: Mapping[str, Any]) -> None:
        self.file = file
        self._path = path
        self._values = values
        self._known: set[str] = set()

    def key(self, name: str) -> str:
        return ".".join(part for part in (self._path, name) if part)

    def error(self, name: str, problem: str, remedy: str) -> ConfigError:
        return ConfigError(self.file, self.key(name), problem, remedy)

    def get(self, name: str, kind: type | tuple[type, ...], what: str) -> Any:
        self._known.add(name)
        value = self._values.get(name)
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise self.error(name, f"must be {what}, not {value!r}", "Correct the value")
        return value

    def text(self, name: str, default: str | None) -> str | None:
        value = self.get(name, str, "a text in quotes")
        return default if value is None else str(value)

    def required_text(self, name: str, remedy: str) -> str:
        value = self.text(name, None)
        if not value:
            raise self.error(name, "is missing", remedy)
        return value

    def boolean(self, name: str, default: bool) -> bool:
        value = self.get(name, bool, "true or false")
        return default if value is None else bool(value)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self.get(name, (int, float), "a number")
        if value is None:
            return default
        if not low <= value <= high:
            raise self.error(name, f"must be from {low:g} to {high:g}, not {value!r}", "Correct the value")
        return float(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default) or default
        if value not in allowed:
            raise self.error(name, f"must be one of {', '.join(allowed)}, not {value!r}", "Correct the value")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.get(name, list, 'a list of texts like ["…"]') or []
        if not all(isinstance(value, str) for value in values):
            raise self.error(name, f'must be a list of texts like ["…"], not {values!r}', "Correct the value")
        return tuple(values)

    def existing_folder(self, name: str) -> Path | None:
        text = self.text(name, None)
        if text is None:
            return None
        if not Path(text).is_dir():
            raise self.error(name, f"no such folder: {text}", "Correct the path")
        return Path(text)

    def has(self, name: str) -> bool:
        return name in self._values

    def table(self, name: str) -> "Table":
        value = self.get(name, dict, f"a table [{self.key(name)}]")
        return Table(self.file, self.key(name), value or {})

    def tables(self, name: str) -> "list[Table]":
        rows = self.get(name, list, f"a list of tables [[{self.key(name)}]]") or []
        if not all(isinstance(row, dict) for row in rows):
            raise self.error(name, f"must be a list of tables [[{self.key(name)}]]", "Correct the value")
        return [Table(self.file, f"{self.key(name)}[{index + 1}]", row) for index, row in enumerate(rows)]

    def rest(self) -> Mapping[str, Any]:
        return {name: value for name, value in self._values.items() if name not in self._known}

    def refuse_unknown(self) -> None:
        for name in self.rest():
            raise self.error(name, "is not a known key", f"Remove it, or use one of: {', '.join(sorted(self._known))}")
