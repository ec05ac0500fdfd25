package flink.kubernetes.agent;

import flink.kubernetes.agent.Effects.Checkpoints;
import flink.kubernetes.agent.Effects.Job;
import flink.kubernetes.agent.Effects.Jobs;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Effects.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The one place that says how a job is or ended, and what it left. */
final class Ending {
  /** Flink may answer from what it knew so many milliseconds ago (web.refresh-interval, and some more). */
  static final long NEWS = 5_000;
  /** For so long a new leader may not yet know the jobs that it is about to take up, nor that one which it saw end has to be. */
  static final long RECOVERY = 20_000;
  /** At most so many checkpoints are tried that may not be there: each shows as a failed job. */
  static final long GUESSES = 50;

  enum Word { ALIVE, FINISHED, FAILED, CANCELED, GONE, UNKNOWN }

  final Word word;
  /** Flink's details, and the pod that gave them; null when no pod knows the job. */
  final Job job;
  final Pod pod;
  /** Of an UNKNOWN one: why. */
  final String why;

  private Ending(Word word, Job job, Pod pod, String why) {
    this.word = word;
    this.job = job;
    this.pod = pod;
    this.why = why;
  }

  boolean alive() {
    return word == Word.ALIVE;
  }

  /** It has ended, or nobody can know it any more. */
  boolean over() {
    return word != Word.ALIVE && word != Word.UNKNOWN;
  }

  /** Of a job that whoever asks knows to run nowhere. */
  static Ending gone() {
    return new Ending(Word.GONE, null, null, "");
  }

  /** How a job is. Silence is not "no": unless every process that may run it says that it does not, the answer is UNKNOWN. */
  static Ending of(Case c, String id) {
    String silent = "";
    boolean heard = false;
    for (Pod pod : c.pods()) {
      // What a process knew goes with it, unless high availability keeps it.
      if (!pod.running || c.settings.carried && idle(c.ledger, id, pod)) continue;
      Answer<Jobs> answer = c.jobs(pod);
      if (!answer.ok()) {
        silent = "The JobManager " + pod + " does not say how job " + id + " is: " + answer.problem + ".";
        continue;
      }
      heard = true;
      Job job = answer.value.byId.get(id);
      if (job == null) continue;
      if (!job.ended()) c.memory.unheard = 0;
      if (!job.ended() || !c.settings.highAvailability || c.now - c.memory.unheard >= RECOVERY) return new Ending(word(job), job, pod, "");
      return new Ending(Word.UNKNOWN, null, null, "Job " + id + " is " + job.state + " on the JobManager " + pod + ", which may be about to take it up again.");
    }
    if (!silent.isEmpty()) c.memory.unheard = c.now;
    if (c.settings.carried && silent.isEmpty() && !heard) return gone();
    if (c.settings.highAvailability) {
      if (!heard) return new Ending(Word.UNKNOWN, null, null, silent.isEmpty() ? "There is no JobManager that runs." : silent);
      if (c.lasting("missing " + id) < RECOVERY) return new Ending(Word.UNKNOWN, null, null, "The JobManager does not know job " + id + ", and may be about to take it up.");
    } else if (!silent.isEmpty()) {
      return new Ending(Word.UNKNOWN, null, null, silent + alone());
    }
    return new Ending(Word.GONE, null, null, "");
  }

  /** Whether the launcher in this pod has said that it starts nothing of this job. */
  private static boolean idle(Ledger l, String id, Pod pod) {
    return l.get("idle").startsWith(id + " ") && (l.get("idle") + " ").contains(" " + pod.name + " ");
  }

  /** Whether the ledger's job runs, and goes on running, for all that is known. */
  static boolean runsOn(Case c) {
    try {
      Ending job = of(c, c.ledger.jobId());
      return job.alive() && !job.job.state.equals("CANCELLING");
    } catch (Case.Later unknown) {
      return false;
    }
  }

  /** What a person may do about a pod that does not end. */
  static String alone() {
    return " Its job may still run there. If its node is lost, remove the node (kubectl delete node), or the pod by force (kubectl delete pod --force), when nothing runs there any more.";
  }

  private static Word word(Job job) {
    return job.ended() ? Word.valueOf(job.state) : Word.ALIVE;
  }

