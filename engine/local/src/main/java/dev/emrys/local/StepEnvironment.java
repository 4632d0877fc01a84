package dev.emrys.local;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The environment of a step. It contains nothing of the author's AWS account: the keys are those of the emulated
 * account, the configuration files do not exist, the endpoints of S3 and CloudWatch Logs are those of the account and
 * the one of other services a closed port on loopback, the instance metadata service is off, and the home folder is the
 * cluster's.
 */
final class StepEnvironment {
    /** Port 9 (discard), where nothing listens. */
    private static final String CLOSED_ENDPOINT = "http://127.0.0.1:9";

    private static final String LOOPBACK = "127.0.0.1,localhost";

    static final String S3_ROOT = "EMRYS_S3_ROOT";

    private StepEnvironment() {}

    /**
     * What a step sends to S3 on this machine must not go to the proxy of the user's network. Programs read one of the
     * two names.
     */
    private static void withoutProxy(Map<String, String> environment) {
        String hosts = Stream.of("no_proxy", "NO_PROXY")
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst()
                .map(value -> value + "," + LOOPBACK)
                .orElse(LOOPBACK);
        environment.put("no_proxy", hosts);
        environment.put("NO_PROXY", hosts);
    }

    /** Whether the variable configures access to AWS, or Emrys itself. */
    static boolean isAccountVariable(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.startsWith("AWS_")
                || upper.startsWith("AMAZON_")
                || upper.startsWith("EMRYS_")
                || upper.equals("BOTO_CONFIG");
    }

    /** @param storage the variables by which a step reaches S3, in place of the dummies */
    static Map<String, String> of(Map<String, String> parent, Path home, Path s3, Map<String, String> storage) {
        Map<String, String> clean = new TreeMap<>();
        parent.forEach((name, value) -> {
            String upper = name.toUpperCase(Locale.ROOT);
            boolean removed = isAccountVariable(name)
                    || upper.startsWith("SPARK_")
                    || upper.startsWith("HADOOP_")
                    || upper.startsWith("HIVE_")
                    || upper.startsWith("S3_")
                    || upper.equals("CLASSPATH")
                    || upper.equals("BASH_ENV")
                    || upper.equals("ENV")
                    || upper.equals("JAVA_TOOL_OPTIONS")
                    || upper.equals("JDK_JAVA_OPTIONS")
                    || upper.equals("_JAVA_OPTIONS");
            if (!removed) {
                clean.put(name, value);
            }
        });
        String empty = home.resolve("no-such-file").toString();
        clean.put("AWS_ACCESS_KEY_ID", "emrys-local");
        clean.put("AWS_SECRET_ACCESS_KEY", "emrys-local");
        clean.put("AWS_CONFIG_FILE", empty);
        clean.put("AWS_SHARED_CREDENTIALS_FILE", empty);
        clean.put("AWS_CREDENTIAL_PROFILES_FILE", empty);
        clean.put("BOTO_CONFIG", empty);
        clean.put("AWS_REGION", "us-east-1");
        clean.put("AWS_DEFAULT_REGION", "us-east-1");
        clean.put("AWS_EC2_METADATA_DISABLED", "true");
        clean.put("AWS_ENDPOINT_URL", CLOSED_ENDPOINT);
        clean.put("AWS_MAX_ATTEMPTS", "1");
        clean.putAll(storage);
        withoutProxy(clean);
        clean.put("HOME", home.toString());
        clean.put(S3_ROOT, s3.toString());
        clean.put("SPARK_LOCAL_IP", "127.0.0.1");
        if (!clean.containsKey("LC_ALL") && !clean.containsKey("LANG")) {
            // Without a locale, a JVM before 18 cannot open a file whose name is not ASCII.
            clean.put("LC_ALL", "C.UTF-8");
        }
        return clean;
    }
}
