package flink.kubernetes.agent;

import flink.kubernetes.agent.Answer.Kind;
import flink.kubernetes.agent.Effects.Stored;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The cluster's store, looked at by a Java of its own ({@link StoreLook}) that ends soon: Flink's file systems need more memory than a pod at rest may have. */
final class Store implements Effects.Store {
  /** So long a look may take, in seconds, and so many milliseconds later the next may begin when it was in vain. */
  private static final long PATIENCE = 120;
  private static final long PAUSE = 10_000;

  private final Surroundings around;
  private final Settings settings;
  private final Rest.Log log;
  private Answer<List<Stored>> before;
  private long looked;
  private volatile Process child;

  Store(Surroundings around, Settings settings, Rest.Log log) {
    this.around = around;
    this.settings = settings;
    this.log = log;
  }

  void abort() {
    Process process = child;
    if (process != null) process.destroyForcibly();
  }

  /** What this pod was given to look with; empty: nothing is missing. */
  private String missing(String uri) {
    if (uri.startsWith("file:") || uri.startsWith("/")) {
      String volume = around.get("STATE_VOLUME"), path = uri.replaceFirst("^(file:)?/+", "/");
      if (!volume.isEmpty() && (path + "/").startsWith(volume.replaceAll("/+$", "") + "/") && Files.isReadable(Paths.get(volume))) return "";
      return "the volume with " + uri + " is not in this pod, or may not be read";
    }
    boolean given = around.has("FLINK_CONF_DIR") || around.has("STATE_S3_KEYS") && uri.matches("s3[ap]?://.*");
    return given ? "" : "this pod was given nothing to look into " + uri + " with";
  }

  @Override
  public Answer<List<Stored>> states() {
    if (settings.checkpoints.isEmpty() && settings.savepoints.isEmpty()) return Answer.ok(new ArrayList<>());
    for (String uri : new String[] {settings.checkpoints, settings.savepoints}) {
      String missing = uri.isEmpty() ? "" : missing(uri);
      if (!missing.isEmpty()) return Answer.none(Kind.REFUSED, missing);
    }
    long now = System.nanoTime() / 1_000_000;
    if (before != null && !before.ok() && now - looked < PAUSE) return before;
    before = look();
    looked = System.nanoTime() / 1_000_000;
    if (before.is(Kind.REFUSED)) log.say("This account may not look into the store: " + before.problem + ".");
    return before;
  }

  private Answer<List<Stored>> look() {
    Answer<Object> answer = child("list", settings.checkpoints, settings.savepoints, settings.job, settings.prefix);
    // Something went while it was looked at.
    if (!answer.ok()) return Answer.none(answer.is(Kind.NOT_FOUND) ? Kind.UNCLEAR : answer.kind, answer.problem);
    List<Stored> states = new ArrayList<>();
    for (Object state : Json.list(answer.value, "states")) {
      states.add(new Stored(Json.text(state, "path"), Json.number(state, "number"), Boolean.TRUE.equals(Json.at(state, "savepoint")), Json.number(state, "time")));
    }
    return Answer.ok(states);
  }

  /** The newest complete savepoint in a job's folder for savepoints; NOT_FOUND when it is none, or has none. */
  Answer<String> newestIn(String folder) {
    String missing = missing(folder);
    if (!missing.isEmpty()) return Answer.none(Kind.REFUSED, missing);
    Answer<Object> answer = child("newest", folder);
    if (!answer.ok()) return Answer.none(answer.kind, answer.problem);
    String path = Json.text(answer.value, "path");
    return path.isEmpty() ? Answer.none(Kind.NOT_FOUND, "there is no complete savepoint") : Answer.ok(path);
  }

  /** A file of any store as one of this pod. */
  Answer<Void> copy(String from, Path to) {
    Answer<Object> answer = child("copy", from, to.toString());
    return answer.ok() ? Answer.ok(null) : Answer.none(answer.kind, answer.problem);
  }

