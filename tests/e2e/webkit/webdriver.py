"""W3C WebDriver against WebKitGTK's driver: the few commands a person's hands and eyes need.

Law: waiting is the driver's (implicit wait, W3C WebDriver §9.5), for things that appear on the page; nothing
here sleeps. The driver chooses its own port, so that suites may run side by side.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

#: How long a thing may take to appear, milliseconds: generous, because other suites share the machine.
PATIENCE = 30_000
#: The key of an element's reference (W3C WebDriver §11).
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
LISTENING = "0A"


class WebDriverError(Exception):
    """``error`` is the protocol's own word (§6.6): ``no such element``, ``stale element reference`` …"""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(f"{error}: {message}")
        self.error = error


def listening_port(pid: int) -> int | None:
    """The IPv4 port on which that process listens, from /proc (proc(5)); None while there is none."""
    own = {
        link.readlink().name.removeprefix("socket:[").removesuffix("]")
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if str(link.readlink()).startswith("socket:")
    }
    for row in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        cells = row.split()
        if cells[3] == LISTENING and cells[9] in own:
            return int(cells[1].rpartition(":")[2], 16)
    return None


class Session:
    """One browser under one driver process; both end with the ``with`` block, or with ``end``."""

    def __init__(self, driver: str, binary: Path, args: list[str], env: dict[str, str], log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [driver, "--port=0", "--host=local"], env=env, stdout=self._log, stderr=self._log
        )
        self._client = httpx2.Client(timeout=PATIENCE / 1000 * 4)
        try:
            self._client.base_url = f"http://127.0.0.1:{self._port()}"
            options = {"binary": str(binary), "args": args}
            wanted = {
                "webkitgtk:browserOptions": options,
                "timeouts": {"implicit": PATIENCE, "script": PATIENCE},
            }
            made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        except BaseException:
            self._stop()
            raise
        self._path = f"/session/{made['sessionId']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.end()

    def _port(self) -> int:
        while self._process.poll() is None:
            port = listening_port(self._process.pid)
            if port is not None:
                return port
        raise WebDriverError("session not created", f"the driver ended with {self._process.returncode}")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        reply = self._client.request(method, path, json=body if method == "POST" else None)
        value = reply.json()["value"]
        if reply.status_code != 200:
            raise WebDriverError(value["error"], value["message"])
        return value

    def _stop(self) -> None:
        self._client.close()
        self._process.kill()
        self._process.wait()
        self._log.close()

    def end(self) -> None:
        """The driver ends; a browser that still lives is told to close."""
        try:
            self._call("DELETE", self._path)
        except (WebDriverError, httpx2.HTTPError):
            pass  # its browser was killed before: there is nothing left to close
        finally:
            self._stop()

    # -- what hands and eyes do ------------------------------------------------------------------------

    def command(self, name: str, body: dict[str, Any] | None = None) -> Any:
        """POST to the session. Raises WebDriverError."""
        return self._call("POST", f"{self._path}/{name}", body or {})

    def ask(self, name: str) -> Any:
        """GET from the session. Raises WebDriverError."""
        return self._call("GET", f"{self._path}/{name}")

    def find(self, xpath: str) -> str:
        """An element's reference, as soon as the page has it. Raises WebDriverError: no such element."""
        return str(self.command("element", {"using": "xpath", "value": xpath})[ELEMENT])

    def click(self, xpath: str) -> None:
        """One click on what is scrolled to the middle. What was drawn anew meanwhile is found again."""
        while True:
            element = self.find(xpath)
            try:
                self.run("arguments[0].scrollIntoView({ block: 'center' })", {ELEMENT: element})
                self.command(f"element/{element}/click")
            except WebDriverError as error:
                if error.error == "stale element reference":
                    continue
                raise
            return

    def keys(self, xpath: str, text: str) -> None:
        """Typing; on a file input, the path of the file chosen (§12.5.3)."""
        self.command(f"element/{self.find(xpath)}/value", {"text": text})

    def text(self, xpath: str) -> str:
        return str(self.ask(f"element/{self.find(xpath)}/text"))

    def run(self, body: str, *args: Any) -> Any:
        """What an async function body gives, its ``arguments`` those of ``args``. Raises WebDriverError."""
        script = (
            "const done = arguments[arguments.length - 1];"
            f"(async function () {{ {body} }}).apply(null, arguments)"
            ".then((value) => done({ value }), (error) => done({ error: String(error) }));"
        )
        told = self.command("execute/async", {"script": script, "args": list(args)})
        if "error" in told:
            raise WebDriverError("javascript error", told["error"])
        return told.get("value")
