"""Rectangles out of rectangles: how a screen divides its room. Pixels only; knows neither widgets nor the theme."""

from PySide6.QtCore import QRect, QSize


def inset(room: QRect, dx: int, dy: int | None = None) -> QRect:
    """`room` without a margin on every side."""
    dy = dx if dy is None else dy
    return room.adjusted(dx, dy, -dx, -dy)


def cut_top(room: QRect, height: int, gap: int = 0) -> tuple[QRect, QRect]:
    """The upper `height` and the rest below a gap."""
    height = min(height, room.height())
    return (
        QRect(room.left(), room.top(), room.width(), height),
        room.adjusted(0, min(height + gap, room.height()), 0, 0),
    )


def cut_bottom(room: QRect, height: int, gap: int = 0) -> tuple[QRect, QRect]:
    """The lower `height` and the rest above a gap."""
    height = min(height, room.height())
    return (
        QRect(room.left(), room.bottom() - height + 1, room.width(), height),
        room.adjusted(0, 0, 0, -min(height + gap, room.height())),
    )


def cut_left(room: QRect, width: int, gap: int = 0) -> tuple[QRect, QRect]:
    """The left `width` and the rest after a gap."""
    width = min(width, room.width())
    return (
        QRect(room.left(), room.top(), width, room.height()),
        room.adjusted(min(width + gap, room.width()), 0, 0, 0),
    )


def cut_right(room: QRect, width: int, gap: int = 0) -> tuple[QRect, QRect]:
    """The right `width` and the rest before a gap."""
    width = min(width, room.width())
    return (
        QRect(room.right() - width + 1, room.top(), width, room.height()),
        room.adjusted(0, 0, -min(width + gap, room.width()), 0),
    )


def centred(room: QRect, size: QSize) -> QRect:
    """A rectangle of `size` in the middle of `room`."""
    return QRect(
        room.left() + (room.width() - size.width()) // 2,
        room.top() + (room.height() - size.height()) // 2,
        size.width(),
        size.height(),
    )


def columns(room: QRect, count: int, gap: int) -> list[QRect]:
    """`count` columns of exactly equal width; what cannot be divided stays outside, half on each side."""
    width = (room.width() - gap * (count - 1)) // count
    spare = room.width() - width * count - gap * (count - 1)
    return [QRect(room.left() + spare // 2 + i * (width + gap), room.top(), width, room.height()) for i in range(count)]


def rows(room: QRect, count: int, gap: int, height: int) -> list[QRect]:
    """`count` rows of one height from the top."""
    return [QRect(room.left(), room.top() + i * (height + gap), room.width(), height) for i in range(count)]


def stack(room: QRect, heights: list[int], gaps: list[int]) -> list[QRect]:
    """Blocks of these heights under each other, in the vertical middle of `room`; gaps[i] stands before block i + 1."""
    total = sum(heights) + sum(gaps[: max(0, len(heights) - 1)])
    top = room.top() + max(0, (room.height() - total) // 2)
    placed = []
    for height, gap in zip(heights, [*gaps, 0], strict=False):
        placed.append(QRect(room.left(), top, room.width(), height))
        top += height + gap
    return placed
