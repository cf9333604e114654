"""LAMBDA_RUNTIME_EXECUTOR=process: an execution environment is a process, instead of a container with LocalStack's init.

The process runs AWS's own runtime client for Node, aws-lambda-ric. This file does the part that AWS does not publish: it passes
invocations to the client, enforces timeouts, and reports ended processes in Lambda's words.
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html

Not supported: layers, memory limits, freezing between invocations, separate file systems.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import Future

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .runtime_api import RuntimeApi

RUNTIME_CLIENT = ["node", "/opt/aws-lambda-ric/index.mjs"]
# Lambda's words for the signal that ended a process.
SIGNALS = {
    signal.SIGKILL: "killed",
    signal.SIGTERM: "terminated",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "aborted",
}


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *_args, **_kwargs):
        return ProcessExecutor


class ProcessExecutor(RuntimeExecutor):
    """One execution environment. LocalStack gives it one invocation at a time."""

    def __init__(self, id, function_version):
        super().__init__(id, function_version)
        self._changed = threading.Condition()
        self._process = None
        self._ready = None
        self._waiting = None  # The invocation that the process has not taken yet.
        self._request_id = None  # The invocation that is not answered yet.
        self._answer = None
        self._log = []

    def start(self, env_vars):
        self._folder = tempfile.mkdtemp(prefix="environment-")
        self._api = RuntimeApi(self._next_invocation, self._answered)
        self._task_root = str(self.function_version.config.code.get_unzipped_code_location())
        self._environment = {
            "PATH": os.environ["PATH"],
            # Lambda does not warn about Node's age either.
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
            **{name: str(value) for name, value in env_vars.items()},
            "LAMBDA_TASK_ROOT": self._task_root,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "TMPDIR": self._folder,
            "HOME": self._folder,
        }
        self._start_process()

    def stop(self):
        self._end_process()
        self._api.close()
        for future in (self._ready, self._answer):
            if future:
                future.cancel()
        shutil.rmtree(self._folder, ignore_errors=True)

    def invoke(self, payload):
        request_id, timeout = payload["invoke-id"], self.function_version.config.timeout
        if self._process is None:
            # The previous process ended. As on Lambda, the next invocation starts another.
            try:
                self._start_process()
            except StatusErrorException as error:
                return self._result(request_id, error.payload, is_error=True)
        self._log.clear()
        answer = Future()
        with self._changed:
            self._answer, self._request_id = answer, request_id
            self._waiting = (_headers(payload, time.time() + timeout), payload["payload"].encode())
            self._changed.notify_all()
        try:
            body, is_error = answer.result(timeout)
        except TimeoutError:
            self._end_process()
            words = f"Task timed out after {timeout:.2f} seconds"
            self._log.append(f"{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime())} {request_id} {words}\n\n")
            body, is_error = _error("Sandbox.Timedout", f"RequestId: {request_id} Error: {words}"), True
        limit = config.LAMBDA_LIMITS_MAX_FUNCTION_PAYLOAD_SIZE_BYTES
        if not is_error and len(body) > limit:
            words = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
            body, is_error = _error("Function.ResponseSizeTooLarge", words), True
        return self._result(request_id, body, is_error)

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}"

    def get_logs(self):
        return "".join(self._log)

    @classmethod
    def prepare_version(cls, function_version):
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version):
        pass

    def _start_process(self):
        """Returns once the handler is loaded. If it cannot be, raises StatusErrorException with the error in Lambda's words."""
        self._ready = Future()
        self._log.clear()
        process = subprocess.Popen(
            [*RUNTIME_CLIENT, self._environment.get("_HANDLER", "")],
            cwd=self._task_root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Its own process group, so that it can be ended with its children.
            start_new_session=True,
        )
        self._process = process
        threading.Thread(target=self._watch, args=[process], daemon=True).start()
        self._ready.result()

    def _watch(self, process):
        """Collects its output, and reports if it ends by itself."""
        for line in process.stdout:
            self._log.append(line)
        code = process.wait()
        with self._changed:
            if self._process is not process:
                return
            self._process = self._waiting = None
            words = _how_it_ended(code)
            if not self._ready.done():
                told = _error("Runtime.ExitError", words)
                self._ready.set_exception(StatusErrorException("the process ended", payload=told))
            else:
                self._settle(_error("Runtime.ExitError", f"RequestId: {self._request_id} Error: {words}"), True)

    def _end_process(self):
        with self._changed:
            process, self._process, self._waiting = self._process, None, None
            self._changed.notify_all()
        if process:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def _next_invocation(self):
        process = self._process
        if not self._ready.done():
            self._ready.set_result(True)
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._process is not process)
            if self._process is not process:
                return None
            found, self._waiting = self._waiting, None
            return found

    def _answered(self, path, body):
        with self._changed:
            if path == "init/error" and not self._ready.done():
                self._process = None
                self._ready.set_exception(StatusErrorException("the handler could not be loaded", payload=body))
            elif path in (f"invocation/{self._request_id}/response", f"invocation/{self._request_id}/error"):
                self._settle(body, path.endswith("/error"))

    def _settle(self, body, is_error):
        if self._answer and not self._answer.done():
            self._answer.set_result((body, is_error))

    def _result(self, request_id, body, is_error):
        version = self.function_version.id.qualifier
        log = f"START RequestId: {request_id} Version: {version}\n{self.get_logs()}END RequestId: {request_id}\n"
        return InvocationResult(request_id, body, is_error=is_error, logs=log)


def _headers(payload, deadline):
    return {
        "Lambda-Runtime-Aws-Request-Id": payload["invoke-id"],
        "Lambda-Runtime-Deadline-Ms": int(deadline * 1000),
        "Lambda-Runtime-Invoked-Function-Arn": payload["invoked-function-arn"],
        "Lambda-Runtime-Trace-Id": payload["trace-id"],
    }


def _how_it_ended(code):
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    return f"Runtime exited with error: signal: {SIGNALS.get(-code, signal.Signals(-code).name)}"


def _error(kind, message):
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
