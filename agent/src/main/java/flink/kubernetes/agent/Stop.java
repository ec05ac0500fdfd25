package flink.kubernetes.agent;

import flink.kubernetes.agent.Effects.Checkpoints;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Effects.Stored;
import flink.kubernetes.agent.Ending.Left;
import flink.kubernetes.agent.Settings.Mode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/**
 * Brings the ledger's job to rest, so that nothing of it runs and its state stands in the ledger. In this order, whoever does it: the ledger says that the job is
 * being stopped, so nobody else starts it; what asks for its start is made void; it is stopped; what it left is written down.
 */
final class Stop {
  /** How long whoever stops a job may take to go on. */
  static final long TO_GO_ON = 120_000;
  private static final int TRIES = 2;
  static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Case c;
  private final Ledger l;
  private final Settings s;
  /** No state is wanted of it. */
  private final boolean anew;
  /** What else is written when the stop begins, and when it is done. */
  private final String[] begins;
  private final String[] ends;

  Stop(Case c, boolean anew, String[] begins, String[] ends) {
    this.c = c;
    this.l = c.ledger;
    this.s = c.settings;
    this.anew = anew;
    this.begins = begins;
    this.ends = ends;
  }

  Action decide() {
    String id = l.jobId();
    if (l.phase() != Phase.UPGRADING) return begin(Ending.of(c, id));
    Action fence = fence();
    if (fence != null) return fence;
    Ending job = Ending.of(c, id);
    if (job.word == Ending.Word.UNKNOWN) throw c.later(job.why);
    return job.over() ? rest(job) : l.has("trigger") && s.mode == Mode.SAVEPOINT ? withSavepoint(job) : cancel(job);
  }

  private Action begin(Ending job) {
    if (job.word == Ending.Word.UNKNOWN) throw c.later(job.why);
    if (job.over() || anew || s.mode == Mode.STATELESS) return upgrading("");
    if (s.mode == Mode.SAVEPOINT) {
      if (s.savepoints.isEmpty()) {
        throw c.verdict("Job " + l.jobId() + " runs, and upgradeMode is \"savepoint\", but the cluster has no durable storage to put a savepoint in. It was left running. Either give the cluster durable storage, or set upgradeMode: \"stateless\".");
      }
      if (job.job.allRunning) return upgrading(trigger(1));
      // A savepoint needs every task.
      if (!s.fallback || c.lasting("limping") < s.startTimeout / 4) throw c.later("Job " + l.jobId() + " cannot take a savepoint yet: its tasks do not all run.");
    }
    Checkpoints known = checkpoints(job.pod);
    // What has never run as it should, and completed nothing, has nothing to lose.
    boolean ran = l.phase() == Phase.RUNNING && l.has("restoreNonce");
    if (known.completed > 0 || !known.restored.isEmpty() || !ran) return upgrading("");
    if (!job.job.allRunning) throw c.later("Job " + l.jobId() + " has no complete checkpoint, and its tasks do not all run.");
    if (c.lasting("no checkpoint") % 30_000 < 1_000) return Action.request("checkpoint " + l.jobId(), e -> e.flink.checkpoint(job.pod, l.jobId()));
    throw c.later("Job " + l.jobId() + " has no complete checkpoint yet.");
  }

  private Action.Write upgrading(String trigger) {
    String revision = l.get("revision").isEmpty() ? "unknown" : l.get("revision");
    String target = trigger.isEmpty() ? "" : s.savepoints + "/" + s.job + "/" + TIME.format(Instant.ofEpochMilli(c.now)) + "-" + revision + "-" + trigger;
    return Action.write(Phase.UPGRADING, "revision", revision, "jobId", l.jobId(), "trigger", trigger, "target", target, "until", until(c, s.startTimeout + TO_GO_ON), "pausing", "", "idle", "").and(begins);
  }

  static String until(Case c, long more) {
    return Long.toString((c.now + more) / 1000);
  }

  private String trigger(int attempt) {
    return Settings.hash(l.jobId() + "/" + s.uid + "/" + attempt, 32);
  }

  /**
   * A start that nobody has seen to its end may still be under way: its request runs the program's main method. Flink cannot start a job whose jar is gone, so the
   * jar is deleted before anything is concluded from the job's absence.
   */
  private Action fence() {
    if (s.carried || !l.has("jobManager")) return null;
    return Start.voidRequests(c, l.jobId());
  }

