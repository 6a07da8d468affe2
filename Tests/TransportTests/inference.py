"""A stand-in for inference servers. HTTP/1.1: predictions, and completions by path. HTTP/2 without TLS: the Open
Inference Protocol over gRPC, with the faults that a model's name asks for. Prints its port, then serves."""

import asyncio
import os
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
parent = os.getppid()

# ModelInferResponse with an output "y" of FP32 and two elements, and one whose shape says three.
RIGHT = bytes.fromhex("2a180a01791204465033321a01022a0a32080000803f00000040")
WRONG = RIGHT.replace(b"\x1a\x01\x02", b"\x1a\x01\x03")


def message(content, flag=0):
    return struct.pack(">BI", flag, len(content)) + content


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def field(name, value):
    """A header field as HPACK has it: literal, not indexed, not compressed."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def answer(stream, body, status, text=b""):
    """Frames of an answer: a head, a body, and what follows it."""
    trailer = (field(b"grpc-status", status) if status else field(b"x-nothing", b"1"))
    trailer += field(b"grpc-message", text) if text else b""
    head = b"\x88" + field(b"content-type", b"application/grpc")
    if body is None:
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, head + trailer)
    return (frame(HEADERS, END_HEADERS, stream, head) + frame(DATA, 0, stream, body)
            + frame(HEADERS, END_HEADERS | END_STREAM, stream, trailer))


def called(stream, request):
    name = request[7:7 + request[6]].decode()
    if b"\x2a" not in request[7 + len(name):]:
        # ModelReady: no inputs.
        return answer(stream, message(b"" if name == "loading" else b"\x08\x01"), b"0")
    faults = {
        "unavailable": answer(stream, None, b"14", b"the%20model is loading"),
        "invalid": answer(stream, None, b"3", b"unexpected%20shape for input 'x'"),
        "exhausted": answer(stream, None, b"8"),
        "failed-late": answer(stream, message(RIGHT), b"13", b"too late"),
        "cut": answer(stream, message(RIGHT)[:-4], b"0"),
        "empty": answer(stream, b"", b"0"),
        "no-status": answer(stream, message(RIGHT), b""),
        "compressed": answer(stream, message(RIGHT, flag=1), b"0"),
        "two": answer(stream, message(RIGHT) * 2, b"0"),
        "wrong": answer(stream, message(WRONG), b"0"),
        "garbage": answer(stream, message(b"\xff" * 40), b"0"),
        "reset": frame(RESET, 0, stream, struct.pack(">I", 2)),
    }
    return faults.get(name) or answer(stream, message(RIGHT), b"0")


async def serve_http2(reader, writer):
    writer.write(frame(SETTINGS, 0, 0))
    bodies = {}
    while True:
        head = await reader.readexactly(9)
        length = int.from_bytes(head[:3], "big")
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        payload = await reader.readexactly(length)
        if kind == SETTINGS and not flags & ACK:
            writer.write(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            writer.write(frame(PING, ACK, 0, payload))
        elif kind == GOAWAY:
            return
        elif kind == DATA:
            bodies[stream] = bodies.get(stream, b"") + payload
            if payload:
                for number in (0, stream):
                    writer.write(frame(WINDOW_UPDATE, 0, number, struct.pack(">I", len(payload))))
            if flags & END_STREAM:
                writer.write(called(stream, bodies.pop(stream)))
        await writer.drain()


def event(text):
    return b"data: " + text + b"\n\n"


def token(text):
    return event(b'{"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]}' % text)


ROLE = event(b'{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}')
END = (event(b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}')
       + event(b'{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5}}') + event(b"[DONE]"))
STREAMS = {
    # The role comes at once, the first token after 100 ms, then one each 30 ms.
    "/stream": [ROLE, 0.1] + [part for word in (b"a", b"b", b"c", b"d") for part in (token(word), 0.03)]
    + [token(b"e"), END],
    "/stream-error": [ROLE, token(b"a"), event(b'{"error":{"message":"out of memory"}}'), event(b"[DONE]")],
    "/stream-unfinished": [ROLE, token(b"a")],
    "/stream-pings": [b": ping\r\n\r\n", 0.02, b": ping\r\n\r\n", token(b"a").replace(b"\n", b"\r\n"), END],
    "/stream-lost": [ROLE, token(b"a"), None],
    "/stream-bytes": [bytes([byte]) for byte in ROLE + token("é".encode()) + END],
    "/stream-endless-event": [b"data: "] + [b"x" * 100_000] * 200,
}
WHOLE = {
    "/whole": b'{"choices":[{"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],'
              b'"usage":{"prompt_tokens":9,"completion_tokens":2}}',
    "/whole-error": b'{"error":{"message":"busy"}}',
    "/predict": b'{"predictions": [[0.1, 0.9], [0.8, 0.2]]}',
    "/predict-ragged": b'{"predictions": [[0.1, 0.9], [0.8]]}',
    "/predict-large": b'{"predictions": [' + b",".join([b"0.25"] * 20_000) + b"]}",
    "/predict-large-ragged": b'{"predictions": [' + b",".join([b"0.25"] * 20_000) + b",[1]]}",
}


async def serve_http1(first, reader, writer):
    head = first + await reader.readuntil(b"\r\n\r\n")
    while True:
        path = head.decode().split()[1]
        length = [int(line.split(":")[1]) for line in head.decode().split("\r\n")
                  if line.lower().startswith("content-length:")]
        await reader.readexactly(length[0] if length else 0)
        if path in STREAMS:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n")
            for part in STREAMS[path]:
                if part is None:
                    return
                if isinstance(part, float):
                    await writer.drain()
                    await asyncio.sleep(part)
                else:
                    writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            writer.write(b"0\r\n\r\n")
        else:
            content = WHOLE.get(path, b"")
            writer.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%s"
                         % (200 if content else 404, len(content), content))
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")


async def serve(reader, writer):
    try:
        first = await reader.readexactly(len(PREFACE))
        if first == PREFACE:
            await serve_http2(reader, writer)
        else:
            await serve_http1(first, reader, writer)
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
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
