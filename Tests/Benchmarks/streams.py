"""2,000 open streams on 100 jobs of one front, then as many requests that wait: does every final state arrive, and what
does it cost?

    JOBD=.build/release/jobd python3 Tests/Benchmarks/streams.py [STREAMS [JOBS]]
"""

import asyncio
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))
from service import Service  # noqa: E402


def front_figures(pid):
    status = dict(
        line.split(":\t") for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    return f"{int(status['VmRSS'].split()[0]) / 1024:.1f} MiB, {status['Threads'].strip()} threads"


async def get(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    return reader, writer


async def read_until_final(reader, writer, opened):
    """The status of the last event; the first tells that the stream is open."""
    last = None
    while line := await reader.readline():
        if b'"status":"' in line:
            last = line.split(b'"status":"')[1].split(b'"')[0]
            opened.release()
    writer.close()
    return last


async def hold(service, paths, name):
    front = service.part("fastcgi")[0]
    print(f"{name}: before {front_figures(front)}")
    opened = asyncio.Semaphore(0)
    began = time.monotonic()
    tasks = []
    for path in paths:
        reader, writer = await get(service.port, path)
        tasks.append(asyncio.create_task(read_until_final(reader, writer, opened)))
    if "stream" in paths[0]:
        for _ in paths:
            await opened.acquire()
    else:
        await asyncio.sleep(2)
    print(f"{name}: {len(paths)} open after {time.monotonic() - began:.1f} s, {front_figures(front)}")
    return tasks


async def main(streams, jobs):
    service = Service(fronts=1).start()
    try:
        for name, form in (("streams", "/api/jobs/{}/stream"), ("waits", "/api/jobs/{}?wait=55&since=1")):
            ids = [f"{name}-{number}" for number in range(jobs)]
            for job_id in ids:
                service.post("/api/jobs", {"jobId": job_id})
            tasks = await hold(service, [form.format(ids[number % jobs]) for number in range(streams)], name)
            began = time.monotonic()

            def end():
                for job_id in ids:
                    service.post(f"/api/jobs/{job_id}/cancel")

            await asyncio.to_thread(end)
            ends = await asyncio.gather(*tasks)
            took = time.monotonic() - began
            print(f"{name}: {ends.count(b'cancelled')} of {streams} final states, all after {took:.1f} s")
            assert ends.count(b"cancelled") == streams
    finally:
        service.discard()


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    asyncio.run(main(*(numbers + [2000, 100][len(numbers):])))
