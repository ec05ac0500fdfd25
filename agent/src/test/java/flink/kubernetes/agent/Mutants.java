package flink.kubernetes.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Deliberate errors in the decisions. Each takes a rule out or turns it round, in the source; the simulation must find each by itself. */
final class Mutants {
  static final class Mutant {
    final String what;
    final String file;
    final String from;
    final String to;
    /** Only a read that is answered with an earlier state shows it. */
    final boolean stale;

    Mutant(String what, String file, String from, String to, boolean stale) {
      this.what = what;
      this.file = file;
      this.from = from;
      this.to = to;
      this.stale = stale;
    }
  }

  static final List<Mutant> ALL = new ArrayList<>();

  private Mutants() {}

  private static void add(String what, String file, String from, String to) {
    ALL.add(new Mutant(what, file, from, to, false));
  }

  private static void addStale(String what, String file, String from, String to) {
    ALL.add(new Mutant(what, file, from, to, true));
  }

  static {
    // How a job ended, and what it left.
    add("silence is \"no\"", "Ending", "} else if (!silent.isEmpty()) {", "} else if (false) {");
    add("FINISHED is always its own end", "Ending", "if (!known.stoppedWith.isEmpty()) return new Left(false, known.stoppedWith, \"\", true);\n    List", "List");
    add("FINISHED is its own end before Flink's news", "Ending", "if (job.endedFor < NEWS) throw c.later(\"Waiting for what Flink says of the end", "if (false) throw c.later(\"Waiting for what Flink says of the end");
    add("the last checkpoint is read before Flink's news", "Ending", "if (job.endedFor < NEWS) throw c.later(\"Waiting for what Flink says of the last", "if (false) throw c.later(\"Waiting for what Flink says of the last");
    add("the store's oldest state is taken", "Ending", "boolean newer = best == null || state.number > best.number", "boolean newer = best == null || state.number < best.number");
    add("the savepoint that was to stop it is not looked for", "Ending", "boolean ours = state.checkpointOf(id) || ", "boolean ours = state.checkpointOf(id) || false && ");
    add("a note is believed, and the store not asked", "Ending", "List<Stored> states = c.states();\n    if (states == null) return unseen(c);", "List<Stored> states = null;\n    if (states == null) return unseen(c);");
    add("what was seen, and could not be noted, is forgotten", "Ending", "if (c.memory.newest.contains(\"/\" + id + \"/\")) {", "if (false) {");
    add("nothing newer than the note is tried", "Ending", "return new Left(false, numbered(noted, number(noted) + more), noted, false);", "return new Left(false, noted, \"\", false);");
    add("a lost start has never begun", "Ending", "if (neverBegan(c)) return", "if (c.now > 0) return");
    add("savepoints by hand are not found in the store", "Ending", "String name = \"/savepoint-\" + c.settings.prefix.substring(0, 6) + \"-\";", "String name = \"/nothing\";");
    add("savepoints by hand of a job without a checkpoint are not found", "Ending", "if (best == null) for (Stored state : states) if (c.ledger.is(\"savepoint\", state.path)) best = state;", "");
    add("a job that a leader was cut off with is over", "Ending", "if (!job.ended() || !c.settings.highAvailability || c.now - c.memory.unheard >= RECOVERY)", "if (true)");
    // Stop.
    add("the store's word is not waited for", "Case", "if (answer.is(Answer.Kind.REFUSED)) return null;", "if (!answer.ok()) return java.util.Collections.emptyList();");
    add("a start under way is not made void before a stop", "Stop", "if (s.carried || !l.has(\"jobManager\")) return null;", "if (true) return null;");
    add("a stop is not said before", "Stop", "if (l.phase() != Phase.UPGRADING) return begin(Ending.of(c, id));", "if (l.phase() != Phase.UPGRADING && Ending.of(c, id).over()) return rest(Ending.of(c, id));\n    if (l.phase() != Phase.UPGRADING) return begin(Ending.of(c, id));");
    add("a job is cancelled where a savepoint is wanted, and what it was started from counts", "Stop", "Left left = left(job);", "Left left = new Left(false, l.get(\"savepoint\"), \"\", false);");
    add("the job is at rest while its savepoint is taken", "Stop", "return job.over() ? rest(job)", "return job.over() || l.has(\"trigger\") && c.memory.asked.equals(l.get(\"trigger\")) ? rest(job)");
    add("a pause of before that failed leaves itself behind", "Stop", "\"paused\", l.is(\"pausing\", \"true\") ? \"true\" : \"\"", "\"paused\", l.get(\"paused\")");
    add("a job that has no savepoint is stopped all the same, with nothing", "Stop", "if (taken.is(Answer.Kind.REFUSED)) return failed(\"The savepoint failed: \" + taken.problem);", "if (taken.is(Answer.Kind.REFUSED)) return Action.write(Phase.STOPPED, \"trigger\", \"\");");
    add("nobody says until when", "Stop", "\"until\", until(c, TO_GO_ON), \"paused\"", "\"until\", \"999999999999\", \"paused\"");
    add("the target is forgotten before the job is over", "Stop", "String target = trigger.isEmpty() ? \"\" : s.savepoints", "String target = true ? \"\" : s.savepoints");
    add("a revision that made a state is gone back behind", "Stop", "if (!left.path.equals(l.get(\"savepoint\")) || !left.atLeast.isEmpty()) write.and(Start.NOTHING_BEFORE);", "");
    // Start.
    add("a request is repeated with the same jar", "Start", "memory.jar = \"\";\n        memory.ran", "memory.ran");
    add("a lost job is started again as it was", "Start", "if (!l.is(\"jobManager\", process) || s", "if (s");
    add("a lost job goes on under the same id", "Start", "return Action.note(\"jobId\", s.next(l.jobId()), \"savepoint\", from", "return Action.note(\"savepoint\", from");
    add("it runs before its first checkpoint", "Start", "if (!s.bounded && answer.value.interval > 0 && answer.value.completed == 0) {", "if (false) {");
    add("a state that is not there ends everything", "Start", "if (Cause.stateMissing(cause) && l.has(\"atLeast\")) {", "if (false) {");
    add("guesses skip one", "Start", "Ending.numbered(tried, number - 1), then};", "Ending.numbered(tried, number - 2), then};");
    add("a store that is away is the program's fault", "Cause", "return contains(cause, INFRASTRUCTURE) && !stateMissing(cause);", "return false;");
    add("after a failure it starts from what it started from", "Start", "return anotherFrom(job.left(c)).and(\"tries\"", "return anotherFrom(new Left(false, l.get(\"savepoint\"), \"\", false)).and(\"tries\"");
    // Submit.
    add("a superseded submission goes on", "Submit", "if (!l.wanted.isEmpty() && !l.wanted.equals(s.revision)) return", "if (false) return");
    add("copies of a ledger are ledgers", "Submit", "return l.has(\"self\") && !l.is(\"self\", l.uid);", "return false;");
    add("a first start does not look into the store", "Submit", "List<Stored> states = s.startAnyhow || s.mode == Mode.STATELESS ? null : c.states();", "List<Stored> states = null;");
    add("a nonce of before a lost ledger counts", "Submit", "if (l.jobId().isEmpty()) return first();\n", "if (l.jobId().isEmpty() && !anew()) return first();\n");
    add("one submission uses one id twice", "Submit", "return s.id(s.uid + \"/\" + l.jobId());", "return s.id(s.uid);");
    add("what never ran and began anew counts", "Submit", "if (l.has(\"previousRevision\") && !l.has(\"atLeast\")", "if (false && !l.has(\"atLeast\")");
    add("what a revision has made final is rolled back", "Submit", "if (!left.path.equals(l.get(\"savepoint\"))) {\n      // What", "if (false) {\n      // What");
    add("a revision is rolled back to itself", "Submit", "if (l.is(\"previousRevision\", s.revision)) return Start.NOTHING_BEFORE;", "");
    add("the program is not looked at before", "Submit", "if (running && !s.carried && !c.memory.checked) {", "if (false) {");
    add("a nonce that was acted on is acted on again", "Start", "return l.has(\"nonce\") ? new String[] {\"restoreNonce\", l.get(\"nonce\")} : new String[0];", "return new String[0];");
    add("a stopped job is claimed from nothing", "Submit", "return new String[] {l.get(\"savepoint\"), l.get(\"atLeast\")};", "return new String[] {\"\", \"\"};");
    add("what a guess falls back on is lost", "Submit", "return new String[] {l.get(\"savepoint\"), l.get(\"atLeast\")};", "return new String[] {l.get(\"savepoint\"), \"\"};");
    add("paused is no reason", "Submit", "if (l.phase() == Phase.STOPPED && l.is(\"paused\", \"true\") && sameJob() && !s.resume) return keep(\"is paused\");", "");
    // Guard.
    add("a guard does not look whether it is wanted", "Guard", "return l.wanted.isEmpty() || l.wanted.equals(s.revision);", "return true;");
    add("a lost job is brought back from what it was started from", "Guard", "Left left = job.left(c);\n    return bringBack(left.path, left.atLeast,", "return bringBack(l.get(\"savepoint\"), \"\",");
    add("a stop by hand is the job's end", "Guard", "if (left.finished) return Action.write(Phase.FINISHED, \"message\", \"\");", "if (true) return Action.write(Phase.FINISHED, \"message\", \"\");");
    add("that a job was seen to end is forgotten", "Ending", "if (c.memory.finished.equals(id)) {", "if (false) {");
    add("a leader that starts nothing is waited for", "Guard", "if (s.carried && !Application.startsNothing(c)) return", "if (s.carried) return");
    add("a stop by hand is undone", "Guard", "boolean ours = l.has(\"target\")", "boolean ours = true || l.has(\"target\")");
    add("a stopped job stays stopped", "Guard", "if (!off && !l.is(\"submission\", \"removal\") && !overdue()) return say(", "if (true) return say(");
    add("a stop that nobody finishes stays so", "Guard", "if (!overdue() && !l.is(\"submission\", s.uid)) return say(\"The job is being stopped.\");", "if (true) return Action.well(SELDOM, \"The job is being stopped.\");");
    add("a guard that cannot stop a job leaves it as if it could", "Guard", "if (l.phase() == Phase.UPGRADING && wanted() && Ending.runsOn(c)) {", "if (false) {");
    add("all is well while a job is stopped", "Guard", "private Action.Wait say(String message) {\n    return Action.wait(", "private Action.Wait say(String message) {\n    return Action.well(");
    add("a claim that its submission has left stays", "Guard", "if (!begun() && wanted() && l.has(\"deadline\")", "if (false && l.has(\"deadline\")");
    add("the guard of a failed update that was taken back does nothing", "Guard", "return failed || begun() ? submit() : say(", "return begun() ? submit() : say(");
    // Applications.
    add("a launcher starts beside another pod", "Application", "if (c.settings.highAvailability) return;\n    for", "if (true) return;\n    for");
    add("a launcher starts again from what the job was started from", "Application", "Left left = Ending.gone().left(c);", "Left left = new Left(false, l.get(\"savepoint\"), \"\", false);");
    add("a launcher does not say that nothing runs there", "Application", "case NOTE:\n          return idle(c);", "case NOTE:\n          throw c.later(\"Waiting.\");");
    add("a launcher of another revision does not say that nothing runs there", "Application", "if (other) return idle(c);", "if (other) throw c.later(\"Waiting.\");");
    add("an application whose start has failed is started by no update", "Application", "case STOP:\n          return Submit.decide(c);", "case STOP:\n          return Action.failure(l.get(\"message\"));");
    add("an application's job that has ended is waited for", "Start", "if (!Application.startsNothing(c)) throw", "if (true) throw");
    add("a launcher starts what is being stopped", "Application", "case NOTE:\n          return idle(c);", "case NOTE:\n          return job(l.jobId(), l.get(\"savepoint\"));");
    add("a launcher starts what another revision is for", "Application", "boolean other = !l.is(\"revision\", c.settings.revision);", "boolean other = false;");
    add("a launcher starts what it has not written", "Application", "return Action.note(\"launched\", c.ledger.jobId(), \"idle\", \"\").then(job(c.ledger.jobId(), c.ledger.get(\"savepoint\")));", "return job(c.ledger.jobId(), c.ledger.get(\"savepoint\"));");
    add("a JobManager whose job has ended is left alone", "Application", "if (jobs.value.byId.values().stream().allMatch(Effects.Job::ended)) return", "if (false) return");
    add("a follower gives up for good what the infrastructure has hindered", "Application", "return Guard.begun(l) ? Action.failure(why) : failed(c, why, true);", "return failed(c, why, false);");
    // The pods of an application that has finished.
    add("the pods of a finished application end at once", "Sleep", "if (c.now - since * 1000 < c.settings.ttl) return null;", "");
    add("how many pods there were is not noted", "Sleep", "if (!l.is(\"asleep\", numbers.toString())) return Action.note(\"asleep\", numbers.toString());", "");
    add("a request to let pods end that comes late is not thought of", "Sleep", "if (c.lasting(\"awake\") < ON_ITS_WAY) return null;", "");
    add("the pods of a finished application do not come back", "Guard", "if (wake != null) return wake;", "");
    add("who is to stop a job as its guard goes gives up", "Runner", " || settings.program == Program.REMOVAL && !none", "");
    // Looking twice.
    addStale("nothing is decided twice", "Runner", "if (!round.blind && (turnsReady || !action.onOneLook())) {", "if (false) {");
    addStale("the second look is the first", "Runner", "round = round.anew(ledger.value);", "");
    // The short programs.
    add("no answer is \"not removed\"", "Programs", "return Action.wait(500, \"The Kubernetes API does not say whether", "return Action.success(\"The Kubernetes API does not say whether");
    add("a removal leaves the job", "Programs", "return new Stop(late ? c.with(cancelling(c.settings)) : c, false, by, by).decide();", "return Action.success(\"gone\");");
    add("prepare does not stop", "Programs", "return new Stop(c, false, goesOn, goesOn).decide();", "return Action.success(\"ready\");");
    add("needed states are disposed of", "Savepoint", "if (l.needs(old) || old.equals(path)) continue;", "");
    add("a refusal is what asks for patience", "Answer", "if (status == 401 || status == 408 || status == 425 || status == 429) return Kind.UNCLEAR;", "");
    add("writes that conflict are taken for written", "Runner", "if (!answer.ok()) return answer.is(Answer.Kind.CONFLICT) ? 0 : 500;", "");
  }

