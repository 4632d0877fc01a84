// The AWS SDK for JavaScript by its defaults, with the keys and the endpoints of the environment.
"use strict";

const assert = require("node:assert/strict");
const { gunzipSync } = require("node:zlib");
const emrSdk = require("@aws-sdk/client-emr");
const s3Sdk = require("@aws-sdk/client-s3");
const logsSdk = require("@aws-sdk/client-cloudwatch-logs");

const emr = new emrSdk.EMRClient({});
const s3 = new s3Sdk.S3Client({});
const logs = new logsSdk.CloudWatchLogsClient({});
const often = { minDelay: 1, maxDelay: 1, maxWaitTime: 120 };

async function runStep() {
  await s3.send(new s3Sdk.CreateBucketCommand({ Bucket: "node-logs" }));
  const { JobFlowId: cluster } = await emr.send(new emrSdk.RunJobFlowCommand({
    Name: "node",
    ReleaseLabel: "emr-7.11.0",
    Applications: [{ Name: "AmazonCloudWatchAgent" }],
    ServiceRole: "EMR_DefaultRole",
    JobFlowRole: "EMR_EC2_DefaultRole",
    LogUri: "s3://node-logs/logs/",
    Instances: { InstanceCount: 1, MasterInstanceType: "m5.xlarge", KeepJobFlowAliveWhenNoSteps: true },
    MonitoringConfiguration: { CloudWatchLogConfiguration: { Enabled: true } },
    Steps: [{
      Name: "hello",
      ActionOnFailure: "CONTINUE",
      HadoopJarStep: { Jar: "command-runner.jar", Args: ["bash", "-c", "echo from the step; echo bad >&2"] },
    }],
  }));
  const { Steps: [{ Id: step }] } = await emr.send(new emrSdk.ListStepsCommand({ ClusterId: cluster }));
  await emrSdk.waitUntilStepComplete({ client: emr, ...often }, { ClusterId: cluster, StepId: step });
  return { cluster, step };
}

async function readLogs(cluster, step) {
  const Key = `logs/${cluster}/steps/${step}/stdout.gz`;
  const object = await s3.send(new s3Sdk.GetObjectCommand({ Bucket: "node-logs", Key }));
  assert.equal(gunzipSync(await object.Body.transformToByteArray()).toString(), "from the step\n");
  for (const [file, line] of [["stdout", "from the step"], ["stderr", "bad"]]) {
    const { events } = await logs.send(new logsSdk.GetLogEventsCommand({
      logGroupName: `/aws/emr/${cluster}`,
      logStreamName: `${cluster}/steps/${step}/${file}`,
    }));
    assert.deepEqual(events.map((event) => event.message), [line]);
  }
}

/** More than the 50 steps of a page. */
async function pageSteps(cluster) {
  const names = Array.from({ length: 60 }, (_, i) => `waits ${i}`);
  const step = (Name) => ({
    Name,
    ActionOnFailure: "CONTINUE",
    HadoopJarStep: { Jar: "command-runner.jar", Args: ["sleep", "300"] },
  });
  await emr.send(new emrSdk.AddJobFlowStepsCommand({ JobFlowId: cluster, Steps: names.map(step) }));
  const listed = [];
  let pages = 0;
  for await (const page of emrSdk.paginateListSteps({ client: emr }, { ClusterId: cluster })) {
    listed.push(...page.Steps.map((one) => one.Name));
    pages++;
  }
  assert.deepEqual(listed.reverse(), ["hello", ...names]);
  assert.equal(pages, 2);
}

async function pageEvents() {
  const names = { logGroupName: "node", logStreamName: "s" };
  await logs.send(new logsSdk.CreateLogGroupCommand({ logGroupName: "node" }));
  await logs.send(new logsSdk.CreateLogStreamCommand(names));
  const messages = Array.from({ length: 25 }, (_, i) => `event ${i}`);
  const now = Date.now();
  const logEvents = messages.map((message, i) => ({ message, timestamp: now + i }));
  await logs.send(new logsSdk.PutLogEventsCommand({ ...names, logEvents }));
  const read = [];
  const paged = logsSdk.paginateFilterLogEvents({ client: logs, pageSize: 10 }, { logGroupName: "node" });
  for await (const page of paged) {
    read.push(...page.events.map((event) => event.message));
  }
  assert.deepEqual(read, messages);
}

async function main() {
  await assert.rejects(
    emr.send(new emrSdk.DescribeClusterCommand({ ClusterId: "j-NONE" })),
    (error) => error instanceof emrSdk.InvalidRequestException && error.message.includes("j-NONE"));
  await assert.rejects(
    logs.send(new logsSdk.GetLogEventsCommand({ logGroupName: "none", logStreamName: "s" })),
    (error) => error instanceof logsSdk.ResourceNotFoundException);
  await assert.rejects(
    s3.send(new s3Sdk.GetObjectCommand({ Bucket: "none", Key: "k" })),
    (error) => error instanceof s3Sdk.S3ServiceException && error.name === "NoSuchBucket");
  const { cluster, step } = await runStep();
  await readLogs(cluster, step);
  await pageSteps(cluster);
  await pageEvents();
  const clusters = [];
  for await (const page of emrSdk.paginateListClusters({ client: emr }, {})) {
    clusters.push(...page.Clusters.map((one) => one.Id));
  }
  assert.deepEqual(clusters, [cluster]);
  await emr.send(new emrSdk.TerminateJobFlowsCommand({ JobFlowIds: [cluster] }));
  await emrSdk.waitUntilClusterTerminated({ client: emr, ...often }, { ClusterId: cluster });
  console.log("all is well");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
