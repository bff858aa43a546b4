"""A network as one web page that listens: nothing but the page is needed, and nothing is sent anywhere."""

from .page import export_web
from .runtime import VERSION

__all__ = ["VERSION", "export_web"]
