package flink.kubernetes.agent;

import flink.kubernetes.agent.Case.Later;
import flink.kubernetes.agent.Case.Verdict;
import flink.kubernetes.agent.Effects.Checkpoints;
import flink.kubernetes.agent.Effects.Deployment;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Ending.Left;
import java.util.Map;

/** Looks after one job as long as it is in the program: brings it back, notes its checkpoints, and shows by being ready whether it is well. */
final class Guard {
  static final long EVERY = 5_000;
  private static final long SELDOM = 15_000;
  /** So long an update may take until the guard of its revision is there. */
  private static final long PATIENCE = 600_000;
  /** So often within so many seconds a job is brought back; then more slowly. */
  private static final int MOST = 5;
  private static final long WITHIN = 600_000;

  private final Case c;
  private final Ledger l;
  private final Settings s;

  private Guard(Case c) {
    this.c = c;
    this.l = c.ledger;
    this.s = c.settings;
  }

  static Action decide(Case c) {
    return new Guard(c).decide();
  }

  private Action decide() {
    try {
      if (!l.owner.equals(s.owner)) return say("The ledger belongs to another job (cluster/job \"" + l.owner + "\").");
      if (Submit.copied(l)) return say(Submit.COPIED);
      if (l.phase() == Phase.NONE || l.jobId().isEmpty()) return say(l.has("message") ? l.get("message") : "The ledger knows of no job: run the update again.");
      Action wake = Sleep.wake(c);
      if (wake != null) return wake;
      return l.is("revision", s.revision) ? ours() : another();
    } catch (Later later) {
      return later.wait;
    } catch (Verdict verdict) {
      return verdict(verdict);
    }
  }

  private Action.Wait say(String message) {
    return Action.wait(SELDOM, message);
  }

  private Action.Wait stray(String id) {
    return say("Job " + id + " runs, which the ledger does not name, and nothing is started beside it. Cancel it, or write its id into the ledger.");
  }

  /** Nothing is to run. */
  private Action.Wait rests(String message) {
    for (String id : Ending.others(c, "").keySet()) return stray(id);
    return Action.well(SELDOM, message);
  }

  private boolean wanted() {
    return l.wanted.isEmpty() || l.wanted.equals(s.revision);
  }

  private boolean begun() {
    return begun(l);
  }

  /** A guard sees to it that the job starts, and no submission. */
  static boolean begun(Ledger l) {
    return l.phase() == Phase.SUBMITTING && (l.is("submission", "guard") || l.get("submission").startsWith("again-"));
  }

  private Action ours() {
    switch (Table.duty(Program.GUARD, l.phase())) {
      case WATCH:
        return watch();
      case START:
        if (!begun() && wanted() && l.has("deadline") && c.now > l.time("deadline") + Stop.TO_GO_ON) return stop();
        if (!begun()) return say("The job is being started by its submission.");
        if (!wanted()) return say("Revision " + l.wanted + " is wanted: its submission goes on from here.");
        Action stale = s.carried ? Application.restartStale(c) : null;
        if (stale != null) return stale;
        return l.is("submission", "guard") ? new Start(c).decide() : submit();
      case AGAIN:
        return again();
      case SLEEP:
        Action.Wait rests = rests("The job has finished.");
        Action sleep = rests.ready ? Sleep.after(c) : null;
        return sleep != null ? sleep : rests;
      default:
        if (l.is("retry", "true") && wanted()) return stop();
        return say(l.has("message") ? l.get("message") : "The job has failed.");
    }
  }

