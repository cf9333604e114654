"""Plugins that let LocalStack run without downloading images or binaries.

LAMBDA_RUNTIME_EXECUTOR=process         execution environments are processes (process_executor)
PROVIDER_OVERRIDE_DYNAMODB=moto         moto behind LocalStack's provider of DynamoDB (moto_provider)
"""
