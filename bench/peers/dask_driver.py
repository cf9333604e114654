"""Dask's distributed scheduler, with worker processes of one thread each."""

import os
import sys
import time

import dask
from distributed import Client, LocalCluster, __version__, worker_client

from driver import Driver, drive


def square(x):
    return x * x


def squares(xs):
    return [x * x for x in xs]


def echo(value):
    return value


def sleep(ms):
    time.sleep(ms / 1000)
    return ms


def slow_square(x):
    time.sleep(0.05)
    return x * x


def node(x, *parents):
    return x * x


def slow_node(x, *parents):
    time.sleep(0.005)
    return x * x


def fail_once(x):
    if x % 10 == 3:
        try:
            os.close(os.open(os.path.join(os.environ["PEER_FOLDER"], f"failed-{x}"), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return x * x
        raise RuntimeError("the first attempt fails")
    return x * x


def fibonacci(n):
    if n < 2:
        return n
    with worker_client() as client:
        parts = [client.submit(fibonacci, n - less, pure=False) for less in (1, 2)]
        return sum(client.gather(parts))


class Dask(Driver):
    tasks = {
        "square": square,
        "echo": echo,
        "sleep": sleep,
        "slow_square": slow_square,
        "node": node,
        "slow_node": slow_node,
        "fail_once": fail_once,
        "fibonacci": fibonacci,
    }

    def __init__(self, client):
        self.client = client

    def apply(self, fn, x):
        return self.client.submit(fn, x, pure=False).result()

    def map(self, fn, values):
        return self.map_async(fn, values)()

    def map_chunks(self, values, chunk):
        chunks = [values[at : at + chunk] for at in range(0, len(values), chunk)]
        return [x for part in self.map(squares, chunks) for x in part]

    def map_async(self, fn, values, retries=0):
        futures = self.client.map(fn, values, pure=False, retries=retries)
        return lambda: self.client.gather(futures)

    def graph(self, fn, parents):
        run = dask.delayed(fn, pure=False)
        nodes = []
        for at, before in enumerate(parents):
            nodes.append(run(at, *[nodes[parent] for parent in before]))
        return self.client.gather(self.client.compute(nodes))

    def worker_ids(self):
        return list(self.client.run(os.getpid).values())


def main():
    workload, engines = sys.argv[1], int(sys.argv[2])
    if workload == "W10":
        dask.config.set({"distributed.scheduler.worker-saturation": 1.0})
    with LocalCluster(
        n_workers=engines, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as cluster, Client(cluster) as client:
        drive(Dask(client), engines, {"dask": __version__})


if __name__ == "__main__":
    main()
