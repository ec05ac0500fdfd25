package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import flink.kubernetes.agent.Answer.Kind;
import flink.kubernetes.agent.Effects.Checkpoints;
import flink.kubernetes.agent.Effects.Jobs;
import flink.kubernetes.agent.Effects.Pod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestTest {
  private static final String ID = Pods.PREFIX + "0123456789abcdef";

  @TempDir
  Path folder;
  private Fake kubernetes;
  private Fake flink;
  private final Map<String, Fake.Answered> answers = new HashMap<>();
  private Pod pod;
  private Rest rest;

  @BeforeEach
  void start() throws IOException {
    kubernetes = new Fake(request -> Fake.answer(200, Pods.items(Pods.POD)));
    flink = new Fake(request -> answers.getOrDefault(request.toString(), Fake.answer(404, "{\"errors\":[\"Not found\"]}")));
    Files.writeString(folder.resolve("request.json"), "{\"entryClass\":\"a.B\",\"programArgsList\":[\"x\",{\"$secret\":\"word\"}],\"allowNonRestoredState\":true}");
    Files.writeString(folder.resolve("word"), "se\"cret");
    Files.writeString(folder.resolve("job.jar"), "the program");
    rest = rest();
    answers.put("GET /jobmanager/config", Fake.answer(200, "[{\"key\":\"web.tmpdir\",\"value\":\"/tmp/one\"}]"));
  }

  private Rest rest(String... variables) {
    Map<String, String> all = Pods.variables(folder, kubernetes);
    all.put("JOBMANAGER_PORT", String.valueOf(flink.port()));
    all.put("SECRETS_DIR", folder.toString());
    all.put("JAR", folder.resolve("job.jar").toString());
    all.put("IMAGE", "image");
    for (int i = 0; i < variables.length; i += 2) all.put(variables[i], variables[i + 1]);
    Surroundings around = new Surroundings(all);
    Settings settings = around.settings(Program.SUBMIT);
    Cluster cluster = new Cluster(around, settings, "ledger", text -> {});
    pod = cluster.pods().value.get(0);
    return new Rest(around, settings, cluster, new Artifact(around, null), text -> {});
  }

  @AfterEach
  void stop() {
    kubernetes.close();
    flink.close();
  }

  private static String error(String text) {
    return "{\"errors\":[\"Internal server error.\",\"<Exception on server side:\\n" + text + "\\n\\nEnd of exception on server side>\"]}";
  }

  private static String job(String id, String state, int running, int finished) {
    return "{\"jid\":\"" + id + "\",\"state\":\"" + state + "\",\"tasks\":{\"total\":2,\"running\":" + running + ",\"finished\":" + finished + "}}";
  }

  @Test
  void theJobsOfThisFlinkJobAreTold() {
    String other = "ffffffffffffffff0123456789abcdef";
    answers.put("GET /jobs/overview", Fake.answer(200, "{\"jobs\":[" + job(ID, "RUNNING", 1, 1) + "," + job(other, "RUNNING", 2, 0) + "," + job(Pods.PREFIX + "2", "RUNNING", 1, 0) + "]}"));
    Jobs jobs = rest.jobs(pod).value;
    assertEquals("/tmp/one", jobs.process);
    assertEquals(2, jobs.byId.size());
    assertTrue(jobs.byId.get(ID).allRunning);
    assertTrue(!jobs.byId.get(Pods.PREFIX + "2").allRunning);
    // The list first: it is never that of a later process.
    assertEquals(List.of("GET /jobs/overview", "GET /jobmanager/config"), List.of(flink.asked.get(0).toString(), flink.asked.get(1).toString()));
  }

  @Test
  void ofAJobThatHasEndedItIsToldForHowLongByTheJobManagersClock() {
    answers.put("GET /jobs/overview", Fake.answer(200, "{\"jobs\":[" + job(ID, "FINISHED", 0, 2) + "]}"));
    answers.put("GET /jobs/" + ID, Fake.answer(200, "{\"end-time\":1000,\"now\":61000}"));
    long endedFor = rest.jobs(pod).value.byId.get(ID).endedFor;
    assertTrue(endedFor >= 60_000 && endedFor < 100_000, "" + endedFor);
    rest.jobs(pod);
    assertEquals(1, flink.asked.stream().filter(request -> request.path.equals("/jobs/" + ID)).count());
  }

  @ParameterizedTest
  @CsvSource({"401,UNCLEAR", "404,NOT_FOUND", "408,UNCLEAR", "429,UNCLEAR", "500,UNCLEAR", "503,UNCLEAR"})
  void noListIsNoEmptyList(int status, Kind kind) {
    answers.put("GET /jobs/overview", Fake.answer(status, "no"));
    assertEquals(kind, rest.jobs(pod).kind);
    answers.put("GET /jobs/overview", Fake.answer(200, "{\"jo"));
    assertEquals(Kind.UNCLEAR, rest.jobs(pod).kind);
    answers.put("GET /jobs/overview", Fake.cut("{\"jobs\":[]}          "));
    assertEquals(Kind.UNCLEAR, rest.jobs(pod).kind);
    flink.close();
    assertEquals(Kind.UNCLEAR, rest.jobs(pod).kind);
  }

  private Checkpoints checkpoints(String latest, String configuration) {
    answers.put("GET /jobs/" + ID + "/checkpoints", Fake.answer(200, "{\"counts\":{\"completed\":3},\"latest\":" + latest + "}"));
    answers.put("GET /jobs/" + ID + "/checkpoints/config", Fake.answer(200, configuration));
    return rest.checkpoints(pod, ID).value;
  }

  @Test
  void checkpointsAreTold() {
    Checkpoints known = checkpoints(
        "{\"completed\":{\"external_path\":\"file:/c/chk-3\"},\"restored\":{\"external_path\":\"s3://s\"},\"savepoint\":{\"checkpoint_type\":\"SYNC_SAVEPOINT\",\"external_path\":\"s3://end\"}}",
        "{\"interval\":5000,\"externalization\":{\"enabled\":true,\"delete_on_cancellation\":false}}");
    assertEquals(List.of("file:/c/chk-3", "s3://s", "s3://end", 3L, 5000L, true), List.of(known.latest, known.restored, known.stoppedWith, known.completed, known.interval, known.kept));
  }

  @Test
  void whatIsNoPathOrDoesNotCountIsNotTold() {
    Checkpoints known = checkpoints("{\"completed\":{\"external_path\":\"<checkpoint-not-externally-addressable>\"},\"restored\":null,\"savepoint\":{\"checkpoint_type\":\"SAVEPOINT\",\"external_path\":\"s3://taken\"}}",
        "{\"interval\":9223372036854775807,\"externalization\":{\"enabled\":true,\"delete_on_cancellation\":true}}");
    assertEquals(List.of("", "", "", 0L, false), List.of(known.latest, known.restored, known.stoppedWith, known.interval, known.kept));
  }

  @Test
  void aJobWithoutCheckpointsIsNoUnknownJob() {
    answers.put("GET /jobs/" + ID + "/checkpoints", Fake.answer(404, error("RestHandlerException: Checkpointing has not been enabled.")));
    assertEquals(0, rest.checkpoints(pod, ID).value.completed);
    answers.put("GET /jobs/" + ID + "/checkpoints", Fake.answer(404, error("FlinkJobNotFoundException: Could not find Flink job")));
    assertEquals(Kind.NOT_FOUND, rest.checkpoints(pod, ID).kind);
  }

  @Test
  void aSavepointIsUnderWayOrThereOrHasFailedOrIsNotKnown() {
    String path = "GET /jobs/" + ID + "/savepoints/t";
    answers.put(path, Fake.answer(200, "{\"status\":{\"id\":\"IN_PROGRESS\"},\"operation\":null}"));
    assertEquals("", rest.savepoint(pod, ID, "t").value);
    answers.put(path, Fake.answer(200, "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"location\":\"file:/s/savepoint-1\"}}"));
    assertEquals("file:/s/savepoint-1", rest.savepoint(pod, ID, "t").value);
    answers.put(path, Fake.answer(200, "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"failure-cause\":{\"stack-trace\":\"x.Outer: a\\n\\tat b.C\\nCaused by: x.Inner: why\\n\\tat d.E\"}}}"));
    assertEquals("REFUSED (x.Inner: why)", rest.savepoint(pod, ID, "t").toString());
    answers.remove(path);
    assertEquals(Kind.NOT_FOUND, rest.savepoint(pod, ID, "t").kind);
  }

  @Test
  void onlyOurJarsAreListedAndNoneWhereThereAreNone() {
    answers.put("GET /jars", Fake.answer(200, "{\"files\":[{\"id\":\"u_" + ID + ".jar\"},{\"id\":\"u_other.jar\"}]}"));
    assertEquals(List.of("u_" + ID + ".jar"), rest.jars(pod).value);
    answers.put("GET /jars", Fake.answer(404, "{}"));
    assertEquals(List.of(), rest.jars(pod).value);
    answers.put("GET /jars", Fake.answer(503, "{}"));
    assertEquals(Kind.UNCLEAR, rest.jars(pod).kind);
  }

  @Test
  void aJarIsSentAsTheFileOfAForm() {
    answers.put("POST /jars/upload", Fake.answer(200, "{\"filename\":\"/tmp/up/u_" + ID + ".jar\"}"));
    assertEquals("u_" + ID + ".jar", rest.upload(pod, ID).value);
    Fake.Asked request = flink.asked.get(0);
    String boundary = request.type.substring(request.type.indexOf('=') + 1);
    assertEquals("--" + boundary + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"" + ID + ".jar\"\r\nContent-Type: application/x-java-archive\r\n\r\nthe program\r\n--" + boundary + "--\r\n",
        request.body);
  }

  @ParameterizedTest
  @CsvSource({"404,REFUSED,web.submit.enable", "413,REFUSED,rest.server.max-content-length", "400,REFUSED,did not take", "503,UNCLEAR,HTTP 503"})
  void whyAJarIsNotTakenIsTold(int status, Kind kind, String words) {
    answers.put("POST /jars/upload", Fake.answer(status, "{}"));
    Answer<String> answer = rest.upload(pod, ID);
    assertEquals(kind, answer.kind);
    assertTrue(answer.problem.contains(words), answer.problem);
  }

  @Test
  void aJarThatIsNotThereOrIsAnotherOneIsTold() {
    assertTrue(rest("JAR", "/nowhere.jar").upload(pod, ID).problem.startsWith("there is no file /nowhere.jar in the image image"));
    assertTrue(rest("JAR_CHECKSUM", "00").upload(pod, ID).problem.contains("is not what jarChecksum says"));
    assertEquals(0, flink.asked.size());
  }

  @Test
  void aProgramIsStartedUnderItsIdAndFromItsState() {
    answers.put("POST /jars/j/run", Fake.answer(200, "{\"jobid\":\"" + ID + "\"}"));
    assertTrue(rest.run(pod, "j", ID, "s3://state").ok());
    assertEquals("{\"jobId\":\"" + ID + "\",\"entryClass\":\"a.B\",\"programArgsList\":[\"x\",\"se\\\"cret\"],\"allowNonRestoredState\":true,\"savepointPath\":\"s3://state\",\"claimMode\":\"NO_CLAIM\"}", flink.asked.get(0).body);
  }

  @ParameterizedTest
  @CsvSource({
    "400,ProgramInvocationException: it threw,REFUSED", "500,x.Bad: it threw,REFUSED", "500,AskTimeoutException: busy,UNCLEAR", "500,FencingTokenException: changing,UNCLEAR",
    "400,Jar file /tmp/j does not exist,UNCLEAR", "400,DuplicateJobSubmissionException: Job has already been submitted.,CONFLICT", "503,no leader,UNCLEAR", "404,no,UNCLEAR"
  })
  void whyAStartIsRefusedIsToldFromWhatPasses(int status, String text, Kind kind) {
    answers.put("POST /jars/j/run", Fake.answer(status, error(text)));
    assertEquals(kind, rest.run(pod, "j", ID, "").kind);
  }

  @Test
  void aProgramIsTriedWithoutWhatOnlyAStartTakes() {
    answers.put("POST /jars/j/plan", Fake.answer(400, error("x.NoClass: a.B")));
    assertEquals("REFUSED (x.NoClass: a.B)", rest.check(pod, "j").toString());
    assertEquals("{\"entryClass\":\"a.B\",\"programArgsList\":[\"x\",\"se\\\"cret\"]}", flink.asked.get(0).body);
    answers.put("POST /jars/j/plan", Fake.answer(503, "{}"));
    assertTrue(rest.check(pod, "j").ok(), "nothing is known against it");
    assertTrue(rest("CHECK_PROGRAM", "false").check(pod, "j").ok());
    assertEquals(2, flink.asked.size());
  }

  @Test
  void aProgramInPythonIsToldWhereItsArchiveIs() throws IOException {
    Files.writeString(folder.resolve("request.json"), "{\"flinkConfiguration\":{\"python.files\":\"$uploaded$/x\"},\"programArgsList\":[\"$job$\"]}");
    answers.put("POST /jars/j/run", Fake.answer(200, "{}"));
    assertTrue(rest().run(pod, "j", ID, "").ok());
    assertEquals("{\"jobId\":\"" + ID + "\",\"flinkConfiguration\":{\"python.files\":\"/tmp/one/flink-web-upload/j/x\"},\"programArgsList\":[\"" + ID + "\"]}", flink.asked.get(1).body);
  }

  @Test
  void aStopNamesItsTriggerAndItsFolder() {
    answers.put("POST /jobs/" + ID + "/stop", Fake.answer(202, "{}"));
    assertTrue(rest.stop(pod, ID, "s3://to", "t").ok());
    assertEquals("{\"targetDirectory\":\"s3://to\",\"drain\":false,\"triggerId\":\"t\"}", flink.asked.get(0).body);
    answers.put("PATCH /jobs/" + ID + "?mode=cancel", Fake.answer(202, "{}"));
    assertTrue(rest.cancel(pod, ID).ok());
  }

  @Test
  void aDisposalIsWaitedForAndWhatIsGoneIsDisposedOf() {
    answers.put("POST /savepoint-disposal", Fake.answer(202, "{\"request-id\":\"r\"}"));
    answers.put("GET /savepoint-disposal/r", Fake.answer(200, "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{}}"));
    assertTrue(rest.dispose(pod, "s3://old").ok());
    answers.put("GET /savepoint-disposal/r", Fake.answer(200, "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"failure-cause\":{\"stack-trace\":\"java.io.FileNotFoundException: s3://old\"}}}"));
    assertEquals(Kind.NOT_FOUND, rest.dispose(pod, "s3://old").kind);
    answers.put("GET /savepoint-disposal/r", Fake.answer(200, "{\"status\":{\"id\":\"COMPLETED\"},\"operation\":{\"failure-cause\":{\"stack-trace\":\"x.Denied: no\"}}}"));
    assertEquals(Kind.REFUSED, rest.dispose(pod, "s3://old").kind);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exceptionHistory", "root-exception", "execution-result"})
  void whyAJobFailedIsFoundWhereverFlinkSaysIt(String where) {
    String trace = "x.Wrapper: something\\n\\tat a.B\\nCaused by: x.Real: no disk\\n\\tat c.D";
    answers.put("GET /jobs/" + ID + "/exceptions", Fake.answer(200, where.equals("exceptionHistory") ? "{\"exceptionHistory\":{\"entries\":[{\"stacktrace\":\"" + trace + "\",\"taskName\":\"Map (1/2) - execution #0\"}]}}"
        : where.equals("root-exception") ? "{\"root-exception\":\"" + trace + "\"}" : "{\"root-exception\":null,\"exceptionHistory\":{\"entries\":[]}}"));
    answers.put("GET /jobs/" + ID + "/execution-result", Fake.answer(200, "{\"job-execution-result\":{\"failure-cause\":{\"stack-trace\":\"" + trace + "\"}}}"));
    assertEquals("x.Real: no disk" + (where.equals("exceptionHistory") ? " (in task \"Map (1/2)\")" : ""), rest.failure(pod, ID).value);
  }

  @Test
  void aPodWithoutAnAddressSaysNothing() {
    assertEquals(Kind.UNCLEAR, rest.jobs(new Pod("new", "n", true, false)).kind);
  }

  @Test
  void theLastErrorOfALogIsFound() throws IOException {
    Path log = folder.resolve("log");
    Files.write(log, ("2026-11-30 06:00:00,000 ERROR a.B [] - Old\n2026-11-30 06:00:01,000 INFO  a.B [] - fine\n2026-11-30 06:00:02,000 ERROR a.B [] - Fatal\njava.lang.RuntimeException: x\n\tat a.B\nCaused by: y.Z: the cause\n\tat c.D\n"
        + "2026-11-30 06:00:03,000 INFO  a.B [] - Shutting down\n").getBytes(StandardCharsets.UTF_8));
    assertEquals("y.Z: the cause", Main.lastWords(log));
    assertEquals("", Main.lastWords(folder.resolve("none")));
  }
}
