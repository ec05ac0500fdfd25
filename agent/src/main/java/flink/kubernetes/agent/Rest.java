package flink.kubernetes.agent;

import flink.kubernetes.agent.Answer.Kind;
import flink.kubernetes.agent.Effects.Checkpoints;
import flink.kubernetes.agent.Effects.Job;
import flink.kubernetes.agent.Effects.Jobs;
import flink.kubernetes.agent.Effects.Pod;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Flink's REST API, of one JobManager pod at a time: an uploaded jar lives on the pod that received it. */
final class Rest implements Effects.Flink {
  private static final long PATIENCE = 15_000;
  /** What an overloaded or changing JobManager says: the request itself is not at fault. */
  private static final String[] PASSING = {
    "AskTimeoutException", "RecipientUnreachable", "FencingTokenException", "LeaderUnavailable", "UnknownHostException", "Another job is being started at this moment"
  };

  private final Surroundings around;
  private final Settings settings;
  private final Cluster cluster;
  private final Artifact artifact;
  private final Log log;
  private Http http;
  private boolean secure;
  /** Of a job that has ended: when, by the clock of this process. */
  private final Map<String, Long> ends = new HashMap<>();
  /** What does not change while a job lives. */
  private final Map<String, Object> configurations = new HashMap<>();

  /** What people are told. */
  interface Log {
    void say(String text);
  }

  Rest(Surroundings around, Settings settings, Cluster cluster, Artifact artifact, Log log) {
    this.around = around;
    this.settings = settings;
    this.cluster = cluster;
    this.artifact = artifact;
    this.log = log;
    speak(around.has("FLINK_TLS"), true);
  }

  /** Whether the JobManager speaks TLS, and whether it is known how to verify it. */
  void speak(boolean tls, boolean verified) {
    secure = tls;
    boolean known = verified && around.has("FLINK_TLS");
    http = new Http(!tls ? null : known ? new Tls(Paths.get(around.get("FLINK_TLS")), around.get("JOBMANAGER_HOST")) : Tls.unverified());
  }

  void abort() {
    http.abort();
  }

  private Http.Reply send(String method, Pod pod, String path, Http.Body body, long patience) {
    String address = cluster.address(pod);
    if (address.isEmpty()) return new Http.Reply(0, new byte[0], "pod " + pod.name + " has no address yet");
    return http.send(method, (secure ? "https://" : "http://") + address + ":" + around.get("JOBMANAGER_PORT", "8081") + path, Collections.emptyMap(), body, patience);
  }

  private Http.Reply get(Pod pod, String path) {
    return send("GET", pod, path, null, PATIENCE);
  }

