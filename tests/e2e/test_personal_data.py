"""What a ticket says of the person served reaches the platform sealed, and stands nowhere on the terminal. issue 3, point 4."""

import base64
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from support.counter import Counter, OpenKiosk, command, fresh_case, wait_until
from support.identity import identity_number
from support.platform import RunningPlatform

from central_platform.cli import main as central_platform
from terminal_app.domain.journal import Entry, Kind

NOTATIONS = ("json", "escaped_json", "json_list", "json_in_url", "url", "url_behind_hash", "fields", "wide_fields")
ENCODINGS = ("utf-8", "gb18030")


def person_number(number: int) -> dict[str, str]:
    """Somebody made up, not to be mistaken for anybody else in this file."""
    name = f"欧阳示例{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳'[number]}"
    certificate = identity_number(serial="000", born=f"190101{number + 10}")
    return {"userName": name, "certKey": certificate, "phone": f"1389{number:02d}73915", "address": f"岱庙街道{name}宅"}


def written(case: str, person: dict[str, str], notation: str, encoding: str) -> bytes:
    said = {"case": case, "name": "公司设立登记", "visit": "1", **person}
    query = "&".join(f"{key}={quote(value, encoding=encoding)}" for key, value in said.items())
    match notation:
        case "json":
            return json.dumps(said, ensure_ascii=False).encode(encoding)
        case "escaped_json":
            return json.dumps({"case": case, "served": person}).encode(encoding)
        case "json_list":
            return json.dumps([said], ensure_ascii=False).encode(encoding)
        case "json_in_url":
            listed = quote(json.dumps([said], ensure_ascii=False), encoding=encoding)
            return f"https://h.invalid/rate?cases={listed}".encode()
        case "url":
            return f"https://h.invalid/rate?{query}".encode()
        case "url_behind_hash":
            return f"https://h.invalid/#/rate?{query}".encode()
        case "fields":
            return "|".join(f"{key}={value}" for key, value in said.items()).encode(encoding)
        case _:
            widened = {"".join(chr(ord(letter) + 0xFEE0) for letter in key): value for key, value in person.items()}
            return "|".join(f"{key}={value}" for key, value in ({"case": case} | widened).items()).encode(encoding)


def forms(text: str) -> Iterator[bytes]:
    """Every writing of a text in which it could lie about."""
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        raw = text.encode(encoding)
        yield from (
            raw,
            raw.hex().encode(),
            raw.hex().upper().encode(),
            quote(raw).encode(),
            quote(raw, safe="").lower().encode(),
        )
    yield json.dumps(text)[1:-1].encode()
    for raw in (text.encode(), text.encode("gb18030")):
        for before in range(3):
            whole = base64.b64encode(bytes(before) + raw)[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
            yield from (whole, whole.replace(b"+", b"-").replace(b"/", b"_"))


def planted(person: dict[str, str]) -> list[bytes]:
    return [form for value in person.values() for form in forms(value)]


def everything(at: Counter, kiosk: OpenKiosk, log: str, seen: list[str]) -> dict[str, bytes]:
    """Every byte that the terminal wrote, by where it lies."""
    exported = at.folder / "export.ndjson"
    found: dict[str, bytes] = {}
    for name, words in (
        ("export", ("journal", "export", exported)),
        ("list", ("journal", "list", "--json")),
        ("verify", ("journal", "verify", "--json")),
        ("outbox", ("outbox", "list", "--json")),
        ("doctor", ("doctor",)),
    ):
        done = command(*words[:2], "--config", at.config, *words[2:])
        found[f"command {name}"] = (done.out + done.err).encode()
    files = [path for path in at.folder.rglob("*") if path.is_file()]
    found |= {str(path): path.read_bytes() for path in files}
    assert exported in files and any(path.name.endswith("-wal") for path in files)
    found["log"] = log.encode()
    found["window and state"] = "\n".join(seen).encode()
    found["last state"] = repr(kiosk.kiosk.controller.state).encode()
    return found


def test_nothing_that_the_terminal_writes_or_shows_names_a_person(
    kiosk: OpenKiosk,
    at: Counter,
    platform: RunningPlatform,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """issue 3, point 4; docs/trust.md, “whoever reads a log, an export, the outbox or the screen”."""
    caplog.set_level(logging.DEBUG)
    people = {fresh_case(): person_number(n) for n in range(len(NOTATIONS) * len(ENCODINGS))}
    seen: list[str] = []
    for n, (case, person) in enumerate(people.items()):
        payload = written(case, person, NOTATIONS[n % len(NOTATIONS)], ENCODINGS[n // len(NOTATIONS)])
        assert any(form in payload or form.lower() in payload.lower() for form in planted(person)), "nothing was planted"
        at.line.present(payload)
        wait_until(lambda case=case: kiosk.shown == "rate" and at.kinds(case) == [Kind.SESSION_OPENED], f"stars for ticket {n}")
        seen += [kiosk.words, repr(kiosk.kiosk.controller.state)]
        kiosk.tap(f"star-{1 + n % 5}")
        kiosk.wait_for("thanks", "reasons")
        seen += [kiosk.words, repr(kiosk.kiosk.controller.state)]

    places = everything(at, kiosk, caplog.text, seen)
    for person in people.values():
        for form in planted(person):
            assert [name for name, content in places.items() if form in content] == [], form

    sessions = sessions_of(at.entries())
    wait_until(lambda: at.counts().pending == 0, "everything at the platform")
    for case, person in people.items():
        session, sealed = sessions[case]
        assert sealed is not None
        capsys.readouterr()
        caplog.clear()
        assert central_platform(["person", "open", session, "--db", platform.db_url, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"session": session, "person": named(person), "words": []}
        assert session in caplog.text and not [value for value in person.values() if value in caplog.text]


def named(person: dict[str, str]) -> dict[str, str]:
    ours = {"userName": "name", "certKey": "certificate", "phone": "telephone", "address": "address"}
    return {ours[key]: value for key, value in person.items()}


def sessions_of(entries: list[Entry]) -> dict[str, tuple[str, str | None]]:
    opened = [entry for entry in entries if entry.kind == Kind.SESSION_OPENED]
    return {entry.data["covered"][0]: (str(entry.session), entry.data["person"]) for entry in opened}


def test_a_ticket_that_names_nobody_has_nothing_sealed(
    kiosk: OpenKiosk, at: Counter, platform: RunningPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    case = kiosk.rate(5)
    session, sealed = sessions_of(at.entries())[case]
    assert sealed is None
    wait_until(lambda: at.counts().pending == 0, "everything at the platform")
    for asked in (session, "01930000-0000-7000-8000-000000000001", "nobody"):
        assert central_platform(["person", "open", asked, "--db", platform.db_url]) == 1
    assert "said nothing of a person" in capsys.readouterr().err
