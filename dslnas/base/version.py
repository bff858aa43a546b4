"""The installed version of dslnas, for run folders, reports and the command line."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def dslnas_version() -> str:
    """The version of the installed distribution, or `0+unknown` in a checkout that is not installed."""
    try:
        return version("dslnas")
    except PackageNotFoundError:
        return "0+unknown"
