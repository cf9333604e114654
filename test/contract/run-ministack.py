"""Runs MiniStack, with IAM enforced, until its owner ends.

Its process group is killed once stdin closes: when it is stopped, or when its owner dies for whatever reason. The
execution environments of its functions are processes of the group.
"""

import os
import shutil
import signal
import sys
import threading


def end_with_owner():
    sys.stdin.read()
    # The owner may have died without removing its folder.
    if "FANTAIL_TEST_FOLDER" in os.environ:
        shutil.rmtree(os.environ["FANTAIL_TEST_FOLDER"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_owner, daemon=True).start()

from ministack.core import iam_actions, iam_evaluator  # noqa: E402

# The buckets of the stack and of the CDK refuse requests without TLS (aws:SecureTransport), which AWS's endpoints use and the
# loopback does not: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
pin_request_origin = iam_evaluator.pin_request_origin
iam_evaluator.pin_request_origin = lambda source_ip, _: pin_request_origin(source_ip, True)

# MiniStack does not pass the header If-None-Match to policies, and without it engines may not write blobs:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
object_context = iam_actions._s3_object_context


def with_if_none_match(action, query, path, headers):
    context = object_context(action, query, path, headers)
    if action == "s3:PutObject" and headers.get("if-none-match"):
        context["s3:if-none-match"] = headers["if-none-match"]
    return context


iam_actions._s3_object_context = with_if_none_match

# MiniStack checks calls on a rule against an ARN that includes the default bus, unlike the rule's own ARN:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
extract_resource_arn = iam_actions.extract_resource_arn


def without_default_bus(service, *parts):
    arn = extract_resource_arn(service, *parts)
    return arn.replace(":rule/default/", ":rule/") if service == "events" else arn


iam_actions.extract_resource_arn = without_default_bus

from ministack.app import main  # noqa: E402

main()
