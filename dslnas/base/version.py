"""The version of dslnas that is installed, as run folders, reports and the command line say it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def dslnas_version() -> str:
    """The version of the installed distribution, or `0+unknown` in a checkout that is not installed."""
    try:
        return version("dslnas")
    except PackageNotFoundError:
        return "0+unknown"
