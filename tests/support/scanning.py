"""What a telephone's camera reads from a window as it is painted."""

import zxingcpp
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget


def read_symbols(widget: QWidget) -> list[str]:
    """The texts of all symbols on the widget."""
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    size = (picture.width(), picture.height())
    grey = Image.frombuffer("L", size, bytes(picture.constBits()), "raw", "L", picture.bytesPerLine(), 1)
    return [code.text for code in zxingcpp.read_barcodes(grey)]
