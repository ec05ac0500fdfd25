package flink.kubernetes.agent;

import flink.kubernetes.agent.Case.Later;
import flink.kubernetes.agent.Case.Verdict;
import flink.kubernetes.agent.Effects.Deployment;
import flink.kubernetes.agent.Effects.Pod;
import java.util.ArrayList;
import java.util.List;

/** The short programs, and which decisions belong to which program. */
final class Programs {
  private Programs() {}

  static Runner.Decisions of(Program program) {
    switch (program) {
      case SUBMIT:
        return Submit::decide;
      case GUARD:
        return Guard::decide;
      case REMOVAL:
        return Programs::removal;
      case PREPARE:
        return Programs::prepare;
      case PAUSE:
        return Programs::pause;
      case SAVEPOINT:
        return Savepoint::decide;
      case FOLLOW:
        return Application::follow;
      default:
        return Application::launch;
    }
  }

  /** A guard that is told to go: when its Deployment is being deleted, the job leaves the program and must not be left behind. No answer is no "no". */
  static Action removal(Case c) {
    Ledger l = c.ledger;
    Answer<Boolean> removed = c.see("removed", e -> e.kubernetes.guardRemoved());
    if (!removed.ok() && !removed.is(Answer.Kind.NOT_FOUND)) return Action.wait(500, "The Kubernetes API does not say whether this guard is being removed: " + removed.problem + ".");
    if (removed.ok() && !removed.value) return Action.success("This pod is told to stop, and the guard is not being removed: the job is left alone.");
    if (Submit.copied(l)) return Action.failure(Submit.COPIED);
    switch (Table.duty(Program.REMOVAL, l.phase())) {
      case LEAVE:
        return Action.success("No job was ever started.");
      case NOTE:
        if (l.is("submission", "removal")) return Action.success("Nothing of this job runs any more.");
        return Action.note("submission", "removal");
      default:
    }
    String[] by = {"submission", "removal", "message", ""};
    boolean late = c.now - c.memory.began > c.settings.startTimeout;
    try {
      return new Stop(late ? c.with(cancelling(c.settings)) : c, false, by, by).decide();
    } catch (Later later) {
      if (!late || c.now - c.memory.began < c.settings.startTimeout + 60_000) return later.wait;
      return Action.failure("The job could not be stopped when it was removed: " + later.getMessage() + " Its newest known state is " + known(l) + ".");
    } catch (Verdict verdict) {
      if (!late) return Action.wait(5_000, verdict.getMessage());
      return Action.failure(verdict.getMessage());
    }
  }

  /** What cannot be stopped with a savepoint in time is cancelled: it goes on from its last checkpoint. */
  private static Settings cancelling(Settings settings) {
    Settings other = settings.as(settings.uid);
    if (other.mode == Settings.Mode.SAVEPOINT) other.mode = Settings.Mode.LAST_STATE;
    return other;
  }

  private static String known(Ledger l) {
    return l.has("checkpoint") ? l.get("checkpoint") : l.has("savepoint") ? l.get("savepoint") : "nothing";
  }

