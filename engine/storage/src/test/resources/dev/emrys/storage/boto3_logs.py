"""CloudWatch Logs by boto3's defaults, with the keys and the endpoint of the environment."""

import time

import boto3
from botocore.exceptions import ClientError

logs = boto3.client("logs")
group, stream = "/aws/emr/j-BOTO", "steps/s-1/stdout"
names = {"logGroupName": group, "logStreamName": stream}
now = int(time.time() * 1000)

try:
    logs.get_log_events(**names)
    assert False
except logs.exceptions.ResourceNotFoundException as e:
    assert e.response["Error"]["Message"] == "The specified log group does not exist."
logs.create_log_group(logGroupName=group, tags={"team": "data"})
logs.create_log_stream(**names)
events = [{"timestamp": now + i, "message": "line %d ü" % i} for i in range(30)]
assert "rejectedLogEventsInfo" not in logs.put_log_events(logEvents=events, **names)

read, token = [], None
while True:
    page = logs.get_log_events(startFromHead=True, limit=7, **names, **({"nextToken": token} if token else {}))
    read += [e["message"] for e in page["events"]]
    if page["nextForwardToken"] == token:
        break
    token = page["nextForwardToken"]
assert read == [e["message"] for e in events], read

pages = list(logs.get_paginator("filter_log_events").paginate(
    logGroupName=group, filterPattern='"line 1"', PaginationConfig={"PageSize": 4}))
assert len(pages) == 3 and sum(len(p["events"]) for p in pages) == 11, pages
assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"team": "data"}
logs.put_retention_policy(logGroupName=group, retentionInDays=7)
described = logs.describe_log_groups(logGroupNamePrefix="/aws/")["logGroups"][0]
assert described["retentionInDays"] == 7 and described["arn"].endswith(":log-group:/aws/emr/j-BOTO:*"), described
try:
    logs.start_query(logGroupName=group, startTime=0, endTime=1, queryString="fields @message")
    assert False
except ClientError as e:
    assert e.response["Error"]["Code"] == "UnknownOperationException", e.response
logs.delete_log_group(logGroupName=group)
print("all is well")
