package flink.kubernetes.agent;

import flink.kubernetes.agent.Effects.Checkpoints;
import flink.kubernetes.agent.Effects.Deployment;
import flink.kubernetes.agent.Effects.Jobs;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Ending.Left;
import java.util.List;
import java.util.Map;

/** Sees to it that the job runs which the ledger says is to be started, from the state that stands there: for a submission, a guard and a rollback alike. */
final class Start {
  /** For so long a request to start may be answered, before it is made void and made anew. */
  static final long PATIENCE = 10_000;
  /** So often a guard starts again what fails for what may be the program's own fault. */
  private static final int TRIES = 3;

  private final Case c;
  private final Ledger l;
  private final Settings s;

  Start(Case c) {
    this.c = c;
    this.l = c.ledger;
    this.s = c.settings;
  }

  /**
   * Where a job may be started: the one JobManager that there is. While the API has another pod of it that has not ended, a job may still run there, whatever became
   * of its node. With high availability the leader sees to that.
   */
  static Pod place(Case c) {
    List<Pod> pods = c.pods();
    if (pods.size() > 1 && !c.settings.highAvailability) {
      Pod other = pods.get(0);
      for (Pod pod : pods) if (pod.terminating || !pod.running) other = pod;
      throw c.later("There are " + pods.size() + " pods of a JobManager without high availability, and nothing is started before one of them has ended: " + other + "." + Ending.alone());
    }
    String silent = "";
    for (Pod pod : pods) {
      if (!pod.running || pod.terminating && !c.settings.highAvailability) continue;
      Answer<Jobs> jobs = c.jobs(pod);
      if (jobs.ok()) return pod;
      silent = ": " + pod + ", " + jobs.problem;
    }
    throw c.later("No JobManager answers" + silent + ".");
  }

  /** As {@link #place}, of the JobManager that this revision is for. */
  static Pod placeForThisRevision(Case c) {
    Deployment jobManager = c.jobManager();
    if (jobManager == null || !jobManager.restartHash.equals(c.settings.restartHash)) {
      throw c.later("The JobManager is another one than this revision is for (" + (jobManager == null ? "none" : jobManager.restartHash) + " and not " + c.settings.restartHash + "). Run the update of this job.");
    }
    return place(c);
  }

  /** The next step; a Verdict when the job cannot be started. When it runs as it should: what is then written. */
  Action decide() {
    String id = l.jobId();
    Pod place = s.carried ? null : placeForThisRevision(c);
    for (Map.Entry<String, Pod> other : Ending.others(c, id).entrySet()) {
      return Action.request("cancel " + other.getKey(), e -> e.flink.cancel(other.getValue(), other.getKey()));
    }
    Ending job = Ending.of(c, id);
    switch (job.word) {
      case UNKNOWN:
        // What a leader may be about to take up is not started beside it; an id that this process has just written nobody has asked to start.
        if (!s.highAvailability || place == null || !c.memory.wrote.equals(id) || c.memory.ranFor.equals(id)) throw c.later(job.why);
        return absent(place);
      case GONE:
        if (!s.carried) return absent(place);
        if (!Application.startsNothing(c)) throw c.later("The JobManager does not know job " + id + " yet.");
        return anotherFrom(job.left(c)).and(Stop.abandoned(c));
      case ALIVE:
        return alive(job);
      case FINISHED:
        Left left = job.left(c);
        if (left.finished) return runs(Phase.FINISHED, "");
        return Action.write(Phase.STOPPED, "savepoint", left.path, "checkpoint", left.path, "states", l.made("savepoint", left.path, c.now), "jobManager", "", "atLeast", "", "paused", "true")
            .and("message", "Somebody stopped job " + id + " with a savepoint: it is paused.").and(NOTHING_BEFORE).and(acted(l));
      case CANCELED:
        throw c.verdict("The job was cancelled by somebody else before it ran.");
      default:
        return failed(job);
    }
  }

  private String process(Pod pod) {
    Answer<Jobs> jobs = c.jobs(pod);
    return jobs.ok() ? jobs.value.process : "";
  }

