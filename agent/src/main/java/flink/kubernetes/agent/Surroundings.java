package flink.kubernetes.agent;

import flink.kubernetes.agent.Settings.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Map;

/** The variables and files that a pod gives its program; their names are those that the shell programs know (see components/kubernetes). */
final class Surroundings {
  private final Map<String, String> variables;

  Surroundings(Map<String, String> variables) {
    this.variables = variables;
  }

  /** Empty when it is not set. */
  String get(String name) {
    return variables.getOrDefault(name, "");
  }

  boolean has(String name) {
    return variables.containsKey(name);
  }

  String get(String name, String otherwise) {
    return get(name).isEmpty() ? otherwise : get(name);
  }

  boolean is(String name) {
    return get(name).equals("true");
  }

  long seconds(String name, long otherwise) {
    return get(name).matches("[0-9]{1,9}") ? Long.parseLong(get(name)) * 1000 : otherwise * 1000;
  }

  /** Where the program may write. */
  Path temporary() {
    return Paths.get(get("TMPDIR", "/tmp"));
  }

  /** A file beside the program: the request, the script. */
  Path beside(String name) {
    return Paths.get(get("PROGRAM_DIR", "/opt/flink-kubernetes/submitter"), name);
  }

  Settings settings(Program program) {
    Settings settings = new Settings();
    settings.program = program;
    settings.uid = get("SUBMISSION_UID");
    settings.job = get("FLINK_JOB");
    settings.owner = get("FLINK_CLUSTER") + "/" + settings.job;
    settings.prefix = get("JOB_ID_PREFIX", prefix(settings.job));
    settings.revision = get("REVISION");
    settings.definition = get("DEFINITION");
    settings.restartHash = get("RESTART_HASH");
    settings.mode = mode(get("UPGRADE_MODE"));
    settings.highAvailability = is("HIGH_AVAILABILITY");
    settings.carried = is("CARRIED");
    settings.bounded = is("BOUNDED");
    settings.fallback = !get("FALLBACK").equals("false");
    settings.rollback = !get("ROLLBACK").equals("false");
    settings.resume = is("RESUME");
    settings.startAnyhow = is("START_ANYHOW");
    settings.restoreNonce = get("RESTORE_NONCE");
    settings.initialSavepoint = canonical(get("INITIAL_SAVEPOINT"));
    settings.checkpoints = folder(get("CHECKPOINT_DIRECTORY"));
    settings.savepoints = folder(get("SAVEPOINT_DIRECTORY"));
    settings.startTimeout = seconds("START_TIMEOUT", 300);
    if (!get("TTL_SECONDS").isEmpty()) settings.ttl = seconds("TTL_SECONDS", 0);
    settings.keep = get("KEEP").matches("[0-9]{1,6}") ? Integer.parseInt(get("KEEP")) : Integer.MAX_VALUE;
    settings.kind = get("KIND", "manual");
    settings.dispose = get("VERB").equals("dispose") ? canonical(get("DISPOSE")) : "";
    if (Files.exists(beside("request.json"))) settings.request = text(beside("request.json"));
    return settings;
  }

  /** First half of the ids of all jobs of one FlinkJob. */
  String prefix(String job) {
    return Settings.hash(get("NAMESPACE") + "/" + get("FLINK_CLUSTER") + "/" + job, 16);
  }

  static Mode mode(String text) {
    return text.equals("stateless") ? Mode.STATELESS : text.equals("lastState") ? Mode.LAST_STATE : Mode.SAVEPOINT;
  }

  private static String folder(String uri) {
    return canonical(uri.replaceAll("/+$", ""));
  }

  /** One and the same file has one name, as Flink says it: file:/… and not file:///…. Each line of a text is one. */
  static String canonical(String text) {
    return text.contains("file:/") ? text.replaceAll("file:/+", "file:/") : text;
  }

  static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