  private Action withSavepoint(Ending job) {
    String id = l.jobId(), trigger = l.get("trigger"), target = l.get("target");
    Answer<String> taken = c.see("savepoint " + job.pod.name, e -> e.flink.savepoint(job.pod, id, trigger));
    if (taken.ok()) throw c.later("Job " + id + " is being stopped with a savepoint in " + target + ".");
    if (taken.is(Answer.Kind.REFUSED)) return failed("The savepoint failed: " + taken.problem);
    if (!taken.is(Answer.Kind.NOT_FOUND)) throw c.later("The JobManager does not say what became of the savepoint of job " + id + ": " + taken.problem + ".");
    if (!c.memory.asked.equals(trigger) || s.highAvailability) {
      // Perhaps it was asked for before, and whoever knew of it has gone: the next leader then starts the job from before the savepoint, which has made its output final.
      List<Stored> states = c.states();
      boolean complete = states != null && states.stream().anyMatch(state -> state.path.startsWith(target + "/"));
      if (complete && checkpoints(job.pod).completed == 0) return cancel(job);
    }
    if (!c.memory.refused.isEmpty()) return failed("The savepoint was refused: " + c.memory.refused);
    if (!job.job.allRunning) {
      if (s.fallback && c.lasting("limping") > s.startTimeout / 4) return upgrading("");
      throw c.later("Job " + id + " cannot take a savepoint: its tasks do not all run.");
    }
    return Action.request("stop " + id + " with " + trigger, e -> e.flink.stop(job.pod, id, target, trigger), (memory, answer) -> {
      memory.asked = trigger;
      memory.refused = answer.is(Answer.Kind.REFUSED) ? answer.problem : "";
    });
  }

  private Action failed(String why) {
    for (int attempt = 1; attempt < TRIES; attempt++) {
      if (l.is("trigger", trigger(attempt)) && c.memory.refused.isEmpty()) return upgrading(trigger(attempt + 1));
    }
    throw c.verdict("Job " + l.jobId() + " could not be stopped with a savepoint. " + why + ". It was left running.");
  }

  private Action cancel(Ending job) {
    if (job.job.state.equals("CANCELLING") && c.lasting("cancelling") < 20_000) throw c.later("Job " + l.jobId() + " is being cancelled.");
    return Action.request("cancel " + l.jobId(), e -> e.flink.cancel(job.pod, l.jobId()));
  }

  /** It is over. Whatever else runs under this FlinkJob's name ends, too. */
  private Action rest(Ending job) {
    for (Map.Entry<String, Pod> other : Ending.others(c, l.jobId()).entrySet()) {
      return Action.request("cancel " + other.getKey(), e -> e.flink.cancel(other.getValue(), other.getKey()));
    }
    String[] done = {"idle", "", "trigger", "", "stopAttempt", "", "jobManager", "", "until", until(c, TO_GO_ON), "paused", l.is("pausing", "true") ? "true" : "", "pausing", "", "message", ""};
    Left left = left(job);
    if (job.word == Ending.Word.GONE && abandoned(c).length > 0) return Action.note(abandoned(c));
    if (left.finished) return Action.write(Phase.FINISHED, done).and(ends).and("target", "", "restart", "", "restartGeneration", "", "paused", "");
    boolean own = !left.path.isEmpty() && left.atLeast.isEmpty() && !left.path.equals(l.get("savepoint"));
    Action.Write write = Action.write(Phase.STOPPED, done).and("target", "", "savepoint", left.path, "atLeast", left.atLeast);
    if (own) write.and("states", l.made(left.stopped ? "savepoint" : "checkpoint", left.path, c.now), "checkpoint", left.path).and(Start.acted(l));
    if (!left.path.equals(l.get("savepoint")) || !left.atLeast.isEmpty()) write.and(Start.NOTHING_BEFORE);
    return write.and(ends);
  }

  /** The next JobManager of an application is not to take up this job, which is no longer known. */
  static String[] abandoned(Case c) {
    String id = c.ledger.jobId(), before = c.ledger.get("abandoned");
    boolean already = !c.settings.carried || !c.settings.highAvailability || before.contains(id);
    return already ? new String[0] : new String[] {"abandoned", (before + " " + id).trim()};
  }

  private Left left(Ending job) {
    if (s.mode == Mode.STATELESS) return new Left(job.word == Ending.Word.FINISHED, "", "", false);
    try {
      return job.left(c);
    } catch (Case.Verdict unknown) {
      if (!anew) throw unknown;
      return new Left(false, "", "", false);
    }
  }

  private Checkpoints checkpoints(Pod pod) {
    Answer<Checkpoints> answer = c.see("checkpoints " + pod.name + " " + l.jobId(), e -> e.flink.checkpoints(pod, l.jobId()));
    if (!answer.ok()) throw c.later("The JobManager does not say what checkpoints job " + l.jobId() + " has: " + answer.problem + ".");
    return answer.value;
  }
}
