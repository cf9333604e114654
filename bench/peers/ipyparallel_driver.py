"""ipyparallel, as it is shipped: scheme leastload, hwm 1."""

import os
import sys

import ipyparallel as ipp

from driver import Driver, drive


def square(x):
    return x * x


def echo(value):
    return value


def sleep(ms):
    import time

    time.sleep(ms / 1000)
    return ms


def slow_square(x, ms=50):
    import time

    time.sleep(ms / 1000)
    return x * x


def slow_node(x):
    import time

    time.sleep(0.005)
    return x * x


def fail_once(x):
    import os

    first = False
    if x % 10 == 3:
        try:
            os.close(os.open(os.path.join(os.environ["PEER_FOLDER"], f"failed-{x}"), os.O_CREAT | os.O_EXCL))
            first = True
        except FileExistsError:
            pass
    if first:
        raise RuntimeError("the first attempt fails")
    return x * x


class Ipyparallel(Driver):
    tasks = {
        "square": square,
        "echo": echo,
        "sleep": sleep,
        "slow_square": slow_square,
        "node": square,
        "slow_node": slow_node,
        "fail_once": fail_once,
    }

    def __init__(self, client):
        self.client = client
        self.view = client.load_balanced_view()

    def apply(self, fn, x):
        return self.view.apply_sync(fn, x)

    def map(self, fn, values):
        return self.view.map_sync(fn, values, chunksize=1)

    def map_chunks(self, values, chunk):
        return self.view.map_sync(square, values, chunksize=chunk)

    def map_async(self, fn, values, retries=0):
        with self.view.temp_flags(retries=retries):
            return self.view.map_async(fn, values, chunksize=1).get

    def imap(self, fn, values):
        return self.view.imap(fn, values)

    def graph(self, fn, parents):
        nodes = []
        for node, before in enumerate(parents):
            with self.view.temp_flags(after=[nodes[parent] for parent in before] or None):
                nodes.append(self.view.apply_async(fn, node))
        return [node.get() for node in nodes]

    def worker_ids(self):
        return self.ids

    def remember_workers(self):
        self.ids = self.client[:].apply_sync(os.getpid)


def main():
    engines = int(sys.argv[2])
    with ipp.Cluster(n=engines, log_level=50) as client:
        driver = Ipyparallel(client)
        driver.remember_workers()
        drive(driver, engines, {"ipyparallel": ipp.__version__})


if __name__ == "__main__":
    main()
