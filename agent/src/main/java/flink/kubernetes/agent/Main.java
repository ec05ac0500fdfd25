package flink.kubernetes.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;

/** What pods run: `submit`, `prepare`, `guard`, `savepoint`, `application-prepare`, `application-start`, and `application-launch FILE FLINK'S_LOG`. */
public final class Main {
  private final Surroundings around;
  private final Settings settings;
  private final PodLog log;
  private final Cluster cluster;
  private final Store store;
  private final Rest rest;
  private final Effects effects;
  private volatile boolean leaving;

  Main(Surroundings around, Settings settings, String ledger, boolean concludes) {
    this.around = around;
    this.settings = settings;
    this.log = new PodLog(around, concludes);
    this.cluster = new Cluster(around, settings, ledger, log::say);
    this.store = new Store(around, settings, log::say);
    this.rest = new Rest(around, settings, cluster, new Artifact(around, store), log::say);
    this.effects = new Effects(cluster, rest, store, System::currentTimeMillis, log);
  }

  public static void main(String[] arguments) {
    int code = 1;
    Surroundings around = new Surroundings(System.getenv());
    try {
      code = run(around, arguments);
    } catch (RuntimeException | Error unforeseen) {
      unforeseen.printStackTrace();
      new PodLog(around, !arguments[0].equals("application-launch")).conclude("This is an error in this package: " + unforeseen + ".");
    }
    System.out.flush();
    // A signal may have begun to end the process, and waits for this.
    Runtime.getRuntime().halt(code);
  }

  private static int run(Surroundings around, String[] arguments) {
    String program = arguments.length == 0 ? "" : arguments[0];
    switch (program) {
      case "submit":
      case "application-prepare":
        return of(around, Program.SUBMIT).submit();
      case "application-start":
        return of(around, Program.FOLLOW).toTheEnd();
      case "prepare":
        return new Prepare(around).run();
      case "guard":
        return of(around, Program.GUARD).guard();
      case "savepoint":
        return savepoint(around);
      case "application-launch":
        return launch(around, Paths.get(arguments[1]), Paths.get(arguments[2]));
      default:
        System.err.println("There is no program \"" + program + "\".");
        return 2;
    }
  }

  private static Main of(Surroundings around, Program program) {
    return new Main(around, around.settings(program), around.get("LEDGER_NAME"), true);
  }

  Cluster cluster() {
    return cluster;
  }

  Rest rest() {
    return rest;
  }

  PodLog log() {
    return log;
  }

  Runner runner() {
    return new Runner(settings, Programs.of(settings.program), effects);
  }

  int toTheEnd() {
    return toTheEnd(runner());
  }

  /** A signal ends the process with 143 meanwhile, which is no verdict: another pod goes on. */
  static int toTheEnd(Runner runner) {
    while (runner.end == null) sleep(runner.step());
    return runner.end.success ? 0 : 1;
  }

  private int submit() {
    String from = settings.initialSavepoint;
    // It may be the folder of another job's savepoints: the newest of them is meant.
    if (!from.isEmpty() && !from.replaceAll("/+$", "").matches(".*/(savepoint-[^/]*|chk-[0-9]+)")) {
      Answer<String> newest = store.newestIn(from.replaceAll("/+$", ""));
      if (newest.ok()) {
        settings.initialSavepoint = newest.value;
        log.say("The newest savepoint in " + from + " is " + newest.value + ".");
      }
    }
    return toTheEnd();
  }

  private static int savepoint(Surroundings around) {
    switch (around.get("VERB")) {
      case "take":
      case "dispose":
        return of(around, Program.SAVEPOINT).toTheEnd();
      case "pause":
        return of(around, Program.PAUSE).toTheEnd();
      default:
        new PodLog(around, true).conclude("There is no verb \"" + around.get("VERB") + "\".");
        return 1;
    }
  }

