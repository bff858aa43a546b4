"""A page in a headless Chromium, driven through its debugging pipe; axe-core where npm has installed it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
)


def browser_path() -> str:
    """The installed Chromium, or the one that $DSLNAS_BROWSER names; skips the test where there is none."""
    named = os.environ.get("DSLNAS_BROWSER")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser: none of {', '.join(BROWSERS)} is installed")
    return found


def axe_text() -> str:
    """The text of axe-core; skips the test where `npm install --no-save axe-core` has not been run."""
    if not AXE.is_file():
        pytest.skip("there is no axe-core: run `npm install --no-save axe-core` in the root of the project")
    return AXE.read_text("utf-8")


class Browser:
    """A browser with one page. errors: what the console and failed loads have said so far."""

    def __init__(self, process: subprocess.Popen[bytes], write: int, read: int) -> None:
        self._process, self._write, self._read = process, write, os.fdopen(read, "rb")
        self._number, self._session = 0, ""
        self._rest, self._events = b"", list[dict[str, Any]]()
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._send(f"{domain}.enable")

    def open(self, page: Path, width: int, scheme: str = "light", height: int = 900) -> None:
        """Show a file in a window of that width, in the colour scheme `light` or `dark`."""
        self._send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                   mobile=False)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._send("Emulation.setEmulatedMedia", features=features)
        self._events.clear()
        self._send("Page.navigate", url=page.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._events.append(self._receive())

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, awaited where it is a promise."""
        found = self._send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def choose(self, selector: str, file: Path) -> None:
        """Give a file to an input of the page, as a reader does who chooses it."""
        found = self._send("Runtime.evaluate", expression=f"document.querySelector('{selector}')")
        self._send("DOM.setFileInputFiles", files=[str(file)], objectId=found["result"]["objectId"])

    def click(self, selector: str) -> None:
        """Click on an element, as a reader does."""
        expression = f"document.querySelector('{selector}').click()"
        self._send("Runtime.evaluate", expression=expression, userGesture=True)

    def screenshot(self, path: Path) -> None:
        """The whole page as a PNG."""
        data = self._send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    @property
    def errors(self) -> list[str]:
        """Errors and warnings of the console since the page was opened, and what it asked the network for."""
        found = []
        for event in self._events:
            match event.get("method"), event.get("params", {}):
                case "Runtime.exceptionThrown", params:
                    found.append(str(params["exceptionDetails"]))
                case "Runtime.consoleAPICalled", {"type": "error" | "warning"} as params:
                    found.append(str(params["args"]))
                case "Log.entryAdded", {"entry": {"level": "error" | "warning"} as entry}:
                    found.append(str(entry["text"]))
                case "Network.requestWillBeSent", {"request": {"url": str(url)}}:
                    if not url.startswith(("file:", "data:", "about:", "blob:")):
                        found.append(f"asks for {url}")
        return found

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._number:
            self._events.append(answer)
        assert "error" not in answer, answer["error"]
        found: dict[str, Any] = answer["result"]
        return found

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._read.fileno(), 1 << 20)
            assert part, "the browser has ended"
            self._rest += part
        text, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        return found

    def close(self) -> None:
        """End the browser."""
        os.close(self._write)
        self._read.close()
        self._process.terminate()
        self._process.wait(timeout=20)


@contextmanager
def browser(profile: Path, *options: str) -> Iterator[Browser]:
    """A browser with its profile in a folder of its own; skips the test where none is installed.

    options: more of the browser's own.
    """
    path = browser_path()
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()

    def pipes() -> None:
        """The browser reads commands from descriptor 3 and answers on 4."""
        reading, writing = os.dup(theirs_in), os.dup(theirs_out)
        os.dup2(reading, 3)
        os.dup2(writing, 4)

    process = subprocess.Popen(
        [path, *OPTIONS, *options, f"--user-data-dir={profile}", "about:blank"],
        close_fds=False,
        preexec_fn=pipes,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    one = Browser(process, ours_out, ours_in)
    try:
        yield one
    finally:
        one.close()