  /** Before a change of the cluster that loses its jobs. One ledger at a time; the cluster is ready when every one is at rest. */
  static Action prepare(Case c) {
    Ledger l = c.ledger;
    Settings s = c.settings;
    try {
      Deployment jobManager = c.jobManager();
      if (jobManager == null) return Action.success("There is no JobManager yet: nothing to prepare.");
      if (l.phase() == Phase.STOPPED && l.is("paused", "true")) return Action.success("The job is paused.");
      if (jobManager.restartHash.equals(s.restartHash)) {
        // No restart is to come: what was stopped for one that did not come about goes on here.
        if (l.phase() == Phase.STOPPED && l.has("restart") && !l.is("restart", s.restartHash)) return Action.note("restart", s.restartHash);
        return Action.success("No job has to be stopped.");
      }
      String[] goesOn = {"restart", s.restartHash, "restartGeneration", Long.toString(jobManager.generation), "until", Stop.until(c, 600_000)};
      switch (Table.duty(Program.PREPARE, l.phase())) {
        case LEAVE:
          return Action.success("No job runs.");
        case NOTE:
          if (l.is("restart", s.restartHash)) return Action.success("The job is stopped.");
          return Action.note(goesOn);
        default:
      }
      if (Submit.copied(l)) return Action.failure(Submit.COPIED);
      if (l.phase() == Phase.SUBMITTING && c.now < l.time("deadline") && !l.is("submission", "guard")) throw c.later("A submission is under way.");
      if (dead(c, jobManager)) return lost(c, "The JobManager was dead when the cluster was changed.");
      // Of a guess, submissions before the agent take only the newest end, which need not be there. They make their own when the ledger says that it runs.
      if (l.phase() == Phase.RUNNING && Ending.of(c, l.jobId()).word == Ending.Word.GONE && c.states() == null) {
        return Action.success("The JobManager does not know job " + l.jobId() + " any more: it goes on from what its submission finds.");
      }
      return new Stop(c, false, goesOn, goesOn).decide();
    } catch (Later later) {
      if (c.now - c.memory.began < s.startTimeout) return later.wait;
      // Nothing of it is to be kept, and it ends with this JobManager.
      if (s.mode == Settings.Mode.STATELESS) return lost(c, "The JobManager did not answer when the cluster was changed.");
      return notReady(c, later.getMessage());
    } catch (Verdict verdict) {
      return notReady(c, verdict.getMessage());
    }
  }

  /** No replica is available, for a minute, and none answers. Then there is nothing to stop, and the change may be the repair. */
  private static boolean dead(Case c, Deployment jobManager) {
    if (jobManager.available > 0) return false;
    for (Pod pod : c.pods()) if (pod.running && c.jobs(pod).ok()) return false;
    // Shorter where less time was given for all of it.
    if (c.lasting("dead") < Math.min(60_000, c.settings.startTimeout / 2)) throw c.later("The JobManager has no replica that is available.");
    return true;
  }

  private static Action lost(Case c, String message) {
    return c.ledger.is("message", message) || c.ledger.phase() != Phase.RUNNING ? Action.success(message) : Action.note("message", message);
  }

  private static Action notReady(Case c, String why) {
    String message = why + " Nothing of the cluster was changed.";
    // Of a job that does not run on the guard finishes the stop.
    if (c.ledger.phase() != Phase.UPGRADING || !Ending.runsOn(c)) return Action.failure(message);
    return Action.write(Phase.RUNNING, "trigger", "", "restart", "", "restartGeneration", "", "until", "", "message", message).then(Action.failure(message));
  }

  /** A person's pause. */
  static Action pause(Case c) {
    Ledger l = c.ledger;
    String id = l.jobId();
    if (Submit.copied(l)) return Action.failure(Submit.COPIED);
    switch (Table.duty(Program.PAUSE, l.phase())) {
      case SAY:
        return Action.failure("There is no running job to pause: it is " + (l.phase() == Phase.NONE ? "not started" : l.phase().text) + ".");
      case NOTE:
        if (l.is("paused", "true")) return Action.success("Job " + c.settings.job + " is paused; its state is in " + (l.has("savepoint") ? l.get("savepoint") : "nothing") + ".");
        return Action.note("paused", "true");
      default:
    }
    if (l.phase() == Phase.UPGRADING && !l.is("submission", c.settings.uid)) return Action.failure("The job is being stopped for an update.");
    try {
      return new Stop(c, false, new String[] {"pausing", "true", "submission", c.settings.uid}, new String[] {"paused", "true"}).decide();
    } catch (Later later) {
      if (c.now - c.memory.began < c.settings.startTimeout) return later.wait;
      return notPaused(c, later.getMessage());
    } catch (Verdict verdict) {
      return notPaused(c, verdict.getMessage());
    }
  }

  private static Action notPaused(Case c, String why) {
    Action.End end = Action.failure("Job " + c.ledger.jobId() + " was not paused: " + why);
    // Of a job that does not run on the guard finishes the pause.
    if (c.ledger.phase() != Phase.UPGRADING || !Ending.runsOn(c)) return end;
    return Action.write(Phase.RUNNING, "trigger", "", "pausing", "", "until", "").then(end);
  }

  static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    for (String line : text.split("\n")) if (!line.isEmpty()) lines.add(line);
    return lines;
  }
}
