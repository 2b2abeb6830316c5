"""What administrators record of a rating: findings, and steps of what is owed. Added, never changed or deleted.

A finding is people's, and so is whatever follows from it for a person: no sanction is ever automated (taian 二(五)3).
"""

import uuid

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.rules.docket import take_turn, touch_cases, touch_ratings
from central_platform.rules.duties import STEPS
from central_platform.rules.standing import FindingKind
from central_platform.rules.views import rating_views
from central_platform.schema import duty_steps, findings


class NotRecorded(Exception):
    """Nothing was recorded; the message says why."""


def record_finding(connection: Connection, rating: str, kind: FindingKind, confirmed_by: str, now: int) -> bool:
    """False when the rating's latest finding says the same. Raises NotRecorded."""
    name = _check(connection, rating)
    latest = sa.select(findings).where(findings.c.rating == name).order_by(findings.c.id.desc()).limit(1)
    held = connection.execute(latest).first()
    if held is not None and (held.kind, held.confirmed_by) == (kind, confirmed_by):
        return False
    row = {"rating": name, "kind": kind, "confirmed_by": confirmed_by, "recorded_at": now}
    connection.execute(sa.insert(findings).values(id=take_turn(connection, 1) + 1, **row))
    _touch(connection, name)
    return True


def record_step(connection: Connection, rating: str, step: str, at: int, now: int) -> bool:
    """False when the step was recorded before: its first time stays. Raises NotRecorded."""
    if step not in STEPS:
        raise NotRecorded(f"there is no step {step}; there are: {', '.join(STEPS)}.")
    if at > now:
        raise NotRecorded("the step's time is yet to come; record it when it was done.")
    name = _check(connection, rating)
    row = {"rating": name, "step": step, "at": at, "recorded_at": now}
    statement = insert(connection.dialect.name, duty_steps).values(**row).on_conflict_do_nothing()
    if connection.execute(statement.returning(duty_steps.c.rating)).scalar() is None:
        return False
    _touch(connection, name)
    return True


def _check(connection: Connection, rating: str) -> str:
    name = _normal(rating)
    if name not in rating_views(connection, {name}):
        raise NotRecorded("there is no given rating with this id; default ratings have none.")
    return name


def _normal(rating: str) -> str:
    try:
        return str(uuid.UUID(rating))
    except ValueError:
        return rating


def _touch(connection: Connection, name: str) -> None:
    view = rating_views(connection, {name})[name]
    touch_cases(connection, set(view.cases))
    touch_ratings(connection, {name})