  private Http.Reply post(Pod pod, String path, Object... pairs) {
    Map<String, Object> body = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) body.put((String) pairs[i], pairs[i + 1]);
    return send("POST", pod, path, Http.json(body), PATIENCE);
  }

  /** What Flink says is wrong, as one sentence. */
  static String problem(Http.Reply reply) {
    String cause = reply.silence;
    for (Object error : Json.list(reply.json(), "errors")) {
      if (error instanceof String && !((String) error).isEmpty()) cause = rootCause((String) error);
    }
    return cause.isEmpty() ? "HTTP " + reply.status : cause;
  }

  /** Of a Java stack trace the innermost cause, or else its first line. */
  static String rootCause(String trace) {
    StringBuilder cause = new StringBuilder();
    boolean taking = false;
    for (String line : trace.split("\r?\n")) {
      if (line.matches("<?Exception on server side:|End of exception on server side.*|Internal server error\\.?")) continue;
      if (line.matches("\\s+(at |\\.\\.\\. |Suppressed: |Caused by: ).*|\\s*\\[CIRCULAR.*")) {
        taking = false;
      } else if (line.startsWith("Caused by: ")) {
        cause.setLength(0);
        cause.append(line.substring(11));
        taking = true;
      } else if (cause.length() == 0 && !line.isEmpty()) {
        cause.append(line.replaceFirst("^<Exception on server side:", ""));
        taking = true;
      } else if (taking && !line.isEmpty()) {
        cause.append(' ').append(line);
      }
    }
    String text = cause.toString().replaceFirst("^(org\\.apache\\.flink\\.util\\.SerializedThrowable: )+", "");
    return text.length() > 1000 ? text.substring(0, 1000) + "..." : text.replaceFirst("[. ]+$", "");
  }

  private static <T> Answer<T> none(Http.Reply reply) {
    String problem = problem(reply);
    // Which status that has depends on the request.
    Kind kind = problem.contains("FlinkJobNotFoundException") ? Kind.NOT_FOUND : Answer.kind(reply.status);
    return Answer.none(kind == Kind.OK ? Kind.UNCLEAR : kind, kind == Kind.OK ? "half an answer" : problem);
  }

  private static Answer<Void> done(Http.Reply reply) {
    return reply.ok() ? Answer.ok(null) : none(reply);
  }

  @Override
  public Answer<Jobs> jobs(Pod pod) {
    Http.Reply reply = get(pod, "/jobs/overview");
    if (!reply.ok() || !(Json.at(reply.json(), "jobs") instanceof List)) return none(reply);
    Map<String, Job> jobs = new LinkedHashMap<>();
    for (Object job : Json.list(reply.json(), "jobs")) {
      String id = Json.text(job, "jid"), state = Json.text(job, "state");
      if (!id.startsWith(settings.prefix)) continue;
      long total = Json.number(job, "tasks", "total"), live = Json.number(job, "tasks", "running"), finished = Json.number(job, "tasks", "finished");
      boolean allRunning = state.equals("RUNNING") && total > 0 && live > 0 && live + finished == total;
      jobs.put(id, new Job(state, allRunning, endedFor(pod, id, state)));
    }
    // After the list: it must not be taken for one of a later process.
    Http.Reply configuration = get(pod, "/jobmanager/config");
    if (!configuration.ok() || !(configuration.json() instanceof List)) return none(configuration);
    String process = "";
    for (Object entry : (List<?>) configuration.json()) if (Json.text(entry, "key").equals("web.tmpdir")) process = Json.text(entry, "value");
    return Answer.ok(new Jobs(process, jobs));
  }

  private long endedFor(Pod pod, String id, String state) {
    if (!new Job(state, false, 0).ended()) {
      ends.remove(id);
      return 0;
    }
    long now = System.nanoTime() / 1_000_000;
    if (!ends.containsKey(id)) {
      Object details = get(pod, "/jobs/" + id).json();
      long ended = Json.number(details, "end-time"), time = Json.number(details, "now");
      ends.put(id, now - (ended > 0 && time > ended ? time - ended : 0));
    }
    return Math.max(1, now - ends.get(id));
  }

  @Override
  public Answer<Checkpoints> checkpoints(Pod pod, String id) {
    Http.Reply reply = get(pod, "/jobs/" + id + "/checkpoints");
    if (reply.status == 404 && problem(reply).contains("heckpointing")) return Answer.ok(new Checkpoints(0, "", "", "", 0, false));
    Object known = reply.json();
    if (!reply.ok() || known == null) return none(reply);
    Object configuration = configurations.get(id);
    if (configuration == null) {
      Http.Reply asked = get(pod, "/jobs/" + id + "/checkpoints/config");
      configuration = asked.json();
      if (!asked.ok() || configuration == null) return none(asked);
      configurations.clear();
      configurations.put(id, configuration);
    }
    // Without, Flink gives the largest number there is as the interval.
    long interval = Json.number(configuration, "interval");
    boolean kept = Boolean.TRUE.equals(Json.at(configuration, "externalization", "enabled")) && !Boolean.TRUE.equals(Json.at(configuration, "externalization", "delete_on_cancellation"));
    // Of the other savepoints nothing was made final.
    boolean stopped = Json.text(known, "latest", "savepoint", "checkpoint_type").equals("SYNC_SAVEPOINT");
    return Answer.ok(new Checkpoints(Json.number(known, "counts", "completed"), path(known, "completed"), path(known, "restored"), stopped ? path(known, "savepoint") : "",
        interval == Long.MAX_VALUE ? 0 : interval, kept));
  }

  /** Flink has words instead of a path where there is none. */
  private static String path(Object known, String which) {
    String path = Json.text(known, "latest", which, "external_path");
    return path.startsWith("/") || path.contains(":/") ? Surroundings.canonical(path) : "";
  }

  @Override
  public Answer<String> savepoint(Pod pod, String id, String trigger) {
    return outcome(get(pod, "/jobs/" + id + "/savepoints/" + trigger), "location");
  }

  /** Of something that Flink was asked for: a text of its result, empty while it is under way; REFUSED when it failed. */
  private static Answer<String> outcome(Http.Reply reply, String field) {
    Object json = reply.json();
    if (!reply.ok() || json == null) return none(reply);
    String text = Json.text(json, "operation", field);
    if (!text.isEmpty() || !Json.text(json, "status", "id").equals("COMPLETED")) return Answer.ok(Surroundings.canonical(text));
    String trace = Json.text(json, "operation", "failure-cause", "stack-trace");
    if (trace.isEmpty() && field.isEmpty()) return Answer.ok("done");
    String cause = rootCause(trace);
    return Answer.none(Kind.REFUSED, cause.isEmpty() ? "Flink names no cause" : cause);
  }

  @Override
  public Answer<String> failure(Pod pod, String id) {
    Http.Reply reply = get(pod, "/jobs/" + id + "/exceptions");
    Object json = reply.json();
    if (!reply.ok() || json == null) return none(reply);
    List<?> entries = Json.list(json, "exceptionHistory", "entries");
    Object latest = entries.isEmpty() ? null : entries.get(0);
    String cause = rootCause(Json.text(latest, "stacktrace")), task = Json.text(latest, "taskName").replaceFirst(" - execution #.*", "");
    if (cause.isEmpty()) cause = rootCause(Json.text(json, "root-exception"));
    if (cause.isEmpty()) {
      // A job that ends before it has a graph, for example because there is no such state, has its failure only there.
      Http.Reply result = get(pod, "/jobs/" + id + "/execution-result");
      if (!result.ok()) return none(result);
      cause = rootCause(Json.text(result.json(), "job-execution-result", "failure-cause", "stack-trace"));
    }
    return Answer.ok(cause.isEmpty() || task.isEmpty() || cause.contains(task) ? cause : cause + " (in task \"" + task + "\")");
  }

  @Override
  public Answer<List<String>> jars(Pod pod) {
    Http.Reply reply = get(pod, "/jars");
    // It takes none over its REST API, so it has none.
    if (reply.status == 404) return Answer.ok(Collections.emptyList());
    if (!reply.ok() || reply.json() == null) return none(reply);
    List<String> jars = new ArrayList<>();
    for (Object file : Json.list(reply.json(), "files")) {
      String jar = Json.text(file, "id");
      if (jar.matches(".*_" + settings.prefix + "[0-9a-f]{16}\\.jar")) jars.add(jar);
    }
    return Answer.ok(jars);
  }

  @Override
  public Answer<String> upload(Pod pod, String jobId) {
    Path file;
    try {
      file = artifact.get();
    } catch (Artifact.Unusable problem) {
      return Answer.none(problem.kind, problem.getMessage());
    }
    log.say("Uploading " + artifact.place() + ".");
    Http.Reply reply = send("POST", pod, "/jars/upload", form(jobId + ".jar", file), settings.startTimeout);
    if (reply.status == 404) return Answer.none(Kind.REFUSED, "the cluster takes no jars over its REST API. Set web.submit.enable: true in its configuration");
    if (reply.status == 413) {
      return Answer.none(Kind.REFUSED, artifact.place() + " is larger than the cluster's REST API takes. Raise rest.server.max-content-length in its configuration (in bytes; Flink's default is 104857600)");
    }
    String name = Json.text(reply.json(), "filename");
    if (!reply.ok() || name.isEmpty()) {
      Answer<String> none = none(reply);
      return none.is(Kind.REFUSED) ? Answer.none(Kind.REFUSED, "the cluster did not take " + artifact.place() + ": " + none.problem) : none;
    }
    return Answer.ok(name.substring(name.lastIndexOf('/') + 1));
  }

  /** The one field of a form, with a file. */
  private static Http.Body form(String name, Path file) {
    String boundary = "----" + Settings.hash(name, 32);
    byte[] head = ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"" + name + "\"\r\nContent-Type: application/x-java-archive\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
    return new Http.Body() {
      @Override
      public String type() {
        return "multipart/form-data; boundary=" + boundary;
      }

      @Override
      public long length() {
        return head.length + file.toFile().length() + tail.length;
      }

      @Override
      public void write(OutputStream to) throws IOException {
        to.write(head);
        Files.copy(file, to);
        to.write(tail);
      }
    };
  }

  @Override
  public Answer<Void> deleteJar(Pod pod, String jar) {
    Http.Reply reply = send("DELETE", pod, "/jars/" + jar, null, PATIENCE);
    return reply.status == 400 ? Answer.ok(null) : done(reply);
  }

  @Override
  public Answer<Void> check(Pod pod, String jar) {
    if (around.get("CHECK_PROGRAM").equals("false")) return Answer.ok(null);
    log.say("Looking whether the program of the new revision comes to its job.");
    Answer<Map<String, Object>> request = request(settings.request, pod, jar, "");
    if (!request.ok()) return Answer.none(request.kind, request.problem);
    // What only a start takes. A program in Python looks whether it is the one that it is meant to be.
    request.value.remove("allowNonRestoredState");
    if (!around.has("PYTHON")) request.value.remove("jobId");
    Http.Reply reply = send("POST", pod, "/jars/" + jar + "/plan", Http.json(request.value), settings.startTimeout);
    return refused(reply, jar) ? Answer.none(Kind.REFUSED, problem(reply)) : Answer.ok(null);
  }

  @Override
  public Answer<Void> run(Pod pod, String jar, String id, String from) {
    String text = cluster.request();
    Answer<Map<String, Object>> request = request(text.isEmpty() ? settings.request : text, pod, jar, id);
    if (!request.ok()) return Answer.none(request.kind, request.problem);
    if (!from.isEmpty()) {
      request.value.put("savepointPath", from);
      request.value.put("claimMode", "NO_CLAIM");
    }
    log.say("Starting job " + id + (from.isEmpty() ? "." : " from " + from + "."));
    // The user's main() runs within this request.
    Http.Reply reply = send("POST", pod, "/jars/" + jar + "/run", Http.json(request.value), settings.startTimeout);
    if (reply.ok()) return Answer.ok(null);
    String problem = problem(reply);
    log.say("No job id in answer to the request: " + problem + ".");
    if (problem.contains("DuplicateJobSubmission") || problem.contains("already been submitted")) return Answer.none(Kind.CONFLICT, problem);
    return Answer.none(refused(reply, jar) ? Kind.REFUSED : Kind.UNCLEAR, problem);
  }

  /** Whether an answer says that the request itself is at fault. */
  private static boolean refused(Http.Reply reply, String jar) {
    if (reply.status != 400 && reply.status != 500 || Json.list(reply.json(), "errors").isEmpty()) return false;
    String problem = problem(reply);
    for (String passing : PASSING) if (problem.contains(passing)) return false;
    return !problem.contains(jar + " does not exist");
  }

  /** The request to run a program, with its secrets, and of a program in Python where the JobManager has put its archive. */
  private Answer<Map<String, Object>> request(String text, Pod pod, String jar, String id) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("jobId", id.isEmpty() ? settings.id(settings.uid) : id);
    try {
      Json.map(artifact.withSecrets(Json.read(text.getBytes(StandardCharsets.UTF_8)))).forEach((key, value) -> body.put((String) key, value));
    } catch (IOException none) {
      return Answer.none(Kind.REFUSED, "the request to run the program is not JSON: " + none.getMessage());
    } catch (Artifact.Unusable problem) {
      return Answer.none(problem.kind, problem.getMessage());
    }
    if (!text.contains("\"$uploaded$")) return Answer.ok(body);
    Http.Reply reply = get(pod, "/jobmanager/config");
    String folder = "", temporary = "";
    if (reply.json() instanceof List) {
      for (Object entry : (List<?>) reply.json()) {
        if (Json.text(entry, "key").equals("web.upload.dir")) folder = Json.text(entry, "value");
        if (Json.text(entry, "key").equals("web.tmpdir")) temporary = Json.text(entry, "value");
      }
    }
    if (folder.isEmpty()) folder = temporary;
    if (!reply.ok() || folder.isEmpty()) return none(reply);
    return Answer.ok(placed(body, folder.replaceAll("/+$", "") + "/flink-web-upload/" + jar, (String) body.get("jobId")));
  }

  private static Map<String, Object> placed(Map<String, Object> body, String archive, String id) {
    body.replaceAll((key, value) -> {
      if ("$job$".equals(value)) return id;
      if (value instanceof String && ((String) value).startsWith("$uploaded$")) return archive + ((String) value).substring(10);
      if (value instanceof List) {
        List<Object> list = new ArrayList<>((List<?>) value);
        list.replaceAll(item -> "$job$".equals(item) ? id : item);
        return list;
      }
      if (!(value instanceof Map)) return value;
      Map<String, Object> inner = new LinkedHashMap<>();
      ((Map<?, ?>) value).forEach((name, entry) -> inner.put((String) name, entry));
      return placed(inner, archive, id);
    });
    return body;
  }

  @Override
  public Answer<Void> stop(Pod pod, String id, String target, String trigger) {
    log.say("Stopping job " + id + " with a savepoint in " + target + ".");
    return done(post(pod, "/jobs/" + id + "/stop", "targetDirectory", target, "drain", false, "triggerId", trigger));
  }

  @Override
  public Answer<Void> takeSavepoint(Pod pod, String id, String target, String trigger) {
    log.say("Taking a savepoint of job " + id + " in " + target + ".");
    return done(post(pod, "/jobs/" + id + "/savepoints", "target-directory", target, "cancel-job", false, "triggerId", trigger));
  }

  @Override
  public Answer<Void> checkpoint(Pod pod, String id) {
    return done(post(pod, "/jobs/" + id + "/checkpoints"));
  }

  @Override
  public Answer<Void> cancel(Pod pod, String id) {
    log.say("Cancelling job " + id + ".");
    return done(send("PATCH", pod, "/jobs/" + id + "?mode=cancel", null, PATIENCE));
  }

  @Override
  public Answer<Void> dispose(Pod pod, String path) {
    Http.Reply reply = post(pod, "/savepoint-disposal", "savepoint-path", path);
    String request = Json.text(reply.json(), "request-id");
    if (!reply.ok() || request.isEmpty()) return none(reply);
    for (int looks = 0; looks < 120; looks++) {
      Answer<String> outcome = outcome(get(pod, "/savepoint-disposal/" + request), "");
      // What is gone is disposed of.
      if (outcome.is(Kind.REFUSED) && outcome.problem.matches("(?s).*(FileNotFound|annot find|not exist).*")) return Answer.none(Kind.NOT_FOUND, outcome.problem);
      if (!outcome.ok()) return Answer.none(outcome.is(Kind.NOT_FOUND) ? Kind.UNCLEAR : outcome.kind, outcome.problem);
      if (!outcome.value.isEmpty()) {
        log.say("Disposed of " + path + ".");
        return Answer.ok(null);
      }
      Main.sleep(500);
    }
    return Answer.none(Kind.UNCLEAR, "it takes long");
  }

  @Override
  public Answer<Void> shutDown(Pod pod) {
    log.say("The JobManager is told to begin anew.");
    return done(send("DELETE", pod, "/cluster", null, PATIENCE));
  }
}