  /** The ledger names another revision. */
  private Action another() {
    boolean failed = l.has("failedSubmission") && (l.phase() == Phase.FAILED || overdue());
    if (!l.wanted.equals(s.revision)) {
      if (l.phase() == Phase.FAILED) return say("Revision " + l.get("revision") + " did not start: " + l.get("message"));
      boolean rests = l.phase() == Phase.FINISHED || l.is("paused", "true");
      if (rests || c.lasting("another") < PATIENCE) return Action.well(SELDOM, "Revision " + l.wanted + " is wanted: nothing to do.");
      return say("Revision " + l.wanted + " is wanted, and has no guard yet. If its update has ended, run it again: until then nobody looks after job " + l.jobId() + ".");
    }
    if (s.carried || l.is("paused", "true")) return say("The ledger names revision " + l.get("revision") + ", and this one is wanted: run the update again.");
    // An update to another revision has failed, and its submission Job comes no more.
    boolean inVain = l.get("failedSubmission").startsWith("again-") && !l.is("retry", "true");
    if (failed && inVain) return say(l.get("message"));
    return failed || begun() ? submit() : say("Revision " + l.get("revision") + " is " + l.phase().text + ", and this one is wanted.");
  }

  /** As a submission of this revision would. Every try after one failure is the same submission. */
  private Action submit() {
    Settings again = s.as(begun() ? l.get("submission") : "again-" + Settings.hash(l.get("failedSubmission"), 16));
    again.rollback = false;
    Action action = Submit.decide(c.with(again));
    return action instanceof Action.End ? say(((Action.End) action).message) : action;
  }

  private boolean overdue() {
    return (l.phase() == Phase.STOPPED || l.phase() == Phase.UPGRADING) && c.now > l.time("until");
  }

  /** Whoever stopped the job, or is stopping it, starts it again; and if not in time, its guard does. */
  private Action again() {
    if (l.phase() == Phase.STOPPED && l.is("paused", "true")) return rests("The job is paused.");
    if (!wanted()) return say("Revision " + l.wanted + " is wanted and not started yet. If its update has ended, run it again.");
    if (l.phase() == Phase.STOPPED) {
      Deployment jobManager = c.jobManager();
      String live = jobManager == null ? "" : jobManager.restartHash;
      long before = Ledger.number(l.get("restartGeneration"));
      boolean off = l.has("restart") && live.equals(s.restartHash) && (l.is("restart", live) || before >= 0 && jobManager.generation > before);
      if (!off && !l.is("submission", "removal") && !overdue()) return say("The job was stopped, and is started again by whoever stopped it, or else from here after a while.");
      return bringBack(l.get("savepoint"), l.get("atLeast"), "Job " + l.jobId() + " was stopped");
    }
    if (!overdue() && !l.is("submission", s.uid)) return say("The job is being stopped.");
    return stop();
  }

  private Action stop() {
    return new Stop(c, false, new String[] {"submission", s.uid, "retry", "", "failedSubmission", ""}, new String[] {"until", Stop.until(c, 0)}).decide();
  }

  private Action watch() {
    String id = l.jobId();
    Ending job = Ending.of(c, id);
    if (job.over()) for (String other : Ending.others(c, id).keySet()) return stray(other);
    switch (job.word) {
      case ALIVE:
        for (Map.Entry<String, Pod> other : Ending.others(c, id).entrySet()) return Action.request("cancel " + other.getKey(), e -> e.flink.cancel(other.getValue(), other.getKey()));
        return alive(job);
      case UNKNOWN:
        return Action.wait(1_000, job.why);
      case GONE:
        return lost(job);
      case FINISHED:
        Left left = job.left(c);
        if (left.finished) return Action.write(Phase.FINISHED, "message", "");
        return byHand(left);
      default:
        return failed(job);
    }
  }

  private Action alive(Ending job) {
    String id = l.jobId();
    Answer<Checkpoints> answer = c.see("checkpoints " + job.pod.name + " " + id, e -> e.flink.checkpoints(job.pod, id));
    if (answer.ok() && !answer.value.latest.isEmpty() && answer.value.latest.contains("/" + id + "/")) {
      c.memory.interval = answer.value.interval;
      if (!c.memory.newest.equals(answer.value.latest)) {
        c.memory.newest = answer.value.latest;
        c.memory.newestAt = c.now;
      }
      if (!l.is("checkpoint", answer.value.latest)) return Action.note("checkpoint", answer.value.latest, "checkpointed", c.now / 1000 + " " + answer.value.interval).atOnce();
    }
    if (l.has("message") && !l.has("failedSubmission")) return Action.note("message", "");
    return Action.well(EVERY, "Job " + id + " is " + job.job.state + ".");
  }

