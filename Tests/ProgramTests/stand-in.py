"""A stand-in for a model server, for tests of the program: a queue with WORKERS workers, each busy
SERVICE_MILLISECONDS for a request. MODE makes it fail in one of the ways that servers fail."""

import asyncio
import os
import sys
import time

mode = os.environ.get("MODE", "serve")
workers = asyncio.Semaphore(int(os.environ.get("WORKERS", "1")))
seconds = float(os.environ.get("SERVICE_MILLISECONDS", "10")) / 1000
served = 0
hoard = []


async def answer(head, body):
    global served
    if head.split()[1] == "/ready":
        return 200, b"ready"
    served += 1
    under_load = served > 5
    if mode == "hang" and under_load:
        await asyncio.sleep(3600)
    if mode == "crash" and under_load:
        print("out of luck", flush=True)
        os._exit(7)
    if mode == "stall" and served == 150:
        # All of the server stands still, as for a garbage collection.
        time.sleep(0.5)
    if mode == "echo":
        return 200, head.split()[0].encode() + b" " + body + b"\n" + head.encode()
    if mode == "prometheus":
        figures = ('{"metric": {"usage": "%s"}, "value": [1, "%s"]}' % pair
                   for pair in (("memory", 3 << 30), ("cpu", 12.5), ("gpu_memory", 512)))
        return 200, ('{"status": "success", "data": {"resultType": "vector", "result": [%s]}}'
                     % ", ".join(figures)).encode()
    if mode == "errors":
        return 500, b"sorry"
    if mode == "garbage":
        return 200, b"\x00\xff not what was asked for"
    async with workers:
        await asyncio.sleep(seconds)
    return 200, b'{"answer": 42}'


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = 0
            for line in head.split("\r\n"):
                if line.lower().startswith("content-length:"):
                    length = int(line.split(":")[1])
            body = await reader.readexactly(length)
            status, content = await answer(head, body)
            writer.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n" % (status, len(content)))
            writer.write(content)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main():
    if mode == "exit":
        print("the model file is missing", flush=True)
        sys.exit(3)
    if mode == "never-ready":
        await asyncio.sleep(3600)
    if mode == "hog":
        while True:
            hoard.append(bytearray(1 << 20))
    port = int(os.environ["HTTP_PORT"])
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


asyncio.run(main())
