package flink.kubernetes.agent;

import flink.kubernetes.agent.Effects.Deployment;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Effects.Scale;
import flink.kubernetes.agent.Effects.Workload;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The Kubernetes API, as a pod sees it: about one job, whose ledger may be chosen later. */
final class Cluster implements Effects.Kubernetes {
  private static final long PATIENCE = 15_000;
  /** Entries that are paths of states. */
  private static final List<String> PATHS = Arrays.asList("savepoint", "checkpoint", "restoredFrom", "previousSavepoint", "target", "states", "atLeast");

  private final Surroundings around;
  private final Settings settings;
  private final String ledgerName;
  private final Rest.Log log;
  private final Http http;
  private final String url;
  private final Path token;
  private final Map<String, String> addresses = new HashMap<>();
  /** As it was read last. */
  private Ledger ledger;
  private String guard = "";

  Cluster(Surroundings around, Settings settings, String ledgerName, Rest.Log log) {
    this.around = around;
    this.log = log;
    this.settings = settings;
    this.ledgerName = ledgerName;
    Path credentials = Paths.get(around.get("CREDENTIALS", "/var/run/secrets/kubernetes.io/serviceaccount"));
    this.token = credentials.resolve("token");
    this.http = new Http(new Tls(credentials, ""));
    String host = around.get("KUBERNETES_SERVICE_HOST");
    this.url = around.get("KUBERNETES_URL", "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + around.get("KUBERNETES_SERVICE_PORT", "443"));
  }

  void abort() {
    http.abort();
  }

  /** The run request of the job that the ledger names. */
  String request() {
    return ledger == null ? "" : ledger.get("request");
  }

  /** IP address of a pod that was listed. */
  String address(Pod pod) {
    String address = addresses.getOrDefault(pod.name, "");
    return address.contains(":") ? "[" + address + "]" : address;
  }

  /** One request, with the token as it is now: Kubernetes renews the file. */
  private Answer<Object> ask(String method, String path, Object patch) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", "application/json");
    try {
      headers.put("Authorization", "Bearer " + new String(Files.readAllBytes(token), StandardCharsets.UTF_8).trim());
    } catch (IOException none) {
      return Answer.none(Answer.Kind.UNCLEAR, "there is no service account token in " + token.getParent());
    }
    Http.Reply reply = http.send(method, url + path, headers, patch == null ? null : Http.body("application/merge-patch+json", Json.write(patch)), PATIENCE);
    Answer.Kind kind = Answer.kind(reply.status);
    Object json = reply.json();
    if (kind == Answer.Kind.OK) return json == null ? Answer.none(Answer.Kind.UNCLEAR, "HTTP " + reply.status + " with half an answer") : Answer.ok(json);
    String said = reply.status == 0 ? reply.silence : Json.text(json, "message");
    return Answer.none(kind, "HTTP " + (reply.status == 0 ? "000" : reply.status) + (said.isEmpty() ? "" : ": " + said));
  }

  private String of(String group, String resource, String name) {
    return group + "/namespaces/" + around.get("NAMESPACE") + "/" + resource + (name.isEmpty() ? "" : "/" + name);
  }

