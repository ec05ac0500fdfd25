package flink.kubernetes.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What a pod gives its program, with the fakes of a test in place of Kubernetes and Flink. */
final class Pods {
  static final String PREFIX = "00112233aabbccdd";
  static final String POD = "{\"metadata\":{\"name\":\"jm\"},\"spec\":{\"nodeName\":\"n\"},\"status\":{\"phase\":\"Running\",\"podIP\":\"127.0.0.1\",\"containerStatuses\":[{\"name\":\"jobmanager\",\"state\":{\"running\":{}}}]}}";

  private Pods() {}

  static Map<String, String> variables(Path folder, Fake kubernetes) {
    try {
      Files.writeString(folder.resolve("token"), "first\n");
      Files.writeString(folder.resolve("ca.crt"), "");
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
    Map<String, String> variables = new HashMap<>();
    variables.put("CREDENTIALS", folder.toString());
    variables.put("TMPDIR", folder.toString());
    variables.put("PROGRAM_DIR", folder.toString());
    variables.put("KUBERNETES_URL", kubernetes.url());
    variables.put("NAMESPACE", "ns");
    variables.put("FLINK_CLUSTER", "cluster");
    variables.put("FLINK_JOB", "job");
    variables.put("LEDGER_NAME", "ledger");
    variables.put("JOB_ID_PREFIX", PREFIX);
    variables.put("JOBMANAGER_DEPLOYMENT", "jobmanager");
    variables.put("GUARD_NAME", "guard");
    return variables;
  }

  static String items(String... items) {
    return "{\"items\":[" + String.join(",", items) + "]}";
  }
}