  /** No JobManager knows the job. */
  private Action absent(Pod place) {
    String process = process(place);
    if (!l.has("jobManager")) return Action.note("jobManager", process);
    // A leader that has forgotten how the job ended may be any process.
    if (!l.is("jobManager", process) || s.highAvailability && !asItBegan(Ending.of(c, l.jobId()))) return goOn(process);
    if (!c.memory.refused.isEmpty()) {
      throw new Case.Verdict("The job could not be started: " + c.memory.refused + ".", Cause.infrastructure(c.memory.refused));
    }
    boolean backAgain = !l.is("revision", s.revision);
    String jar = backAgain ? keptJar(place) : c.memory.jarOn.equals(process) ? c.memory.jar : "";
    if (!jar.isEmpty() && (!backAgain || !c.memory.ranFor.equals(l.jobId()) || c.now - c.memory.ran >= PATIENCE)) {
      return Action.request("run " + l.jobId() + " from " + l.get("savepoint") + " with " + jar, e -> e.flink.run(place, jar, l.jobId(), l.get("savepoint")), (memory, answer) -> {
        // One request a jar: a jar that is gone makes void what was asked for with it.
        memory.jar = "";
        memory.ran = c.now;
        memory.ranFor = l.jobId();
        memory.refused = answer.is(Answer.Kind.REFUSED) ? answer.problem : "";
      });
    }
    if (c.memory.ranFor.equals(l.jobId()) && c.now - c.memory.ran < PATIENCE) throw c.later("Waiting for job " + l.jobId() + ".");
    return upload(c, place, l.jobId());
  }

  /** A request to start a job runs the program's main method, for as long as that takes. Flink starts no job whose jar is gone: deleting it makes the request void. */
  static Action voidRequests(Case c, String id) {
    for (Pod pod : c.pods()) {
      if (!pod.running) continue;
      Answer<List<String>> jars = c.see("jars " + pod.name, e -> e.flink.jars(pod));
      if (!jars.ok()) throw c.later("The JobManager " + pod + " does not list its jars: " + jars.problem + ".");
      for (String jar : jars.value) {
        if (jar.endsWith(id + ".jar") || c.ledger.has("jobManager") && c.ledger.is("jarId", jar)) return Action.request("delete jar " + jar, e -> e.flink.deleteJar(pod, jar));
      }
    }
    return null;
  }

  static Action upload(Case c, Pod place, String id) {
    Action fence = voidRequests(c, id);
    if (fence != null) return fence;
    String process = c.jobs(place).value.process;
    return Action.request("upload to " + process + " for " + id, e -> e.flink.upload(place, id), (memory, answer) -> {
      memory.jar = answer.ok() ? (String) answer.value : "";
      memory.jarOn = process;
      memory.refused = answer.is(Answer.Kind.REFUSED) ? answer.problem : "";
    });
  }

  /** The jar of the revision that is put back, where its last start has left it. */
  private String keptJar(Pod place) {
    Answer<List<String>> jars = c.see("jars " + place.name, e -> e.flink.jars(place));
    if (!jars.ok()) throw c.later("The JobManager does not list its jars: " + jars.problem + ".");
    if (!l.has("jarId") || !jars.value.contains(l.get("jarId"))) {
      throw c.verdict("Its jar is no longer on the JobManager, whose pod has changed since. Run the update with the arguments of that revision to start it.");
    }
    return l.get("jarId");
  }

  private boolean asItBegan(Ending job) {
    Left left = job.left(c);
    return left.path.equals(l.get("savepoint")) && left.atLeast.equals(l.get("atLeast"));
  }

  /** The JobManager on which the job was to be started has gone: what it has completed a checkpoint of was given out, and must not be given out again. */
  private Action goOn(String process) {
    Ending job = Ending.of(c, l.jobId());
    if (asItBegan(job)) return Action.note("jobManager", process);
    Left left = job.left(c);
    return another(left.path, left.atLeast).and("jobManager", process).and(NOTHING_BEFORE).and(acted(l));
  }

  /** Going back behind what a job has given out, to what the revision before was stopped with, would be wrong. */
  static final String[] NOTHING_BEFORE = {"previousRevision", "", "previousDefinition", "", "previousRequest", "", "previousJarId", "", "previousJarHash", "", "previousSavepoint", ""};

  /** A job that has made a state has acted on its nonce, whether or not anybody saw it run. */
  static String[] acted(Ledger l) {
    return l.has("nonce") ? new String[] {"restoreNonce", l.get("nonce")} : new String[0];
  }

