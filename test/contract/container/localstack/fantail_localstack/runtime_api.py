"""The Runtime API, through which a runtime client gets invocations and answers them.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = "/2018-06-01/runtime/"


class RuntimeApi:
    """The API for one execution environment, on a free port of the loopback address.

    :param next_invocation: waits for an invocation and returns its headers and payload; None closes the connection
    :param answered: called with each POST: its path below PATH, and its body
    """

    def __init__(self, next_invocation, answered):
        handler = type("Handler", (_Handler,), {"next_invocation": (next_invocation,), "answered": (answered,)})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 1}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        pass

    def do_GET(self):
        (next_invocation,) = self.next_invocation
        found = next_invocation()
        if found is None:
            self.close_connection = True
            return
        headers, payload = found
        self._reply(200, headers, payload)

    def do_POST(self):
        (answered,) = self.answered
        body = self._body()
        self._reply(202, {}, b"{}")
        answered(self.path.removeprefix(PATH), body)

    def _body(self):
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _reply(self, status, headers, body):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
