package flink.kubernetes.agent;

import flink.kubernetes.agent.Case.Later;
import flink.kubernetes.agent.Case.Verdict;
import flink.kubernetes.agent.Effects.Jobs;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Ending.Left;

/** What an application needs besides {@link Submit}, which settles its next job: the launcher in its JobManager, and the Job that follows the start. */
final class Application {
  /** After so many processes that ended before the job ran it is the program's fault. */
  private static final int CRASHES = 3;
  /** So long the main method of a JobManager that leads may take. */
  private static final long STANDBY = 120_000;

  private Application() {}

  /**
   * Before Flink starts in this container: under which id the job starts, and from what. The message of its end is "job", the id and the state, a line each, or
   * "none". It starts nothing that it has not written: so whoever stops the job either hinders that write, or sees it and waits for the JobManager.
   */
  static Action launch(Case c) {
    Ledger l = c.ledger;
    try {
      if (!l.owner.equals(c.settings.owner)) throw c.later("The ledger belongs to another job (cluster/job \"" + l.owner + "\").");
      if (Submit.copied(l)) throw c.later(Submit.COPIED);
      boolean other = !l.is("revision", c.settings.revision);
      if (other && l.phase().atRest()) throw c.later("This is revision " + c.settings.revision + ", and the ledger says that " + (l.has("revision") ? l.get("revision") : "none") + " is to run.");
      if (other) return idle(c);
      switch (Table.duty(Program.LAUNCH, l.phase())) {
        case LEAVE:
          return none(c);
        case WAIT:
          // An engine that waits for this JobManager makes only then whoever starts the job.
          if (l.phase() == Phase.STOPPED && (l.is("paused", "true") || c.now > l.time("until") + Stop.TO_GO_ON)) return none(c);
          throw c.later("Job " + l.jobId() + " is " + (l.phase() == Phase.NONE ? "not settled" : l.phase().text) + ": waiting for what comes next.");
        case NOTE:
          return idle(c);
        default:
          alone(c);
          Action abandon = abandon(c);
          if (abandon != null) return abandon;
          return l.is("launched", l.jobId()) ? again(c) : first(c);
      }
    } catch (Later later) {
      return later.wait;
    } catch (Verdict verdict) {
      return Action.wait(5_000, verdict.getMessage());
    }
  }

  /** Without high availability nothing is started while the API has another pod of this JobManager that has not ended. */
  private static void alone(Case c) {
    if (c.settings.highAvailability) return;
    for (Pod pod : c.pods()) {
      if (!pod.name.equals(c.settings.uid)) throw c.later("There is another pod of this JobManager, and no job is started before it has ended: " + pod + "." + Ending.alone());
    }
  }

  /** This launcher starts nothing of the ledger's job: who stops it, or starts it again, cannot know that from a JobManager that does not answer. */
  private static Action idle(Case c) {
    String mine = " " + c.settings.uid, idle = c.ledger.get("idle");
    if (!idle.startsWith(c.ledger.jobId())) return Action.note("idle", c.ledger.jobId() + mine);
    if (!(idle + " ").contains(mine + " ")) return Action.note("idle", idle + mine);
    throw c.later("Job " + c.ledger.jobId() + " is " + c.ledger.phase().text + ": waiting for what comes next.");
  }

  /** Jobs that an earlier JobManager left behind as it died: with high availability this one would take them up. */
  private static Action abandon(Case c) {
    if (!c.settings.highAvailability) return null;
    for (String id : c.ledger.get("abandoned").split(" ")) {
      boolean starts = c.ledger.phase() == Phase.SUBMITTING || c.ledger.phase() == Phase.RUNNING;
      if (id.isEmpty() || starts && id.equals(c.ledger.jobId()) || c.memory.abandoned.contains(id)) continue;
      return Action.request("abandon " + id, e -> e.kubernetes.abandon(id), (memory, answer) -> {
        if (answer.ok() || answer.is(Answer.Kind.NOT_FOUND)) memory.abandoned.add(id);
      });
    }
    return null;
  }

  private static Action none(Case c) {
    Action abandon = abandon(c);
    return abandon != null ? abandon : Action.success("none");
  }

  private static Action first(Case c) {
    return Action.note("launched", c.ledger.jobId(), "idle", "").then(job(c.ledger.jobId(), c.ledger.get("savepoint")));
  }

