"""Code shared by the Python drivers; see driver-protocol.ts. Every result is checked."""

import json
import os
import signal
import sys
import time

CHUNK = 100
VALUE_BYTES = 102_400


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def timed(action):
    start = time.perf_counter()
    result = action()
    return result, time.perf_counter() - start


def check(results, expected):
    if list(results) != list(expected):
        raise AssertionError("a result is wrong")


def rate(n, seconds):
    return n, {"tasks_per_s": n / seconds, "seconds": seconds}


def squares(n):
    return [x * x for x in range(n)]


class Driver:
    """A system to compare. Subclasses implement the operations of their system; the workloads are written once, here.

    tasks: the functions that tasks run, by name. They must be in the driver's own script: systems send functions of
    `__main__` by value.
    """

    tasks = {}

    def w1(self, plan):
        n = plan["n"]
        results, seconds = timed(lambda: self.map(self.tasks["square"], range(n)))
        check(results, squares(n))
        return rate(n, seconds)

    w10 = w1

    def w2(self, plan):
        n = plan["n"]
        results, seconds = timed(lambda: self.map_chunks(range(n), CHUNK))
        check(results, squares(n))
        return rate(n, seconds)

    def w3(self, plan):
        lasted = []
        for x in range(plan["n"]):
            result, seconds = timed(lambda: self.apply(self.tasks["square"], x))
            check([result], [x * x])
            lasted.append(seconds * 1000)
        lasted.sort()
        return len(lasted), {"p50_ms": lasted[len(lasted) // 2], "p99_ms": lasted[int(len(lasted) * 0.99)]}

    def w4(self, plan):
        results, seconds = timed(lambda: self.map(self.tasks["sleep"], plan["sleeps"]))
        check(results, plan["sleeps"])
        return len(results), {"seconds": seconds}

    def w5(self, plan):
        values = [os.urandom(VALUE_BYTES) for _ in range(plan["n"])]
        results, seconds = timed(lambda: self.map(self.tasks["echo"], values))
        check(results, values)
        return len(values), {"mb_per_s": 2 * len(values) * VALUE_BYTES / 1e6 / seconds, "seconds": seconds}

    def w6(self, plan, task="node"):
        results, seconds = timed(lambda: self.graph(self.tasks[task], plan["parents"]))
        check(results, squares(len(plan["parents"])))
        return len(results), {"seconds": seconds}

    def w6s(self, plan):
        return self.w6(plan, "slow_node")

    def w7(self, plan):
        n = plan["n"]

        def run():
            waiting = self.map_async(self.tasks["slow_square"], range(n), retries=3)
            time.sleep(2.5)
            os.kill(self.worker_ids()[0], signal.SIGKILL)
            return waiting()

        results, seconds = timed(run)
        check(results, squares(n))
        return n, {"seconds": seconds}

    def w8(self, plan):
        n = plan["n"]
        results, seconds = timed(lambda: list(self.imap(self.tasks["square"], (x for x in range(n)))))
        check(results, squares(n))
        return rate(n, seconds)

    def w9(self, plan):
        n = plan["n"]
        result, seconds = timed(lambda: self.apply(self.tasks["fibonacci"], n))
        numbers, calls = [0, 1], [1, 1]
        for at in range(2, n + 1):
            numbers.append(numbers[at - 1] + numbers[at - 2])
            calls.append(1 + calls[at - 1] + calls[at - 2])
        check([result], [numbers[n]])
        return rate(calls[n], seconds)

    def w11(self, plan):
        slow = [2000] * (2 * plan["engines"])
        waiting = self.map_async(self.tasks["sleep"], slow)
        n, figures = self.w1(plan)
        check(waiting(), slow)
        return n + len(slow), {"last_noop_s": figures["seconds"]}

    def w12(self, plan):
        n = plan["n"]
        results, seconds = timed(lambda: self.map_async(self.tasks["fail_once"], range(n), retries=1)())
        check(results, squares(n))
        return rate(n, seconds)


def drive(driver, engines, versions):
    """Runs a driver whose system has started."""
    square = driver.tasks["square"]
    check([driver.apply(square, 3)], [9])
    tell("first-result", versions=versions)
    for x in range(20):
        driver.apply(square, x)
    driver.map(square, range(engines * 4))
    tell("ready")
    plan = json.loads(sys.stdin.readline())
    workload = getattr(driver, plan["workload"].lower(), None)
    if workload:
        tasks, figures = workload(plan)
        tell("figures", tasks=tasks, figures=figures)
