"""An HTTP server with the faults that tests ask for by path. Prints its port, then serves."""

import asyncio
import os
import socket
import struct
import sys
import time

ANSWERS = {
    "/ok": (200, b'{"greeting": "hello"}'),
    "/500": (500, b"sorry"),
    "/created": (201, b""),
    "/inference": (200, b'{"model_name": "m", "outputs": [{"data": ["error", 1]}]}'),
    "/inference-error": (200, b'{"error" : "no such model", "outputs": []}'),
    "/inference-cut": (200, b'{"outputs": [{"data": [1,, 2]}]}'),
}
stall_due = None
parent = os.getppid()


async def serve(reader, writer):
    global stall_due
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split()[1]
            length = 0
            for line in head.split("\r\n"):
                if line.lower().startswith("content-length:"):
                    length = int(line.split(":")[1])
            body = await reader.readexactly(length)
            if path == "/echo":
                answer = (200, head.encode() + body)
            elif path == "/hang":
                await asyncio.sleep(3600)
            elif path == "/slow":
                await asyncio.sleep(0.3)
                answer = ANSWERS["/ok"]
            elif path == "/stall":
                now = time.monotonic()
                stall_due = stall_due or now + 0.5
                if now > stall_due:
                    stall_due = now + 3600
                    time.sleep(0.5)
                answer = ANSWERS["/ok"]
            elif path == "/garbage":
                writer.write(b"\x00\x01 what?\r\n\r\n" * 50)
                await writer.drain()
                break
            elif path == "/cut":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                await writer.drain()
                break
            elif path == "/endless":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
                while True:
                    writer.write(b"x" * 1000000)
                    await writer.drain()
            elif path == "/reset":
                linger = struct.pack("ii", 1, 0)
                connection = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                break
            else:
                answer = ANSWERS.get(path, (404, b""))
            status, content = answer
            writer.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n" % (status, len(content)))
            writer.write(content)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


def end_with_parent():
    """Tests that are killed leave no server behind: its parent is another then."""
    if os.getppid() != parent:
        os._exit(0)
    asyncio.get_running_loop().call_later(1, end_with_parent)


async def main():
    end_with_parent()
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
