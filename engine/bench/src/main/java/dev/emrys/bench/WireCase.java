package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.io.ByteStreams;
import dev.emrys.local.Account;
import dev.emrys.local.Distributions;
import dev.emrys.local.EmulatorServer;
import dev.emrys.local.EmulatorServer.Served;
import dev.emrys.local.MavenDistributionResolver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a client with one connection that is kept waits for an answer of the emulator, in the same JVM. */
final class WireCase {
    private static final int CALLS = 10_000;
    private static final int WARM_UP_ROUNDS = 3;
    private static final String KEY = "BENCHKEY";
    private static final Pattern ID = Pattern.compile("\"JobFlowId\":\"([^\"]+)\"");
    private static final String CLUSTER = """
            {"Name": "bench", "ReleaseLabel": "emr-7.8.0", "Applications": [{"Name": "Spark"}],
             "ServiceRole": "EMR_DefaultRole", "JobFlowRole": "EMR_EC2_DefaultRole",
             "Instances": {"InstanceCount": 3, "MasterInstanceType": "m5.xlarge", "SlaveInstanceType": "m5.xlarge",
                           "KeepJobFlowAliveWhenNoSteps": true}}
            """;

    private WireCase() {}

    static void measure(Path folder) throws Exception {
        Served served = new Served(
                new Account(Files.createDirectories(folder.resolve("account"))),
                KEY,
                "secret",
                "000000000000",
                "us-east-1",
                false,
                false,
                Optional.empty());
        Distributions distributions = new Distributions(folder.resolve("cache"), new MavenDistributionResolver());
        try (EmulatorServer server = EmulatorServer.start(ImmutableList.of(served), distributions, 0)) {
            Matcher id = ID.matcher(call(server.uri(), "RunJobFlow", CLUSTER));
            if (!id.find()) {
                throw new IllegalStateException("RunJobFlow gave no id");
            }
            String describe = "{\"ClusterId\":\"" + id.group(1) + "\"}";
            double[] millis = new double[CALLS];
            for (int round = 0; round <= WARM_UP_ROUNDS; round++) {
                ProcessClock clock = new ProcessClock();
                for (int i = 0; i < CALLS; i++) {
                    long before = System.nanoTime();
                    String unused = call(server.uri(), "DescribeCluster", describe);
                    millis[i] = (System.nanoTime() - before) / 1e6;
                }
                if (round == WARM_UP_ROUNDS) {
                    new Sample(Row.WIRE, Calibration.median(millis), clock.cpuSeconds()).print();
                }
            }
        }
    }

    private static String call(URI uri, String operation, String body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/x-amz-json-1.1");
        connection.setRequestProperty("X-Amz-Target", "ElasticMapReduce." + operation);
        connection.setRequestProperty(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=" + KEY + "/20260101/us-east-1/elasticmapreduce/aws4_request,"
                        + " SignedHeaders=host, Signature=0");
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        try (InputStream in = connection.getInputStream()) {
            return new String(ByteStreams.toByteArray(in), StandardCharsets.UTF_8);
        }
    }
}