  private Action.Write another(String from, String atLeast) {
    return Action.note("jobId", s.next(l.jobId()), "savepoint", from, "atLeast", atLeast, "checkpoint", "", "checkpointed", "");
  }

  /** Under another id from what the job has left. */
  private Action.Write anotherFrom(Left left) {
    Action.Write write = another(left.path, left.atLeast);
    return left.path.equals(l.get("savepoint")) ? write : write.and(NOTHING_BEFORE).and(acted(l));
  }

  private Action alive(Ending job) {
    if (job.job.state.equals("CANCELLING")) throw c.later("Job " + l.jobId() + " is being cancelled by somebody else.");
    if (!job.job.allRunning && !(s.bounded && job.job.state.equals("RUNNING"))) throw c.later("Job " + l.jobId() + " is " + job.job.state + ", and its tasks do not all run.");
    Answer<Checkpoints> answer = c.see("checkpoints " + job.pod.name + " " + l.jobId(), e -> e.flink.checkpoints(job.pod, l.jobId()));
    if (!answer.ok()) throw c.later("The JobManager does not say what checkpoints job " + l.jobId() + " has: " + answer.problem + ".");
    if (!s.bounded && answer.value.interval > 0 && answer.value.completed == 0) {
      if (c.lasting("first checkpoint") % 30_000 < 1_000) return Action.request("checkpoint " + l.jobId(), e -> e.flink.checkpoint(job.pod, l.jobId()));
      throw c.later("Job " + l.jobId() + " runs: waiting for its first checkpoint.");
    }
    return runs(Phase.RUNNING, answer.value.latest).and("checkpointed", answer.value.latest.isEmpty() ? "" : c.now / 1000 + " " + answer.value.interval);
  }

  private Action.Write runs(Phase phase, String checkpoint) {
    String jar = s.carried ? "" : l.has("jarId") ? l.get("jarId") : jarOf(l.jobId());
    return Action.write(phase, "jobManager", "", "jarId", jar, "atLeast", "", "restoredFrom", l.get("savepoint"), "checkpoint", checkpoint, "checkpointed", "", "message", "", "deadline", "", "until", "", "retry", "", "tries", "", "rollback", "")
        .and(NOTHING_BEFORE);
  }

  private String jarOf(String id) {
    for (Pod pod : c.pods()) {
      Answer<List<String>> jars = c.see("jars " + pod.name, e -> e.flink.jars(pod));
      if (jars.ok()) for (String jar : jars.value) if (jar.endsWith(id + ".jar")) return jar;
    }
    return "";
  }

  private Action failed(Ending job) {
    Answer<String> answer = c.see("failure " + job.pod.name, e -> e.flink.failure(job.pod, l.jobId()));
    if (!answer.ok()) throw c.later("The JobManager does not say why job " + l.jobId() + " failed: " + answer.problem + ".");
    String cause = answer.value;
    if (Cause.stateMissing(cause) && l.has("atLeast")) {
      String[] next = earlier(l);
      return another(next[0], next[1]).and("deadline", Stop.until(c, s.startTimeout));
    }
    boolean infrastructure = Cause.infrastructure(cause);
    int tries = l.has("tries") ? l.get("tries").length() : 0;
    if (infrastructure || tries < (l.is("submission", "guard") ? TRIES : 0)) {
      if (c.lasting("failed " + l.jobId()) < 10_000) throw c.later("The job failed: " + cause + ". Trying again soon.");
      return anotherFrom(job.left(c)).and("tries", infrastructure ? "" : l.get("tries") + "x");
    }
    throw c.verdict("The job failed: " + (cause.isEmpty() ? "Flink names no cause" : cause) + ".");
  }

  /** What was tried is not there: the one before it, and what then. */
  static String[] earlier(Ledger l) {
    String tried = l.get("savepoint"), then = l.get("atLeast"), next = then.split("\n")[0];
    long number = Ending.number(tried);
    // A job's own numbers begin after the one that it was started from.
    if (number > 1 && number - 1 != Ending.number(next)) return new String[] {Ending.numbered(tried, number - 1), then};
    return new String[] {next.equals("none") ? "" : next, then.length() > next.length() ? then.substring(next.length() + 1) : ""};
  }
}
