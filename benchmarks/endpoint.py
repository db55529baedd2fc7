"""A service that answers every chat request after a fixed time, with the same small object.

A process of its own: it listens on loopback, prints its port, and ends when its standard input does. The
object may be given after the time, as JSON.
"""

import asyncio
import json
import re
import sys

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_CONTENT = json.dumps({"title": "a page", "language": "en", "text": "words"})


def reply_of(content: str) -> bytes:
    """The HTTP reply to every request."""
    body = json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "fixed",
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
            ],
            "usage": {"prompt_tokens": 2500, "completion_tokens": 20, "total_tokens": 2520},
        }
    ).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


async def answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, latency_s: float, reply: bytes
) -> None:
    """Answer the requests of one connection until it is closed."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            await asyncio.sleep(latency_s)
            writer.write(reply)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def serve(latency_s: float, content: str = _CONTENT) -> None:
    """Serve until standard input ends."""
    reply = reply_of(content)
    server = await asyncio.start_server(
        lambda reader, writer: answer(reader, writer, latency_s, reply), "127.0.0.1", 0, backlog=1024
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), *sys.argv[2:3]))
