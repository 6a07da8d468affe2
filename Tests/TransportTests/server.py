"""An HTTP server with the faults that tests ask for by path. Prints its ports, then serves: plain, with
TLS, with a certificate that has expired, and with TLS for clients with a certificate alone."""

import asyncio
import gzip
import os
import socket
import ssl
import struct
import sys
import time

ANSWERS = {
    "/ok": (200, b'{"greeting": "hello"}'),
    "/500": (500, b"sorry"),
    "/created": (201, b""),
    "/inference": (200,
                   b'{"model_name": "m", "outputs": [{"name": "y", "datatype": "BYTES", "shape": [2], '
                   b'"data": ["error", "1"]}]}'),
    "/inference-error": (200, b'{"error" : "no such model", "outputs": []}'),
    "/inference-cut": (200, b'{"outputs": [{"data": [1,, 2]}]}'),
    "/not-utf8": (200, b'{"outputs": "\xff\xfe\xc3"}'),
    "/empty": (200, b""),
}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
# Answers that end with the connection, or never.
RAW = {
    "/garbage": b"\x00\x01 what?\r\n\r\n" * 50,
    "/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "/cut-head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "/chunk-garbage": CHUNKED + b"5\r\nhello\r\nzz\r\n",
    "/chunk-overflow": CHUNKED + b"ffffffffffffffffff\r\n",
    "/chunk-cut": CHUNKED + b"ff\r\nhello",
    "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "/negative-length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
    "/until-closed": b"HTTP/1.0 200 OK\r\n\r\nhello",
    "/chunked": CHUNKED + b"5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n",
    "/interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
}
ENDLESS = {
    "/endless": (b"HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\n", b"x" * 1_000_000, 0),
    "/endless-chunks": (CHUNKED, b"186a0\r\n" + b"x" * 100_000 + b"\r\n", 0),
    "/endless-head": (b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 1_000, 0),
    "/endless-line": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 100_000, 0),
    # One byte now and then, for ever.
    "/slow-loris": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x", 0.05),
    "/slow-head": (b"HTTP/1.1 200 OK\r\n", b"X", 0.05),
}
# Without the time, so that its bytes are always the same.
BOMB = gzip.compress(bytes(64 << 20), mtime=0)
stall_due = None
parent = os.getppid()


async def serve(reader, writer):
    global stall_due
    answered = 0
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            words = head.split()
            if len(words) < 2:
                break
            path = words[1]
            length = 0
            for line in head.split("\r\n"):
                if line.lower().startswith("content-length:"):
                    length = int(line.split(":")[1])
            body = await reader.readexactly(length)
            if path == "/echo":
                answer = (200, head.encode() + body)
            elif path == "/hang":
                await asyncio.sleep(3600)
                break
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
            elif path in RAW:
                writer.write(RAW[path])
                await writer.drain()
                break
            elif path in ENDLESS:
                beginning, more, pause = ENDLESS[path]
                writer.write(beginning)
                while True:
                    writer.write(more)
                    await writer.drain()
                    await asyncio.sleep(pause)
            elif path == "/gzip-bomb":
                fields = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)
                writer.write(b"HTTP/1.1 200 OK\r\n" + fields + BOMB)
                await writer.drain()
                continue
            elif path == "/redirect":
                writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://198.51.100.1/\r\n"
                             b"Content-Length: 0\r\n\r\n")
                await writer.drain()
                continue
            elif path == "/only-first":
                # It promises to keep the connection, and then closes it, or says nothing more.
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                await writer.drain()
                break
            elif path == "/mute-after-first":
                if answered:
                    await asyncio.sleep(3600)
                    break
                answer = ANSWERS["/ok"]
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
            answered += 1
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        pass
    writer.close()


def end_with_parent():
    """Tests that are killed leave no server behind: its parent is another then."""
    if os.getppid() != parent:
        os._exit(0)
    asyncio.get_running_loop().call_later(1, end_with_parent)


def context(certificate, asks_clients=False):
    folder = os.path.dirname(os.path.abspath(__file__))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, certificate))
    if asks_clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(os.path.join(folder, "localhost.pem"))
    return context


async def main():
    end_with_parent()
    first = int(sys.argv[1])
    contexts = [None, context("localhost.pem"), context("expired.pem"), context("localhost.pem", True)]
    servers = [
        await asyncio.start_server(
            serve, "127.0.0.1", 0 if index else first, backlog=1024, ssl=context)
        for index, context in enumerate(contexts)
    ]
    ports = " ".join(str(server.sockets[0].getsockname()[1]) for server in servers)
    # In one piece, whatever the buffering.
    os.write(sys.stdout.fileno(), ports.encode() + b"\n")
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