  /** The ids of jobs of this FlinkJob, other than this one, that have not ended, and where each is. */
  static Map<String, Pod> others(Case c, String id) {
    Map<String, Pod> others = new java.util.LinkedHashMap<>();
    for (Pod pod : c.pods()) {
      if (!pod.running) continue;
      Answer<Jobs> answer = c.jobs(pod);
      if (answer.ok()) answer.value.byId.forEach((other, job) -> {
        if (!other.equals(id) && !job.ended()) others.put(other, pod);
      });
    }
    return others;
  }

  /** What a job that is over has left. */
  static final class Left {
    /** It came to its end by itself. */
    final boolean finished;
    /** What to go on from; empty: nothing. */
    final String path;
    /** What to try when that is not there, a line each; `none` is nothing. Empty: the path is known to be there. */
    final String atLeast;
    /** It was stopped with a savepoint. */
    final boolean stopped;

    Left(boolean finished, String path, String atLeast, boolean stopped) {
      this.finished = finished;
      this.path = path;
      this.atLeast = atLeast;
      this.stopped = stopped;
    }
  }

  /** What the ledger's job has left: it is over. The store is asked before a note is believed. */
  Left left(Case c) {
    String id = c.ledger.jobId(), started = c.ledger.get("savepoint");
    if (word == Word.FINISHED) return finished(c);
    List<Stored> states = c.states();
    if (states == null) return unseen(c);
    Stored best = newest(c, states);
    if (best == null && word == Word.GONE && c.settings.bounded && c.ledger.phase() == Phase.RUNNING) {
      throw c.verdict("The JobManager lost the bounded job " + id + " before it completed a checkpoint, so it may have come to its end. Run an update with another restoreNonce to start it again.");
    }
    if (best == null) return new Left(false, started, c.ledger.get("atLeast"), false);
    return new Left(false, best.path, "", best.savepoint);
  }

  /** FINISHED alone does not say that a job came to its end: stopped with a savepoint it is FINISHED, too. */
  private Left finished(Case c) {
    c.memory.finished = c.ledger.jobId();
    Checkpoints known = checkpoints(c);
    if (!known.stoppedWith.isEmpty()) return new Left(false, known.stoppedWith, "", true);
    List<Stored> states = c.states();
    Stored best = states == null ? null : newest(c, states);
    if (best != null && best.savepoint) return new Left(false, best.path, "", true);
    if (job.endedFor < NEWS) throw c.later("Waiting for what Flink says of the end of job " + c.ledger.jobId() + ".");
    return new Left(true, "", "", false);
  }

  private Checkpoints checkpoints(Case c) {
    Answer<Checkpoints> answer = c.see("checkpoints " + pod.name + " " + c.ledger.jobId(), e -> e.flink.checkpoints(pod, c.ledger.jobId()));
    if (!answer.ok()) throw c.later("The JobManager does not say what state job " + c.ledger.jobId() + " has left: " + answer.problem + ".");
    return answer.value;
  }

  /** The newest state of the ledger's job: one of its checkpoints, the savepoint that was to stop it, or one that a person stopped it with. Null: it has made none. */
  static Stored newest(Case c, List<Stored> states) {
    String id = c.ledger.jobId(), target = c.ledger.get("target");
    Stored best = null;
    for (Stored state : states) {
      boolean ours = state.checkpointOf(id) || !target.isEmpty() && state.savepoint && state.path.startsWith(target + "/");
      // A leader that went on from before a savepoint gives its number again.
      boolean newer = best == null || state.number > best.number || state.number == best.number && state.time > best.time;
      if (ours && newer) best = state;
    }
    if (best == null && startedAnew(c.ledger)) return null;
    if (best == null) for (Stored state : states) if (c.ledger.is("savepoint", state.path)) best = state;
    if (best == null) return null;
    boolean own = !c.ledger.is("savepoint", best.path);
    // Flink names a savepoint by the job, as far as it goes. It is of this job's life when it is newer in both ways.
    String name = "/savepoint-" + c.settings.prefix.substring(0, 6) + "-";
    for (Stored state : states) {
      if (state.savepoint && state.path.contains(name) && state.path.indexOf(name) == c.settings.savepoints.length() && state.number > best.number && state.time >= best.time) {
        best = state;
        own = true;
      }
    }
    return own ? best : null;
  }

  /** What the job was started from is not what the one before it left, so there may be newer states that are none of its. */
  private static boolean startedAnew(Ledger l) {
    return !l.is("nonce", l.get("restoreNonce"));
  }

