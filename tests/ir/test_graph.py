"""A value at another site is the same value, but for its site and what is made of it."""

from __future__ import annotations

from dataclasses import replace

from small import program_of, small

from dslnas.ir.names import NOWHERE, PointName, Site


def test_a_value_at_another_site_is_a_replaced_one() -> None:
    nodes = [node for graph in program_of(small()).graphs() for node in graph]
    sites = (NOWHERE, Site("n9", "b"), PointName("normal", "", site=Site("n9", "b")).taking("one"))
    for node in nodes:
        before = node.id
        for site in sites:
            moved, other = node.at(site), replace(node, site=site)
            assert moved == other and hash(moved) == hash(other)
            assert (moved.id, moved.span) == (other.id, other.span)
        assert node.id == before
