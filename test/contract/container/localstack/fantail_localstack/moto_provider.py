"""PROVIDER_OVERRIDE_DYNAMODB=moto: LocalStack's own DynamoDB provider, with moto behind it instead of Amazon's DynamoDB Local."""

import sys
from pathlib import Path

from localstack import config
from localstack.aws.forwarder import HttpFallbackDispatcher
from localstack.services.dynamodb.provider import DynamoDBProvider
from localstack.services.dynamodb.server import DynamodbServer
from localstack.services.plugins import Service, aws_provider
from localstack.utils.run import ShellCommandThread

MOTO = str(Path(__file__).with_name("moto_server.py"))


class MotoServer(DynamodbServer):
    def do_start_thread(self):
        command = [sys.executable, MOTO, str(self.port)]
        thread = ShellCommandThread(command, auto_restart=False, name="dynamodb")
        thread.start()
        return thread


class MotoProvider(DynamoDBProvider):
    @staticmethod
    def _new_dynamodb_server():
        return MotoServer(config.DYNAMODB_LOCAL_PORT)


@aws_provider(api="dynamodb", name="moto")
def dynamodb():
    provider = MotoProvider()
    table = lambda _: HttpFallbackDispatcher(provider, provider.get_forward_url)  # noqa: E731
    return Service.for_provider(provider, dispatch_table_factory=table)
