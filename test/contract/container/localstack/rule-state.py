"""Run by LocalStack when it starts (https://docs.localstack.cloud/aws/capabilities/config/initialization-hooks/): fixes one bug of 4.14.0.

LocalStack decides whether a rule's schedule runs when its target is put: EnableRule then changes only the rule's state. On AWS
it starts the schedule: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html
"""

from localstack.services.events.rule import RuleService
from localstack.services.events.scheduler import JobScheduler


def create_schedule_job(self, send):
    def run(*_):
        if self.rule.state != "DISABLED":
            send()

    self.job_id = JobScheduler.instance().add_job(run, self.schedule_cron, True)


RuleService.create_schedule_job = create_schedule_job
