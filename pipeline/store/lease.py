"""The lock of a lake in a bucket: an object that its holder writes anew for as long as it lives.

Each holder makes an object of the next number, which only one can; a lock that was given back stays, so that
no two holders ever have the same number.
"""

import json
import logging
import os
import platform
import threading
import time
from datetime import UTC, datetime, timedelta

from pipeline.errors import ConfigError, PagelakeError, StoreError
from pipeline.objects import Object, ObjectFolder

log = logging.getLogger(__name__)

LOCK = "_lock"
RENEWED_S = 20.0
DEAD_S = 90.0
"""A holder that was not heard of for so long is gone, or has stopped writing: it missed several renewals."""


class Lease:
    """A lake in a bucket, held; other machines' runs are refused meanwhile.

    Args:
        objects: The lake.
        owner: Name of a place where one process at a time holds leases: what a dead one there has left is
            taken at once. Empty where there is none.
        renewed_s: Seconds between two signs of life.
        dead_s: Seconds without one after which another run may take over.
    """

    def __init__(
        self,
        objects: ObjectFolder,
        owner: str = "",
        *,
        renewed_s: float = RENEWED_S,
        dead_s: float = DEAD_S,
    ) -> None:
        self._objects, self._owner = objects, owner
        self._renewed_s, self._dead_s = renewed_s, dead_s
        self._number = 0
        self._renewed_at = 0.0
        self._beats = 0
        self._is_lost = False
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self) -> None:
        """Take it, from a holder that is gone if need be, which takes a while to be sure of.

        Raises:
            ConfigError: Another run holds it.
            StoreError: The store does not answer.
        """
        self._is_lost = False
        newest = self._newest()
        if newest is not None and not self._is_free(newest):
            raise self._taken(newest)
        self._number = number_of(newest) + 1
        if not self._objects.create(self._path, self._sign("held")):
            raise self._taken(self._newest())
        self._renewed_at = time.monotonic()
        self._objects.remove(one.path for one in self._objects.list(LOCK) if number_of(one) < self._number)
        self._over.clear()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Give it back; a store that does not answer now learns it when the lease has run out."""
        if self._thread is None:
            return
        self._over.set()
        self._thread.join()
        self._thread = None
        try:
            if not self._is_lost:
                self._objects.put(self._path, self._sign("free"))
        except PagelakeError as error:
            log.warning("the lock of %s was not given back (%s): it runs out by itself", self._objects, error)

    def holder(self) -> str:
        """Who holds it and was heard of lately, as a person is told; empty for nobody.

        Raises:
            StoreError: The store does not answer.
        """
        newest = self._newest()
        if newest is None or datetime.now(UTC) - newest.modified > timedelta(seconds=self._dead_s):
            return ""
        said = self._said(newest)
        return str(said.get("holder") or "") if said.get("state") == "held" else ""

    def check(self) -> None:
        """Raise StoreError unless it is still held."""
        if self._is_lost or time.monotonic() - self._renewed_at > self._dead_s * 2 / 3:
            raise StoreError(
                f"the lock of {self._objects} was lost, for the store did not answer in time or another run "
                "has taken over: run the same command again"
            )

    @property
    def _path(self) -> str:
        return f"{LOCK}/{self._number:09}.json"

    def _newest(self) -> Object | None:
        return max(self._objects.list(LOCK), key=number_of, default=None)

    def _is_free(self, newest: Object) -> bool:
        """Whether it was given back, or its holder gives no sign of life, which is looked for twice."""
        said = self._said(newest)
        if said.get("state") == "free" or (self._owner and said.get("owner") == self._owner):
            return True
        if datetime.now(UTC) - newest.modified < timedelta(seconds=self._dead_s):
            return False
        patience_s = self._renewed_s * 1.5
        log.warning("the lock of %s seems left behind: %.0f s to be sure of it", self._objects, patience_s)
        time.sleep(patience_s)  # clocks may differ, but whoever lives gives a sign within this time
        return self._newest() == newest

    def _said(self, one: Object) -> dict[str, object]:
        try:
            said = json.loads(self._objects.read(one.path) or b"{}")
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    def _taken(self, newest: Object | None) -> ConfigError:
        holder = self._said(newest).get("holder", "") if newest else ""
        by = f" ({holder})" if holder else ""
        return ConfigError(
            f"another run{by} is working on the lake {self._objects}; wait until it ends or choose another "
            "--out"
        )

    def _sign(self, state: str) -> bytes:
        """What the lock says; never twice the same."""
        self._beats += 1
        holder = f"process {os.getpid()} on {platform.node()}"
        sign = {"state": state, "holder": holder, "owner": self._owner, "beat": self._beats}
        return json.dumps(sign).encode()

    def _renew(self) -> None:
        while not self._over.wait(self._renewed_s):
            try:
                if number_of(self._newest()) != self._number:
                    self._is_lost = True
                    return
                self._objects.put(self._path, self._sign("held"))
                self._renewed_at = time.monotonic()
            except PagelakeError as error:
                log.warning("the lock of %s could not be renewed: %s", self._objects, error)


def number_of(lock: Object | None) -> int:
    """The number of a lock object; 0 for none."""
    stem = lock.path.rpartition("/")[2].removesuffix(".json") if lock else ""
    return int(stem) if stem.isdigit() else 0