  private static String query(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public Answer<Ledger> ledger() {
    return parsed(ask("GET", of("/api/v1", "configmaps", ledgerName), null));
  }

  @Override
  public Answer<Ledger> write(Ledger read, Map<String, String> entries) {
    Map<String, Object> data = new LinkedHashMap<>();
    entries.forEach((key, value) -> data.put(key, value.isEmpty() ? null : value));
    Map<String, Object> patch = new LinkedHashMap<>();
    patch.put("metadata", Collections.singletonMap("resourceVersion", read.version));
    patch.put("data", data);
    Answer<Ledger> answer = parsed(ask("PATCH", of("/api/v1", "configmaps", ledgerName) + "?fieldManager=flink-kubernetes-submitter", patch));
    if (answer.is(Answer.Kind.CONFLICT)) log.say("Somebody else wrote the ledger: reading it again.");
    else if (!answer.ok()) log.say("The ledger could not be written: " + answer.problem + ".");
    return answer;
  }

  private Answer<Ledger> parsed(Answer<Object> answer) {
    if (!answer.ok()) return Answer.none(answer.kind, answer.problem);
    ledger = ledger(answer.value);
    guard = Json.text(answer.value, "metadata", "annotations", "flink-kubernetes/guard");
    return Answer.ok(ledger);
  }

  static Ledger ledger(Object configMap) {
    Map<String, String> data = new LinkedHashMap<>();
    Json.map(configMap, "data").forEach((key, value) -> data.put((String) key, PATHS.contains(key) ? Surroundings.canonical((String) value) : (String) value));
    String owner = Json.text(configMap, "metadata", "labels", "app.kubernetes.io/instance") + "/" + Json.text(configMap, "metadata", "labels", "flink-kubernetes/job");
    String wanted = Json.text(configMap, "metadata", "annotations", "flink-kubernetes/revision");
    return new Ledger(Json.text(configMap, "metadata", "uid"), Json.text(configMap, "metadata", "resourceVersion"), wanted, owner, data);
  }

  /** The ledgers of this cluster's jobs, as ConfigMaps. */
  Answer<List<?>> ledgers() {
    String selector = "app.kubernetes.io/instance=" + around.get("FLINK_CLUSTER") + ",flink-kubernetes/ledger=true";
    Answer<Object> answer = ask("GET", of("/api/v1", "configmaps", "") + "?labelSelector=" + query(selector), null);
    return answer.ok() ? Answer.ok(Json.list(answer.value, "items")) : Answer.none(answer.kind, answer.problem);
  }

  /** The JobManager's Deployment, whole. */
  Answer<Object> deployment() {
    return ask("GET", of("/apis/apps/v1", "deployments", around.get("JOBMANAGER_DEPLOYMENT")), null);
  }

  @Override
  public Answer<Deployment> jobManager() {
    Answer<Object> answer = deployment();
    if (!answer.ok()) return Answer.none(answer.kind, answer.problem);
    long generation = Json.number(answer.value, "metadata", "generation");
    boolean behind = Json.number(answer.value, "status", "observedGeneration") < generation || Json.number(answer.value, "status", "updatedReplicas") == 0;
    // Until the old pod is told to end, nothing about it says that it will.
    if (behind && settings.program != Program.PREPARE && !settings.highAvailability) return Answer.none(Answer.Kind.UNCLEAR, "the new JobManager has not taken the place of the old one yet. Look at the Deployment " + around.get("JOBMANAGER_DEPLOYMENT") + " and its pods");
    String hash = Json.text(answer.value, "metadata", "annotations", "flink-kubernetes/restart-hash");
    return Answer.ok(new Deployment(hash, generation, (int) Json.number(answer.value, "status", "availableReplicas")));
  }

  @Override
  public Answer<List<Pod>> pods() {
    String selector = "app.kubernetes.io/instance=" + around.get("FLINK_CLUSTER") + ",app.kubernetes.io/component=jobmanager";
    Answer<Object> answer = ask("GET", of("/api/v1", "pods", "") + "?labelSelector=" + query(selector), null);
    if (!answer.ok()) return Answer.none(answer.kind, answer.problem);
    List<Pod> pods = new ArrayList<>();
    for (Object item : Json.list(answer.value, "items")) {
      boolean running = false;
      for (Object container : Json.list(item, "status", "containerStatuses")) {
        if (Json.text(container, "name").equals("jobmanager")) running = Json.at(container, "state", "running") != null;
      }
      String phase = Json.text(item, "status", "phase");
      if (!running && (phase.equals("Succeeded") || phase.equals("Failed"))) continue;
      String name = Json.text(item, "metadata", "name");
      addresses.put(name, Json.text(item, "status", "podIP"));
      pods.add(new Pod(name, Json.text(item, "spec", "nodeName"), running, !Json.text(item, "metadata", "deletionTimestamp").isEmpty()));
    }
    return Answer.ok(pods);
  }

  @Override
  public Answer<Void> abandon(String id) {
    String of = around.get("HIGH_AVAILABILITY_ID");
    Map<String, Object> graphs = new LinkedHashMap<>();
    // What Flink 1 and Flink 2 call it.
    graphs.put("jobGraph-" + id, null);
    graphs.put("executionPlan-" + id, null);
    Answer<Object> answer = ask("PATCH", of("/api/v1", "configmaps", of + "-cluster-config-map"), Collections.singletonMap("data", graphs));
    if (!answer.ok() && !answer.is(Answer.Kind.NOT_FOUND)) return Answer.none(answer.kind, answer.problem);
    Answer<Object> own = ask("DELETE", of("/api/v1", "configmaps", of + "-" + id + "-config-map"), null);
    return own.ok() || own.is(Answer.Kind.NOT_FOUND) ? Answer.ok(null) : Answer.none(own.kind, own.problem);
  }

  @Override
  public Answer<Boolean> guardRemoved() {
    Answer<Object> answer = ask("GET", of("/apis/apps/v1", "deployments", around.get("GUARD_NAME")), null);
    boolean going = answer.ok() ? !Json.text(answer.value, "metadata", "deletionTimestamp").isEmpty() : answer.is(Answer.Kind.NOT_FOUND);
    // From now on the job is to run without a guard.
    if (going && guard.equals("false")) return Answer.ok(false);
    return answer.ok() ? Answer.ok(going) : Answer.none(answer.kind, answer.problem);
  }

  private String scaled(Workload workload) {
    String of = workload == Workload.JOBMANAGER ? "deployments/" + around.get("JOBMANAGER_DEPLOYMENT") : around.get("TASKMANAGER_WORKLOAD");
    return of("/apis/apps/v1", of, "scale") + "?fieldManager=flink-kubernetes-guard";
  }

  @Override
  public Answer<Scale> scale(Workload workload) {
    Answer<Object> answer = ask("GET", scaled(workload), null);
    // What is zero is left out.
    return answer.ok() ? Answer.ok(new Scale((int) Json.number(answer.value, "spec", "replicas"), Json.text(answer.value, "metadata", "resourceVersion"))) : Answer.none(answer.kind, answer.problem);
  }

  @Override
  public Answer<Void> scale(Workload workload, Scale read, int replicas) {
    Map<String, Object> patch = new LinkedHashMap<>();
    patch.put("metadata", Collections.singletonMap("resourceVersion", read.version));
    patch.put("spec", Collections.singletonMap("replicas", (long) replicas));
    Answer<Object> answer = ask("PATCH", scaled(workload), patch);
    return answer.ok() ? Answer.ok(null) : Answer.none(answer.kind, answer.problem);
  }
}
