"""A citizen's receipt from the real window to the platform's page. issue 3, point 3."""

import re

import requests
import zxingcpp
from PIL import Image
from PySide6.QtGui import QImage
from support.counter import Counter, OpenKiosk, wait_until

from terminal_app.domain.journal import Kind
from ui.views import ThanksView


def scanned(kiosk: OpenKiosk) -> str:
    """What a telephone reads from the thanks screen."""
    found: list[str] = []

    def read() -> bool:
        picture = kiosk.window.widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        size = (picture.width(), picture.height())
        grey = Image.frombuffer("L", size, bytes(picture.constBits()), "raw", "L", picture.bytesPerLine(), 1)
        found[:] = [code.text for code in zxingcpp.read_barcodes(grey) if "/r/" in code.text]
        return bool(found)

    wait_until(read, "a receipt on the screen")
    return found[0]


def told(url: str) -> str:
    text = requests.get(url, params={"lang": "en"}, timeout=10).text
    found = re.search(r"<h1>(.*?)</h1>", text)
    assert found
    return found[1]


def test_a_citizen_scans_and_reads_that_the_rating_arrived(kiosk: OpenKiosk, at: Counter) -> None:
    kiosk.rate(4)
    first = scanned(kiosk)
    body = kiosk.view.body
    assert isinstance(body, ThanksView) and body.receipt is not None
    wait_until(lambda: at.counts().pending == 0, "everything at the platform")
    assert told(first) == "Your rating has arrived, unchanged"

    kiosk.tap("change")
    kiosk.wait_for("rate")
    kiosk.tap("star-5")
    kiosk.wait_for("thanks")
    second = scanned(kiosk)
    wait_until(lambda: at.counts().pending == 0, "the change at the platform")
    assert told(first) == "A rating has arrived, but it differs from this receipt"
    assert told(second) == "Your rating has arrived, unchanged"

    form = {"window": "A03", "code": body.receipt.code.replace("-", " ").lower()}
    answer = requests.post(second.split("/r/")[0] + "/r", params={"lang": "en"}, data=form, timeout=10)
    assert "<h1>The rating has arrived</h1>" in answer.text


def test_the_token_is_on_the_screen_and_nowhere_on_the_disk(kiosk: OpenKiosk, at: Counter) -> None:
    """docs/trust.md, “reads the journal to ask in a citizen's place”."""
    kiosk.rate(3)
    token = scanned(kiosk).rsplit("/", 1)[1].split(".")[0]
    kiosk.tap("finish")
    kiosk.wait_for("idle", "nobody")
    wait_until(lambda: at.entries()[-1].kind == Kind.SESSION_CLOSED, "the session's end")
    files = [path for path in at.folder.rglob("*") if path.is_file()]
    assert files and [path for path in files if token.encode() in path.read_bytes()] == []
    assert token not in repr(kiosk.kiosk.controller.state) + kiosk.words
