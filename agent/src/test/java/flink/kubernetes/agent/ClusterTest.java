package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import flink.kubernetes.agent.Answer.Kind;
import flink.kubernetes.agent.Effects.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterTest {
  private static final String LEDGER = "{\"metadata\":{\"uid\":\"u\",\"resourceVersion\":\"7\",\"labels\":{\"app.kubernetes.io/instance\":\"cluster\",\"flink-kubernetes/job\":\"job\"},"
      + "\"annotations\":{\"flink-kubernetes/revision\":\"rev\",\"flink-kubernetes/guard\":\"GUARD\"}},\"data\":{\"phase\":\"running\",\"savepoint\":\"file:///s/1\",\"message\":\"see file:///s\"}}";

  @TempDir
  Path folder;
  private Fake server;
  private final Map<String, Fake.Answered> answers = new HashMap<>();

  @BeforeEach
  void start() {
    server = new Fake(request -> answers.getOrDefault(request.method + " " + request.path.split("\\?")[0], Fake.answer(404, "{\"message\":\"not there\"}")));
    answers.put("GET /api/v1/namespaces/ns/configmaps/ledger", Fake.answer(200, LEDGER.replace("GUARD", "true")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Cluster cluster(Program program, String... variables) {
    Map<String, String> all = Pods.variables(folder, server);
    for (int i = 0; i < variables.length; i += 2) all.put(variables[i], variables[i + 1]);
    Surroundings around = new Surroundings(all);
    return new Cluster(around, around.settings(program), "ledger", text -> {});
  }

  @Test
  void theLedgerIsReadWithAllThatProgramsAskOfIt() {
    Ledger ledger = cluster(Program.SUBMIT).ledger().value;
    assertEquals(List.of("u", "7", "rev", "cluster/job"), List.of(ledger.uid, ledger.version, ledger.wanted, ledger.owner));
    assertEquals(Phase.RUNNING, ledger.phase());
    // As Flink names it.
    assertEquals("file:/s/1", ledger.get("savepoint"));
    assertEquals("see file:///s", ledger.get("message"));
  }

  @Test
  void aWriteNamesWhatWasReadAndRemovesWhatIsEmpty() throws IOException {
    answers.put("PATCH /api/v1/namespaces/ns/configmaps/ledger", Fake.answer(200, LEDGER.replace("\"7\"", "\"8\"")));
    Cluster cluster = cluster(Program.SUBMIT);
    Answer<Ledger> written = cluster.write(cluster.ledger().value, Map.of("phase", "stopped", "message", ""));
    assertEquals("8", written.value.version);
    Fake.Asked request = server.asked.get(1);
    assertEquals("application/merge-patch+json", request.type);
    Object patch = Json.read(request.body.getBytes());
    assertEquals("7", Json.text(patch, "metadata", "resourceVersion"));
    Map<?, ?> data = Json.map(patch, "data");
    assertEquals("stopped", data.get("phase"));
    assertTrue(data.containsKey("message") && data.get("message") == null);
  }

  @Test
  void whoeverAsksForAnotherNumberOfPodsNamesWhatWasRead() throws IOException {
    String path = "/apis/apps/v1/namespaces/ns/statefulsets/taskmanager/scale";
    answers.put("GET " + path, Fake.answer(200, "{\"metadata\":{\"resourceVersion\":\"7\"},\"spec\":{\"replicas\":2}}"));
    answers.put("PATCH " + path, Fake.answer(409, "{\"message\":\"the object has been modified\"}"));
    Cluster cluster = cluster(Program.GUARD, "TASKMANAGER_WORKLOAD", "statefulsets/taskmanager");
    Effects.Scale scale = cluster.scale(Effects.Workload.TASKMANAGERS).value;
    assertEquals(2, scale.replicas);
    assertEquals(Kind.CONFLICT, cluster.scale(Effects.Workload.TASKMANAGERS, scale, 0).kind);
    Object patch = Json.read(server.asked.get(1).body.getBytes());
    assertEquals("7", Json.text(patch, "metadata", "resourceVersion"));
    assertEquals(0, Json.number(patch, "spec", "replicas"));
  }

  @ParameterizedTest
  @CsvSource({"401,UNCLEAR", "403,REFUSED", "404,NOT_FOUND", "408,UNCLEAR", "409,CONFLICT", "410,NOT_FOUND", "422,REFUSED", "429,UNCLEAR", "500,UNCLEAR", "503,UNCLEAR", "200,UNCLEAR"})
  void eachStatusHasItsMeaning(int status, Kind kind) {
    answers.put("PATCH /api/v1/namespaces/ns/configmaps/ledger", Fake.answer(status, status == 200 ? "{\"half\":" : "{\"message\":\"because\"}"));
    Cluster cluster = cluster(Program.SUBMIT);
    Answer<Ledger> answer = cluster.write(cluster.ledger().value, Map.of("phase", "stopped"));
    assertEquals(kind, answer.kind);
    assertTrue(answer.problem.startsWith("HTTP " + status), answer.problem);
  }

  @Test
  void silenceIsNotThatThereIsNone() {
    Cluster cluster = cluster(Program.SUBMIT);
    server.close();
    assertEquals(Kind.UNCLEAR, cluster.ledger().kind);
    assertEquals(Kind.UNCLEAR, cluster.pods().kind);
    assertEquals(Kind.UNCLEAR, cluster.guardRemoved().kind);
  }

  @Test
  void theTokenIsReadAnewForEachRequest() throws IOException {
    Cluster cluster = cluster(Program.SUBMIT);
    cluster.ledger();
    Files.writeString(folder.resolve("token"), "second");
    cluster.ledger();
    assertEquals(List.of("Bearer first", "Bearer second"), server.asked.stream().map(request -> request.authorization).collect(Collectors.toList()));
    Files.delete(folder.resolve("token"));
    assertEquals(Kind.UNCLEAR, cluster.ledger().kind);
  }

  @Test
  void aPodCountsUntilItHasEnded() {
    String terminating = Pods.POD.replace("\"jm\"", "\"old\",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"");
    String waiting = Pods.POD.replace("\"jm\"", "\"new\"").replace("\"running\":{}", "\"waiting\":{}");
    String failed = Pods.POD.replace("\"jm\"", "\"gone\"").replace("Running", "Failed").replace("\"running\":{}", "\"terminated\":{}");
    String lost = Pods.POD.replace("\"jm\"", "\"lost\"").replace("Running", "Failed");
    answers.put("GET /api/v1/namespaces/ns/pods", Fake.answer(200, Pods.items(Pods.POD, terminating, waiting, failed, lost)));
    List<String> pods = cluster(Program.SUBMIT).pods().value.stream().map(pod -> pod + (pod.running ? " runs" : "")).collect(Collectors.toList());
    assertEquals(List.of("jm on node n runs", "old on node n (Terminating) runs", "new on node n", "lost on node n runs"), pods);
    assertTrue(server.asked.get(0).path.contains("app.kubernetes.io%2Finstance%3Dcluster%2Capp.kubernetes.io%2Fcomponent%3Djobmanager"), server.asked.get(0).path);
  }

  @Test
  void addressesOfBothKindsGoIntoUrls() {
    answers.put("GET /api/v1/namespaces/ns/pods", Fake.answer(200, Pods.items(Pods.POD, Pods.POD.replace("\"jm\"", "\"six\"").replace("127.0.0.1", "fd00::1"))));
    Cluster cluster = cluster(Program.SUBMIT);
    assertEquals(List.of("127.0.0.1", "[fd00::1]"), cluster.pods().value.stream().map(cluster::address).collect(Collectors.toList()));
    assertEquals("", cluster.address(new Pod("unknown", "n", true, false)));
  }

  @Test
  void aDeploymentWhosePodIsToChangeIsNotYetTheNewOne() {
    String deployment = "{\"metadata\":{\"generation\":4,\"annotations\":{\"flink-kubernetes/restart-hash\":\"h\"}},\"status\":{\"observedGeneration\":SEEN,\"updatedReplicas\":NEW,\"availableReplicas\":1}}";
    String path = "GET /apis/apps/v1/namespaces/ns/deployments/jobmanager";
    for (String[] so : new String[][] {{"3", "1"}, {"4", "0"}}) {
      answers.put(path, Fake.answer(200, deployment.replace("SEEN", so[0]).replace("NEW", so[1])));
      assertEquals(Kind.UNCLEAR, cluster(Program.SUBMIT).jobManager().kind);
      // Who waits for no pod, and who stops the jobs of the one before.
      assertTrue(cluster(Program.SUBMIT, "HIGH_AVAILABILITY", "true").jobManager().ok());
      assertEquals(4, cluster(Program.PREPARE).jobManager().value.generation);
    }
    answers.put(path, Fake.answer(200, deployment.replace("SEEN", "4").replace("NEW", "1")));
    assertEquals("h", cluster(Program.SUBMIT).jobManager().value.restartHash);
    answers.remove(path);
    assertEquals(Kind.NOT_FOUND, cluster(Program.SUBMIT).jobManager().kind);
  }

  @Test
  void onlyADeploymentThatIsBeingDeletedMeansThatTheGuardGoes() {
    Cluster cluster = cluster(Program.REMOVAL);
    cluster.ledger();
    assertTrue(cluster.guardRemoved().is(Kind.NOT_FOUND));
    answers.put("GET /apis/apps/v1/namespaces/ns/deployments/guard", Fake.answer(200, "{\"metadata\":{\"name\":\"guard\"}}"));
    assertFalse(cluster.guardRemoved().value);
    answers.put("GET /apis/apps/v1/namespaces/ns/deployments/guard", Fake.answer(200, "{\"metadata\":{\"deletionTimestamp\":\"now\"}}"));
    assertTrue(cluster.guardRemoved().value);
    answers.put("GET /apis/apps/v1/namespaces/ns/deployments/guard", Fake.answer(403, "{}"));
    assertTrue(cluster.guardRemoved().is(Kind.REFUSED));
  }

  @Test
  void aJobThatIsToRunWithoutAGuardIsLeftAlone() {
    answers.put("GET /api/v1/namespaces/ns/configmaps/ledger", Fake.answer(200, LEDGER.replace("GUARD", "false")));
    Cluster cluster = cluster(Program.REMOVAL);
    cluster.ledger();
    assertFalse(cluster.guardRemoved().value);
  }

  @Test
  void aJobIsTakenOutOfWhatHighAvailabilityStores() {
    answers.put("PATCH /api/v1/namespaces/ns/configmaps/ha-cluster-config-map", Fake.answer(200, "{}"));
    answers.put("DELETE /api/v1/namespaces/ns/configmaps/ha-1234-config-map", Fake.answer(429, "{}"));
    Cluster cluster = cluster(Program.LAUNCH, "HIGH_AVAILABILITY_ID", "ha");
    assertEquals(Kind.UNCLEAR, cluster.abandon("1234").kind);
    answers.remove("DELETE /api/v1/namespaces/ns/configmaps/ha-1234-config-map");
    assertTrue(cluster.abandon("1234").ok());
    assertEquals("{\"data\":{\"jobGraph-1234\":null,\"executionPlan-1234\":null}}", server.asked.get(0).body);
  }
}
