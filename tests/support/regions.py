"""The shipped packs as the window follows them."""

from terminal_app.domain.policy import RegionPolicy
from terminal_app.regions.library import load_pack
from terminal_app.regions.pack import policy_document


def policy_of(region: str) -> RegionPolicy:
    """A region's policy, by way of its document."""
    return RegionPolicy.from_document(policy_document(load_pack(region)))