  /** Until the pod is told to stop, by a signal or, before that, by a file that its preStop hook makes; then what that means. */
  private int guard() {
    Path told = around.temporary().resolve("leaving");
    // Those of a container before this one, in the same pod.
    for (String name : new String[] {"leaving", "ready", "started"}) around.temporary().resolve(name).toFile().delete();
    Thread main = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(main)));
    Runner guard = runner();
    while (!leaving) {
      long pause = unlessBroken(guard, Guard.EVERY);
      for (long end = System.nanoTime() + pause * 1_000_000; !leaving && System.nanoTime() < end; ) {
        sleep(Math.min(1000, (end - System.nanoTime()) / 1_000_000 + 1));
        if (Files.exists(told)) leaving = true;
      }
      if (Files.exists(told)) leaving = true;
    }
    settings.program = Program.REMOVAL;
    Runner removal = runner();
    while (removal.end == null) sleep(unlessBroken(removal, 500));
    return 0;
  }

  /** What was not foreseen must not end a guard: its pod would begin anew, and show nothing. */
  private long unlessBroken(Runner runner, long pause) {
    try {
      return runner.step();
    } catch (RuntimeException unforeseen) {
      unforeseen.printStackTrace();
      log.say("This is an error in this package: " + unforeseen + ".");
      log.ready(false);
      return pause;
    }
  }

  /** The process ends when this does; the program does what is to be done and then ends it. */
  private void leave(Thread main) {
    if (!leaving) {
      leaving = true;
      cluster.abort();
      rest.abort();
      store.abort();
      main.interrupt();
    }
    try {
      main.join();
    } catch (InterruptedException ended) {
      // It does no longer matter.
    }
  }

  static void sleep(long milliseconds) {
    try {
      Thread.sleep(Math.max(0, milliseconds));
    } catch (InterruptedException told) {
      // Whoever was told looks why it is awake.
    }
  }

  /** In the container of a JobManager that carries a job, before Flink starts: writes what it starts, in three lines. */
  private static int launch(Surroundings around, Path result, Path flinkLog) {
    Settings settings = around.settings(Program.LAUNCH);
    settings.carried = true;
    settings.highAvailability = around.has("HIGH_AVAILABILITY_ID");
    settings.revision = around.get("FLINK_KUBERNETES_REVISION");
    settings.uid = around.get("POD_NAME", around.get("HOSTNAME"));
    Path started = result.resolveSibling("started");
    settings.lastWords = Files.exists(started) ? lastWords(flinkLog) : "";
    Runner runner = new Main(around, settings, around.get("LEDGER_NAME"), false).runner();
    toTheEnd(runner);
    List<String> lines = Arrays.asList((runner.end.message + "\n\n").split("\n", 4)).subList(0, 3);
    try {
      if (lines.get(0).equals("job")) Files.write(started, new byte[0]);
      Files.write(result, lines);
      return 0;
    } catch (IOException full) {
      System.err.println("The file " + result + " cannot be written: " + full.getMessage());
      return 1;
    }
  }

  /** Why the process before in this container ended, by the last error in its log; empty when it says none. */
  static String lastWords(Path file) {
    String text;
    try {
      byte[] log = Files.readAllBytes(file);
      int from = Math.max(0, log.length - 200_000);
      text = new String(log, from, log.length - from, StandardCharsets.UTF_8);
    } catch (IOException none) {
      return "";
    }
    StringBuilder error = new StringBuilder();
    boolean taking = false;
    for (String line : text.split("\n")) {
      if (line.matches("[0-9]+-[0-9]+-[0-9]+ [0-9:,]+ .*")) {
        taking = line.matches("\\S+ \\S+ (ERROR|FATAL)\\s.*");
        if (taking) error.setLength(0);
        line = line.replaceFirst("^\\S+ \\S+ \\S+ +\\S+ +(\\[\\] )?- ", "");
      }
      if (taking) error.append(line).append('\n');
    }
    return Rest.rootCause(error.toString());
  }
}