  /** What a mutant was caught by; empty when it was not. Compiles its file with the error in, and runs the simulation on that. */
  static String caughtBy(Mutant mutant, int seeds) {
    try {
      Path folder = Files.createTempDirectory("mutant");
      try {
        String text = Files.readString(Path.of("src/main/java/flink/kubernetes/agent", mutant.file + ".java"));
        int at = text.indexOf(mutant.from);
        if (at < 0 || text.indexOf(mutant.from, at + 1) >= 0) throw new IllegalStateException("\"" + mutant.what + "\" must occur once in " + mutant.file + ": " + mutant.from);
        Path copy = Files.writeString(folder.resolve(mutant.file + ".java"), text.replace(mutant.from, mutant.to));
        URL main = Runner.class.getProtectionDomain().getCodeSource().getLocation();
        URL tests = Mutants.class.getProtectionDomain().getCodeSource().getLocation();
        String[] arguments = {"-d", folder.toString(), "-cp", main.getPath(), "-nowarn", "-proc:none", "-g:none", copy.toString()};
        if (ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments) != 0) throw new IllegalStateException("\"" + mutant.what + "\" does not compile.");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL(), main, tests}, ClassLoader.getPlatformClassLoader())) {
          return (String) loader.loadClass("flink.kubernetes.agent.Hunt").getMethod("hunt", int.class, boolean.class).invoke(null, seeds, mutant.stale);
        }
      } finally {
        try (Stream<Path> files = Files.walk(folder)) {
          files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (ReflectiveOperationException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** What each was caught by; empty: it was missed. */
  static final class Caught {
    private final Map<Mutant, String> by = Collections.synchronizedMap(new LinkedHashMap<>());

    List<String> missed() {
      List<String> missed = new ArrayList<>();
      by.forEach((mutant, what) -> {
        if (what.isEmpty()) missed.add(mutant.what);
      });
      return missed;
    }

    /** How many were caught by which invariant. */
    String summary() {
      Map<String, Integer> rules = new TreeMap<>();
      int scenarios = 0;
      for (String what : by.values()) {
        if (what.isEmpty()) continue;
        if (what.startsWith("scenario")) scenarios++;
        rules.merge(what.split("\n")[1].split(": ")[0], 1, Integer::sum);
      }
      int all = by.size() - missed().size();
      return String.format("%d deliberate errors: %d were caught, %d in scenarios and %d in lives at random, by %s.%s", by.size(), all, scenarios, all - scenarios, rules, missed().isEmpty() ? "" : " Missed: " + missed() + ".");
    }

    String table() {
      StringBuilder text = new StringBuilder("| deliberate error | in | caught by |\n|---|---|---|\n");
      for (Mutant mutant : ALL) {
        String what = by.get(mutant);
        if (what != null) text.append("| ").append(mutant.what).append(" | ").append(mutant.file).append(" | ").append(what.isEmpty() ? "**missed**" : what.split("\n")[1] + " (" + what.split("\n")[0] + ")").append(" |\n");
      }
      return text.toString();
    }
  }

  /** Each is tried on a core of its own, with so many seeds when no scenario catches it. */
  static Caught tryAll(int seeds) {
    return trySome(ALL, seeds);
  }

  private static Caught trySome(List<Mutant> chosen, int seeds) {
    Caught caught = new Caught();
    Cores.each(chosen, mutant -> {
      try {
        caught.by.put(mutant, caughtBy(mutant, seeds));
      } catch (IllegalStateException wrong) {
        System.out.println(wrong.getMessage());
        caught.by.put(mutant, "");
      }
    });
    return caught;
  }

  /** `java … Mutants [SEEDS [PART OF THE NAME]]` */
  public static void main(String[] arguments) {
    int seeds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 600;
    List<Mutant> chosen = ALL.stream().filter(mutant -> arguments.length < 2 || mutant.what.contains(arguments[1])).collect(Collectors.toList());
    Caught caught = trySome(chosen, seeds);
    System.out.println(caught.table() + caught.summary());
  }
}
