"""multiprocessing.Queue from one producer to WORKERS consumers: items per second, and the latency of an item when idle."""
import multiprocessing
import os
import statistics
import time

from report import report

ITEMS = int(os.environ["BENCH_QUEUE"])
WORKERS = int(os.environ["WORKERS"])
LATENCY_ITEMS = 500


def consume(items, ended):
    while items.get() is not None:
        pass
    ended.put(None)


def echo(items, latencies):
    while (sent := items.get()) is not None:
        latencies.put(time.monotonic() - sent)


def rate():
    items, ended = multiprocessing.Queue(), multiprocessing.Queue()
    consumers = [multiprocessing.Process(target=consume, args=(items, ended)) for _ in range(WORKERS)]
    for consumer in consumers:
        consumer.start()
    began = time.monotonic()
    for _ in range(ITEMS):
        items.put(b"x" * 100)
    for _ in consumers:
        items.put(None)
    for _ in consumers:
        ended.get()
    return ITEMS / (time.monotonic() - began)


def latency():
    items, latencies = multiprocessing.Queue(), multiprocessing.Queue()
    multiprocessing.Process(target=echo, args=(items, latencies)).start()
    seen = []
    for _ in range(LATENCY_ITEMS):
        items.put(time.monotonic())
        seen.append(latencies.get())
        time.sleep(0.001)
    items.put(None)
    return statistics.median(seen)


if __name__ == "__main__":
    report("queue", round(rate()))
    report("latency", round(latency() * 1e6))
