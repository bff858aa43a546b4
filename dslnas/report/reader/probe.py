"""How the network of a run does beside its probe, in a sentence."""

from __future__ import annotations

from ...base.figures import from_to, is_number, percent
from ..fields import Tree

RARE = 0.05  # below it chance is no explanation


def beside_probe(metrics: Tree) -> str:
    """The test of the probe and of the network, and which is better; empty where there is no probe."""
    probe, interval = metrics.number("probe.accuracy"), metrics.get("probe.accuracy_interval")
    if probe is None:
        return ""
    told = isinstance(interval, list) and len(interval) == 2 and all(map(is_number, interval))
    within = f" ({from_to(interval)})" if told else ""
    first = f"{metrics.get('probe.name')}, without a network: {percent(probe)}{within} of the test"
    network, chance = metrics.number("test.accuracy"), metrics.number("probe.against.chance")
    if network is None:
        return first
    more, less = metrics.number("probe.against.network_alone"), metrics.number("probe.against.probe_alone")
    counted = "" if more is None or less is None else f", alone on {more:.0f} clips, the probe on {less:.0f}"
    if network <= probe:
        return f"{first}; the network does not beat it: {percent(network)}{counted}"
    if chance is not None and chance >= RARE:
        odds = f"equals differ as much in {chance:.0%} of tests"
        return f"{first}; the network is not clearly better: {percent(network)}{counted}; {odds}"
    return f"{first}; the network beats it: {percent(network)}{counted}"


def worse_than_probe(metrics: Tree) -> bool:
    """Whether a network was tested and does not clearly beat its probe."""
    network, probe = metrics.number("test.accuracy"), metrics.number("probe.accuracy")
    if network is None or probe is None:
        return False
    return network <= probe or (metrics.number("probe.against.chance") or 0.0) >= RARE