  /** A stop that was asked for and given up may still come: then nobody wants the job to stay stopped. */
  private Action byHand(Left left) {
    boolean ours = l.has("target") && left.path.startsWith(l.get("target") + "/");
    return Action.write(Phase.STOPPED, "savepoint", left.path, "atLeast", "", "states", l.made("savepoint", left.path, c.now), "target", "", "until", "")
        .and("paused", ours ? "" : "true", "message", ours ? "" : "Somebody stopped job " + l.jobId() + " with a savepoint: it is paused. npx flink-kubernetes jobs resume starts it from there.");
  }

  private Action failed(Ending job) {
    String message = "Job " + l.jobId() + " was cancelled, and not by its update. Run an update with another restoreNonce, or npx flink-kubernetes jobs resume, to start it again.";
    String retry = "";
    if (job.word == Ending.Word.FAILED) {
      Answer<String> answer = c.see("failure " + job.pod.name, e -> e.flink.failure(job.pod, l.jobId()));
      if (!answer.ok()) throw c.later("The JobManager does not say why job " + l.jobId() + " failed: " + answer.problem + ".");
      message = "Job " + l.jobId() + " has failed: " + answer.value + ". Change what made it fail and run the update, or let it start again with another restoreNonce.";
      if (s.carried && l.has("atLeast") && Cause.stateMissing(answer.value)) {
        String[] next = Start.earlier(l);
        return bringBack(next[0], next[1], "A checkpoint of job " + l.jobId() + " that might have been there is not");
      }
      retry = Cause.infrastructure(answer.value) ? "true" : "";
    }
    Left left = job.left(c);
    return Action.write(Phase.FAILED, "message", message, "retry", retry, "savepoint", left.path, "atLeast", left.atLeast);
  }

  /** No JobManager knows the job. */
  private Action lost(Ending job) {
    if (!wanted()) return say("Revision " + l.wanted + " is wanted: its submission goes on from what is left.");
    if (s.carried && !Application.startsNothing(c)) return Action.wait(EVERY, "The JobManager is about to start the job again.");
    Left left = job.left(c);
    return bringBack(left.path, left.atLeast, "The JobManager lost job " + l.jobId());
  }

  private Action bringBack(String from, String atLeast, String why) {
    String process = s.carried ? "" : c.jobs(Start.placeForThisRevision(c)).value.process;
    for (String id : Ending.others(c, "").keySet()) return stray(id);
    StringBuilder recovered = new StringBuilder();
    int lately = 0;
    long latest = 0;
    for (String time : l.get("recovered").split(" ")) {
      if (Ledger.number(time) * 1000 < c.now - WITHIN) continue;
      latest = Ledger.number(time) * 1000;
      lately++;
      recovered.append(time).append(' ');
    }
    if (lately >= MOST && c.now - latest < WITHIN / MOST) return say(why + ", and it was started " + lately + " times within " + WITHIN / 60_000 + " minutes: look why the JobManager restarts. It is started again in a while.");
    return Action.write(Phase.SUBMITTING, "jobId", s.next(l.jobId()), "submission", "guard", "savepoint", from, "atLeast", atLeast, "jobManager", process, "jarId", "", "checkpoint", "", "checkpointed", "")
        .and(Stop.abandoned(c)).and("recovered", recovered.toString() + c.now / 1000, "tries", "", "restart", "", "restartGeneration", "", "paused", "", "until", "", "target", "", "message", why + ": it is started again.");
  }

  private Action verdict(Verdict verdict) {
    if (begun() && !verdict.retry) return Action.write(Phase.FAILED, "message", "The job could not be started again: " + verdict.getMessage(), "retry", "", "submission", "");
    if (l.phase() == Phase.UPGRADING && wanted() && Ending.runsOn(c)) {
      Action.Write write = Action.write(Phase.RUNNING, "message", verdict.getMessage(), "trigger", "", "until", "", "pausing", "", "restart", "", "restartGeneration", "");
      write.keep = memory -> memory.refused = "";
      return write;
    }
    c.memory.refused = "";
    return say(verdict.getMessage());
  }
}
