"""`python -m flows.server_process`: the temporary Prefect server itself.

It says on standard output where its API is once it answers, and ends when whoever started it closes its
standard input, which happens by itself when that process dies.
"""

import asyncio
import os
import socket
import sys
import threading

import uvicorn
from prefect.server.api.server import create_app


class _Server(uvicorn.Server):
    """Uvicorn, saying where it listens as soon as it answers, and then nothing more."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        port = sockets[0].getsockname()[1] if sockets else self.config.port
        sys.stdout.write(f"http://127.0.0.1:{port}/api\n")
        sys.stdout.flush()

    def end_with_parent(self) -> None:
        """Wait for the end of standard input, then stop."""
        os.read(sys.stdin.fileno(), 1)
        self.should_exit = True


async def _serve() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(), log_level="error", lifespan="on", timeout_graceful_shutdown=3)
        server = _Server(config)
        threading.Thread(target=server.end_with_parent, daemon=True).start()
        await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(_serve())
