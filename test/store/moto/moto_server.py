"""Runs moto on a port of the loopback address.

One call at a time: moto has no locks, and a conditional write must be one step.
"""

import logging
import os
import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple


def end_with_owner():
    sys.stdin.read()
    os._exit(0)


# Set if the owner may be killed.
if "--until-stdin-closes" in sys.argv:
    threading.Thread(target=end_with_owner, daemon=True).start()
logging.getLogger("werkzeug").setLevel(logging.ERROR)
run_simple("127.0.0.1", int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=False)