  /** A process has run under this id, perhaps: what it has completed counts, whether high availability knows of it or has lost it. */
  private static Action again(Case c) {
    Ledger l = c.ledger;
    Settings s = c.settings;
    Left left = Ending.gone().left(c);
    String id = s.highAvailability ? l.jobId() : s.next(l.jobId());
    Action.Write write = Action.note("jobId", id, "launched", id, "savepoint", left.path, "atLeast", left.atLeast, "restoredFrom", left.path, "idle", "", "launch", Long.toString(c.now));
    if (!left.path.equals(l.get("savepoint"))) write.and(Start.acted(l)).and(Start.NOTHING_BEFORE);
    if (!s.highAvailability) write.and("checkpoint", "", "checkpointed", "");
    if (l.phase() == Phase.SUBMITTING) write.and("crashes", Long.toString(crashes(l) + 1), "crash", s.lastWords);
    return write.then(job(id, left.path));
  }

  private static long crashes(Ledger l) {
    return Math.max(0, Ledger.number(l.get("crashes")));
  }

  private static Action.End job(String id, String from) {
    return Action.success("job\n" + id + "\n" + from);
  }

  /** Waits until the job runs as it should, or comes to a verdict. */
  static Action follow(Case c) {
    Ledger l = c.ledger;
    Action.End done = Submit.preconditions(c);
    if (done != null) return done;
    if (!l.is("revision", c.settings.revision)) return Action.failure("The ledger says that revision " + l.get("revision") + " is to run, and not " + c.settings.revision + ". Run the update again.");
    try {
      switch (Table.duty(Program.FOLLOW, l.phase())) {
        case LEAVE:
          return Action.success("Job " + l.jobId() + " is " + l.phase().text + ".");
        case SAY:
          return Action.failure("The ledger knows of no job: run the update again.");
        case STOP:
          return Submit.decide(c);
        case WAIT:
          if (l.is("paused", "true")) return Action.success("The job is paused.");
          if (l.is("submission", c.settings.uid) || c.now > l.time("until")) return Submit.decide(c);
          throw c.later("The job is " + l.phase().text + ".");
        default:
      }
      if (crashes(l) >= CRASHES) throw c.verdict("The JobManager ended " + l.get("crashes") + " times before the job ran: " + (l.has("crash") ? l.get("crash") : "its log names no error") + ".");
      Action stale = restartStale(c);
      return stale != null ? stale : Submit.confirmed(c, new Start(c).decide());
    } catch (Later later) {
      if (c.now < Math.max(l.time("deadline"), c.memory.began + c.settings.startTimeout)) return later.wait;
      String why = "It was not done within " + c.settings.startTimeout / 1000 + " s: " + later.getMessage();
      // What a guard has begun it goes on with, for as long as that takes.
      return Guard.begun(l) ? Action.failure(why) : failed(c, why, true);
    } catch (Verdict verdict) {
      return failed(c, verdict.getMessage(), verdict.retry);
    }
  }

  /** A JobManager whose own job has ended, or that was started without one, starts no other: its process has to end. It is still there when an update was taken back half-way. */
  static Action restartStale(Case c) {
    for (Pod pod : c.pods()) {
      if (!pod.running) continue;
      Answer<Jobs> jobs = c.jobs(pod);
      if (!jobs.ok() || jobs.value.byId.containsKey(c.ledger.jobId())) continue;
      // It was just started for this job, and its main method runs.
      if (jobs.value.byId.isEmpty() && c.ledger.is("launched", c.ledger.jobId())) continue;
      if (jobs.value.byId.values().stream().allMatch(Effects.Job::ended)) return Action.request("shut down " + pod.name, e -> e.flink.shutDown(pod));
    }
    return null;
  }

  /** With high availability a leader starts nothing under an id whose job has ended, and nobody may have seen how; and one may lead that stood by and was started for the job before. */
  static boolean startsNothing(Case c) {
    boolean answers = c.settings.highAvailability && c.pods().stream().anyMatch(pod -> pod.running && c.jobs(pod).ok());
    return answers && c.lasting("without job " + c.ledger.jobId()) >= STANDBY;
  }

  private static Action failed(Case c, String why, boolean retry) {
    if (c.ledger.phase() != Phase.SUBMITTING) return Action.failure(why);
    return Action.write(Phase.FAILED, "message", why, "failedSubmission", c.settings.uid, "retry", retry ? "true" : "").then(Action.failure(why));
  }
}
