#!/usr/bin/env python3
"""A STAND-IN for a model server on a shared GPU. It has no GPU and no model.

How long a batch takes, and how much GPU memory it needs, stands in a table (PROFILE, by default
profile.csv beside this file). The server sleeps for as long as the GPU would be busy, ends as a real one
would when the memory of its batch size doesn't fit into its share, and spends CPU_MILLISECONDS of real
CPU time on each request, for decoding it and encoding the answer.

Its share of the GPU comes from the variables that HAMi sets in a container, or else, in a cluster
without HAMi, from the limits in its own pod.
"""

import asyncio
import csv
import json
import os
import pathlib
import ssl
import sys
import time
import urllib.request

ACCOUNT = pathlib.Path("/var/run/secrets/kubernetes.io/serviceaccount")


def share_of_gpu():
    """GPU memory in MiB and GPU cores in percent."""
    memory = os.environ.get("CUDA_DEVICE_MEMORY_LIMIT_0")
    if memory is None and (ACCOUNT / "token").exists():
        limits = own_limits()
        return int(limits["nvidia.com/gpumem"]), int(limits["nvidia.com/gpucores"])
    return int((memory or "16384").rstrip("m")), int(os.environ.get("CUDA_DEVICE_SM_LIMIT", "100"))


def own_limits():
    """The limits of this pod's first container, from the API server."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    namespace = (ACCOUNT / "namespace").read_text()
    request = urllib.request.Request(
        f"https://{host}:{port}/api/v1/namespaces/{namespace}/pods/{os.environ['HOSTNAME']}",
        headers={"Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}"},
    )
    context = ssl.create_default_context(cafile=ACCOUNT / "ca.crt")
    with urllib.request.urlopen(request, context=context, timeout=10) as answer:
        return json.load(answer)["spec"]["containers"][0]["resources"]["limits"]


def profile():
    """The rows of the table by GPU cores and batch size."""
    beside = pathlib.Path(__file__).with_name("profile.csv")
    with open(os.environ.get("PROFILE", beside), newline="") as file:
        return {(int(row["gpucores"]), int(row["batch_size"])): row for row in csv.DictReader(file)}


class Gpu:
    """Works on one batch at a time, each of up to `batch_size` requests."""

    def __init__(self, rows, cores, batch_size):
        # A batch that isn't full costs what the next larger one in the table does.
        sizes = sorted(size for share, size in rows if share == cores and size <= batch_size)
        self.seconds = [(size, float(rows[cores, size]["gpu_milliseconds"]) / 1000) for size in sizes]
        self.batch_size = batch_size
        self.queue = asyncio.Queue()

    async def infer(self):
        done = asyncio.get_running_loop().create_future()
        self.queue.put_nowait(done)
        await done

    async def run(self):
        free_at = 0.0
        while True:
            batch = [await self.queue.get()]
            while len(batch) < self.batch_size and not self.queue.empty():
                batch.append(self.queue.get_nowait())
            busy = next(seconds for size, seconds in self.seconds if size >= len(batch))
            # From when it was free, so that a late timer doesn't slow the GPU down.
            now = time.monotonic()
            free_at = max(free_at, now - 0.002) + busy
            await asyncio.sleep(free_at - now)
            for done in batch:
                if not done.done():
                    done.set_result(None)


def spend_cpu(milliseconds):
    end = time.thread_time() + milliseconds / 1000
    while time.thread_time() < end:
        pass


async def serve(gpu, cpu_milliseconds, reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            fields = dict(line.lower().split(":", 1) for line in head[1:] if ":" in line)
            await reader.readexactly(int(fields.get("content-length", "0")))
            path = head[0].split()[1]
            status, body = "200 OK", b'{"label": "stand-in"}'
            if path == "/infer":
                spend_cpu(cpu_milliseconds)
                await gpu.infer()
            elif path != "/health":
                status, body = "404 Not Found", b"{}"
            answer = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(answer.encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    memory, cores = share_of_gpu()
    batch_size = int(os.environ.get("BATCH_SIZE", "1"))
    rows = profile()
    if (cores, batch_size) not in rows:
        sys.exit(f"stand-in: {cores} % of the cores with batches of {batch_size} is not in the table")
    needed = int(rows[cores, batch_size]["gpu_memory_mib"])
    if needed > memory:
        sys.exit(f"stand-in: CUDA out of memory: batches of {batch_size} need {needed} MiB of {memory}")
    gpu = Gpu(rows, cores, batch_size)
    cpu_milliseconds = float(os.environ.get("CPU_MILLISECONDS", "1.5"))
    server = await asyncio.start_server(
        lambda reader, writer: serve(gpu, cpu_milliseconds, reader, writer),
        port=int(os.environ.get("HTTP_PORT", "8080")),
        backlog=1024,
    )
    print(f"stand-in: {cores} % of the cores, {memory} MiB, batches of {batch_size}", flush=True)
    async with server:
        await gpu.run()


asyncio.run(main())
