"""Figures for Prometheus. No label carries a level, a reason, a person or a case."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from central_platform.messages import Verdict

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database holds: sessions with a star, active and revoked devices, chains with a fork, open alarms by kind;
    `apart`: what is counted apart from given ratings at terminals, by name (rules/listing.py); `away`: attached devices that
    have not worked for long."""

    ratings: int
    active: int
    revoked: int
    forked: int
    alarms: Mapping[str, int]
    apart: Mapping[str, int]
    away: int


class Metrics:
    """The figures of one platform process; `standing` asks the database, or returns None where it cannot be asked."""

    def __init__(self, standing: Callable[[], Standing | None]) -> None:
        self._registry = CollectorRegistry()
        self._entries = Counter("platform_entries", "Entries by verdict", ["verdict"], registry=self._registry)
        self._seconds = Histogram(
            "platform_intake_seconds",
            "From a batch's last byte to its answer",
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self._registry,
        )
        for status in ("accepted", "duplicate", "refused"):
            self._entries.labels(status)
        self._registry.register(_StandingCollector(standing))

    def record(self, verdicts: Iterable[Verdict], seconds: float) -> None:
        """Count a batch's verdicts and the time it took."""
        for status, count in Tally(verdict.status for verdict in verdicts).items():
            self._entries.labels(status).inc(count)
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """The text format that Prometheus reads."""
        return generate_latest(self._registry)


class _StandingCollector(Collector):
    def __init__(self, standing: Callable[[], Standing | None]) -> None:
        self._standing = standing

    def collect(self) -> Iterable[Metric]:
        standing = self._standing()
        if standing is None:
            return
        devices = GaugeMetricFamily("platform_devices", "Enrolled devices", labels=["state"])
        devices.add_metric(["active"], standing.active)
        devices.add_metric(["revoked"], standing.revoked)
        yield devices
        yield GaugeMetricFamily("platform_ratings", "Sessions with a star", value=standing.ratings)
        yield GaugeMetricFamily("platform_forked_chains", "Chains with two entries at one place", value=standing.forked)
        told = "Chains that go on elsewhere from before their end, as after a disk was set back"
        yield GaugeMetricFamily("platform_set_back_chains", told, value=standing.alarms["set_back"])
        alarms = GaugeMetricFamily("platform_alarms", "Open alarms by what they are about", labels=["what"])
        for what, count in standing.alarms.items():
            alarms.add_metric([what], count)
        yield alarms
        told = "Devices attached to terminals that have not worked for ten minutes"
        yield GaugeMetricFamily("platform_attached_devices_away", told, value=standing.away)
        yield from _apart(standing.apart)


def _apart(counts: Mapping[str, int]) -> Iterable[Metric]:
    defaults = GaugeMetricFamily("platform_default_ratings", "Default ratings, apart from given ones", labels=["state"])
    others = GaugeMetricFamily("platform_channel_ratings", "Ratings from other channels", labels=["linked"])
    for state in ("standing", "withdrawn"):
        defaults.add_metric([state], counts[f"defaults_{state}"])
    for name, linked in (("others_linked", "yes"), ("others_unlinked", "no")):
        others.add_metric([linked], counts[name])
    yield defaults
    yield others
    yield GaugeMetricFamily("platform_open_duties", "Bad ratings with something still to be done", value=counts["duties_open"])
    told = "Outgoing events that nobody acknowledged"
    yield GaugeMetricFamily("platform_waiting_events", told, value=counts["events_waiting"])