  private Answer<Object> child(String... arguments) {
    Path said = null;
    try {
      said = Files.createTempFile(around.temporary(), "store", ".json");
      List<String> command = new ArrayList<>(Arrays.asList(System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC", "-Xmx" + around.get("STORE_HEAP", "96m"), "-XX:TieredStopAtLevel=1"));
      command.addAll(Arrays.asList("-cp", classPath(), StoreLook.class.getName(), said.toString()));
      command.addAll(Arrays.asList(arguments));
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
      builder.environment().put("FLINK_PLUGINS_DIR", plugins().toString());
      Process process = builder.start();
      child = process;
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) return Answer.none(Kind.UNCLEAR, "it did not answer within " + PATIENCE + " s");
      byte[] text = Files.readAllBytes(said);
      if (text.length == 0) return Answer.none(Kind.UNCLEAR, "the program that looks into it ended with " + process.exitValue());
      Object json = Json.read(text);
      return process.exitValue() == 0 ? Answer.ok(json) : Answer.none(Kind.valueOf(Json.text(json, "kind")), Json.text(json, "problem"));
    } catch (IOException failed) {
      return Answer.none(Kind.UNCLEAR, Http.why(failed));
    } catch (InterruptedException told) {
      return Answer.none(Kind.UNCLEAR, "this program was told to stop");
    } finally {
      abort();
      child = null;
      if (said != null) said.toFile().delete();
    }
  }

  /**
   * The folder of plugins. The image's start script, which does not run here, adds those of ENABLE_BUILT_IN_PLUGINS, and the launcher those of FILE_SYSTEM_PLUGINS: lines of a
   * name, the beginning of a jar's name, and the jar's path where that is not Flink's opt folder.
   */
  Path plugins() throws IOException {
    Path home = Paths.get(around.get("FLINK_HOME", "/opt/flink")), bundled = Paths.get(around.get("FLINK_PLUGINS_DIR", home + "/plugins"));
    String builtIn = around.get("ENABLE_BUILT_IN_PLUGINS"), fileSystems = around.get("FILE_SYSTEM_PLUGINS");
    if (builtIn.isEmpty() && fileSystems.isEmpty()) return bundled;
    Path made = Files.createDirectories(around.temporary().resolve("plugins"));
    File[] others = bundled.toFile().listFiles(File::isDirectory);
    if (others == null) others = new File[0];
    for (String jar : builtIn.split(";")) {
      Path file = home.resolve("opt").resolve(jar);
      if (!jar.isEmpty() && Files.exists(file)) link(Files.createDirectories(made.resolve(jar.replaceFirst("\\.jar$", ""))).resolve(jar), file);
    }
    for (String line : fileSystems.split("\n")) {
      String[] words = line.trim().split(" ", 3);
      if (words.length < 2) continue;
      File jar = words.length > 2 ? new File(words[2]) : jarIn(home.resolve("opt").toFile(), words[1]);
      boolean has = words.length < 3 && Arrays.stream(others).anyMatch(folder -> jarIn(folder, words[1]) != null);
      if (!has && jar != null && jar.canRead()) link(Files.createDirectories(made.resolve(words[0])).resolve(jar.getName()), jar.toPath());
    }
    for (File other : others) link(made.resolve(other.getName()), other.toPath());
    return made;
  }

  /** The jar of a folder whose name is this one with a version; null when there is none. */
  private static File jarIn(File folder, String name) {
    File[] jars = folder.listFiles((in, file) -> file.startsWith(name + "-") && file.substring(name.length() + 1).matches("[0-9].*\\.jar"));
    return jars == null || jars.length == 0 ? null : jars[0];
  }

  private static void link(Path from, Path to) throws IOException {
    if (!Files.exists(from)) Files.createSymbolicLink(from, to);
  }

  private String classPath() {
    StringBuilder path = new StringBuilder(System.getProperty("java.class.path"));
    String lib = around.get("FLINK_LIB_DIR", around.get("FLINK_HOME", "/opt/flink") + "/lib");
    if (Files.isDirectory(Paths.get(lib))) path.append(File.pathSeparator).append(lib).append("/*");
    for (String name : new String[] {"HADOOP_CLASSPATH", "HADOOP_CONF_DIR"}) if (!around.get(name).isEmpty()) path.append(File.pathSeparator).append(around.get(name));
    return path.toString();
  }
}