  /** The same where this account may not look into the store: Flink's word or, where it knows nothing any more, the newest that there may be. */
  private Left unseen(Case c) {
    Ledger l = c.ledger;
    String id = l.jobId(), started = l.get("savepoint");
    if (word != Word.GONE) {
      Checkpoints known = checkpoints(c);
      if (job.endedFor < NEWS) throw c.later("Waiting for what Flink says of the last checkpoint of job " + id + ".");
      if (!known.stoppedWith.isEmpty()) return new Left(false, known.stoppedWith, "", true);
      if (known.latest.isEmpty()) return new Left(false, started, l.get("atLeast"), false);
      if (known.kept || word == Word.FAILED) return new Left(false, known.latest, "", false);
      throw c.verdict("Job " + id + " has ended, and its checkpoints were deleted with it (execution.checkpointing.externalized-checkpoint-retention). " + howToGoOn());
    }
    if (l.has("target")) {
      throw c.verdict("Job " + id + " was being stopped, and the JobManager has forgotten where its state is. If there is a complete savepoint in " + l.get("target") + " (a folder with the file _metadata), that is its state; if there is none, its newest checkpoint is. " + howToGoOn());
    }
    if (c.memory.finished.equals(id)) {
      throw c.verdict("Job " + id + " was FINISHED, and the JobManager died before it said whether somebody had stopped it with a savepoint. " + howToGoOn());
    }
    String noted = l.get("checkpoint").contains("/" + id + "/") ? l.get("checkpoint") : "";
    String[] when = l.get("checkpointed").split(" ");
    boolean told = when.length == 2 && Ledger.number(when[0]) >= 0 && Ledger.number(when[1]) >= 0;
    long at = told ? Ledger.number(when[0]) * 1000 : 0, interval = told ? Ledger.number(when[1]) : 0;
    if (c.memory.newest.contains("/" + id + "/")) {
      noted = c.memory.newest;
      at = c.memory.newestAt;
      interval = c.memory.interval;
    }
    if (!noted.isEmpty()) {
      // Clocks may differ by some minutes.
      long more = interval <= 0 ? GUESSES + 1 : (c.now - at + 180_000) / interval + 2;
      if (more > GUESSES) {
        throw c.verdict("The JobManager lost job " + id + ", whose newest known checkpoint is " + noted + "; its store cannot be looked at from here, and newer ones may be there. " + howToGoOn());
      }
      return new Left(false, numbered(noted, number(noted) + more), noted, false);
    }
    if (neverBegan(c)) return new Left(false, started, l.get("atLeast"), false);
    long from = started.isEmpty() ? 0 : number(started);
    if (from < 0) {
      throw c.verdict("The JobManager lost job " + id + ", which was started from " + started + ", and its store cannot be looked at from here. If there is a complete checkpoint in " + c.settings.checkpoints + "/" + id + " (a folder chk-<number> with the file _metadata), the newest is its state; if there is none, it goes on from " + started + ". " + howToGoOn());
    }
    List<String> then = new ArrayList<>();
    then.add(started.isEmpty() ? "none" : started);
    if (l.has("atLeast")) then.add(l.get("atLeast"));
    return new Left(false, c.settings.checkpoints + "/" + id + "/chk-" + (from + GUESSES), String.join("\n", then), false);
  }

  /** Whether the process on which the job was to be started is still there, and the only one: then it has not begun. */
  private static boolean neverBegan(Case c) {
    if (c.settings.carried) return false;
    for (Pod pod : c.pods()) {
      if (pod.running && !c.jobs(pod).value.process.equals(c.ledger.get("jobManager"))) return false;
    }
    return c.ledger.has("jobManager") && !c.pods().isEmpty() && c.pods().get(0).running;
  }

  /** The number of a checkpoint by its path; -1 for a savepoint, whose name does not tell. */
  static long number(String path) {
    int at = path.lastIndexOf("/chk-");
    return at >= 0 ? Ledger.number(path.substring(at + 5)) : -1;
  }

  static String numbered(String path, long number) {
    return path.substring(0, path.lastIndexOf("/chk-") + 5) + number;
  }

  static String howToGoOn() {
    return "To go on, set initialSavepoint to the state to start from, or leave it out to start from nothing, and give restoreNonce another value.";
  }
}
