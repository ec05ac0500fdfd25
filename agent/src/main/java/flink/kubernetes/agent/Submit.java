package flink.kubernetes.agent;

import flink.kubernetes.agent.Case.Later;
import flink.kubernetes.agent.Case.Verdict;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Effects.Stored;
import flink.kubernetes.agent.Settings.Mode;
import java.util.List;

/** Makes one revision of a job run, once. For an application it only settles what the next JobManager starts ({@link Launch}). */
final class Submit {
  private final Case c;
  private final Ledger l;
  private final Settings s;

  private Submit(Case c) {
    this.c = c;
    this.l = c.ledger;
    this.s = c.settings;
  }

  static Action decide(Case c) {
    return new Submit(c).decide();
  }

  private Action decide() {
    Action.End done = preconditions(c);
    if (done != null) return done;
    try {
      return rollingBack() ? rollBack() : next();
    } catch (Verdict verdict) {
      return verdict(verdict.getMessage(), verdict.retry);
    } catch (Later later) {
      if (c.now < deadline()) return later.wait;
      return verdict("It was not done within " + s.startTimeout / 1000 + " s: " + later.getMessage(), true);
    }
  }

  /** What every program that makes a job run asks first. Null: go on. */
  static Action.End preconditions(Case c) {
    Ledger l = c.ledger;
    Settings s = c.settings;
    if (!l.owner.equals(s.owner)) return Action.failure("The ledger belongs to another job (cluster/job \"" + l.owner + "\"). Rename this job, or use another namespace.");
    if (copied(l)) return Action.failure(COPIED);
    if (!l.wanted.isEmpty() && !l.wanted.equals(s.revision)) return Action.failure("Revision " + s.revision + " is no longer wanted: the ledger asks for " + l.wanted + ".");
    return l.is("failedSubmission", s.uid) ? Action.failure(l.get("message")) : null;
  }

  static final String COPIED = "This ledger is a copy, or was put back from a backup: its job may run elsewhere, or have gone on since. To accept it: delete the entry \"self\" of its data (kubectl edit configmap NAME).";

  static boolean copied(Ledger l) {
    return l.has("self") && !l.is("self", l.uid);
  }

  private long deadline() {
    return mine() ? l.time("deadline") : c.memory.began + s.startTimeout;
  }

  /** This submission has claimed the job. */
  private boolean mine() {
    return l.phase() == Phase.SUBMITTING && l.is("submission", s.uid);
  }

  private boolean sameJob() {
    return l.is("revision", s.revision) || !s.definition.isEmpty() && l.is("definition", s.definition);
  }

  private boolean anew() {
    return !s.restoreNonce.isEmpty() && !l.is("restoreNonce", s.restoreNonce);
  }

  /** The job runs: what its revision was claimed for is acted on. */
  static Action confirmed(Case c, Action action) {
    return new Submit(c).started(action);
  }

  /** The nonce that is acted on when the job runs. */
  private String nonce() {
    if (!s.restoreNonce.isEmpty()) return s.restoreNonce;
    return l.has("restoreNonce") ? l.get("restoreNonce") : "none";
  }

  private Action next() {
    if (mine()) c.memory.claimed = true;
    else if (c.memory.claimed && (l.phase() == Phase.SUBMITTING || l.phase() == Phase.UPGRADING) && !l.is("submission", s.uid)) return Action.failure("Somebody else has taken over: " + l.get("submission") + ".");
    switch (Table.duty(Program.SUBMIT, l.phase())) {
      case CLAIM:
        return claim();
      case START:
        if (mine()) return s.carried ? Action.success("Revision " + s.revision + " is to start as job " + l.jobId() + ".") : started(new Start(c).decide());
        break;
      default:
        if (l.phase() == Phase.RUNNING && l.is("revision", s.revision) && !anew() && Ending.of(c, l.jobId()).alive()) return alreadyRuns();
    }
    return stop();
  }

  private Action alreadyRuns() {
    if (l.has("message") || l.has("failedSubmission")) return Action.note("message", "", "failedSubmission", "");
    return Action.success("Revision " + s.revision + " runs as job " + l.jobId() + ".");
  }

  /** Before anything is stopped: without its jar and its main method the new revision cannot start. */
  private Action stop() {
    boolean running = l.phase() == Phase.RUNNING && Ending.of(c, l.jobId()).alive();
    if (running && !s.carried && !c.memory.checked) {
      Pod place = Start.placeForThisRevision(c);
      if (!c.memory.refused.isEmpty()) throw c.verdict("The new revision was not started: " + c.memory.refused + ". The revision before runs on.");
      if (c.memory.jar.isEmpty()) return Start.upload(c, place, claimed());
      return Action.request("check " + c.memory.jar, e -> e.flink.check(place, c.memory.jar), (memory, answer) -> {
        memory.checked = answer.ok();
        memory.refused = answer.is(Answer.Kind.REFUSED) ? answer.problem : "";
      });
    }
    // What was claimed for the same nonce may have run: then its state counts.
    return new Stop(c, anew() && !l.is("nonce", s.restoreNonce), new String[] {"submission", s.uid, "restart", "", "restartGeneration", ""}, new String[] {"submission", s.uid, "restart", "", "restartGeneration", ""}).decide();
  }

  /** The id of the job that this submission claims: the same for every pod of it, and another one for each time that it does. */
  private String claimed() {
    return s.id(s.uid + "/" + l.jobId());
  }

  private Action claim() {
    if (l.phase() == Phase.STOPPED && l.is("paused", "true") && sameJob() && !s.resume) return keep("is paused");
    if (l.phase() == Phase.FINISHED && l.is("revision", s.revision) && l.is("submission", s.uid)) return Action.success("Job " + l.jobId() + " has finished.");
    if (l.phase() == Phase.FINISHED && sameJob() && !s.resume && !anew() && (!l.is("revision", s.revision) || l.is("submission", "removal"))) return keep("has finished");
    if (l.phase() == Phase.NONE && !l.jobId().isEmpty()) return stop();
    if (l.has("restart") && !l.is("restart", s.restartHash) && l.is("submission", s.uid)) throw c.later("The job was stopped for a change of the cluster.");
    String[] from = from();
    Pod place = s.carried ? null : Start.placeForThisRevision(c);
    for (String id : Ending.others(c, l.jobId()).keySet()) {
      if (l.phase() == Phase.NONE) return Action.note("jobId", id);
      throw c.verdict("Job " + id + " runs, which the ledger does not name. Stop it, or write its id into the ledger, before anything else is started.");
    }
    Action.Write claim = Action.write(Phase.SUBMITTING, "revision", s.revision, "definition", s.definition, "jobId", claimed(), "submission", s.uid, "deadline", Stop.until(c, s.startTimeout));
    claim.and("savepoint", from[0], "atLeast", from[1], "checkpoint", "", "checkpointed", "", "message", "", "failedSubmission", "", "trigger", "", "target", "", "stopAttempt", "");
    claim.and("rollback", "", "restart", "", "restartGeneration", "", "paused", "", "pausing", "", "until", "", "retry", "", "request", s.request, "launched", "", "crashes", "", "crash", "", "jarId", "", "jarHash", "", "nonce", nonce());
    return claim.and("jobManager", place == null ? "" : c.jobs(place).value.process).and(predecessor());
  }

  /** Nothing is to be started: the job stays as it is, under the revision that it has now. */
  private Action keep(String how) {
    if (!l.is("revision", s.revision)) return Action.note("revision", s.revision, "submission", s.uid, "message", "", "failedSubmission", "");
    return Action.success("Revision " + s.revision + " " + how + " as job " + l.jobId() + ".");
  }

  /** What the job starts from, and what to try when that is not there. */
  private String[] from() {
    if (l.jobId().isEmpty()) return first();
    if (anew() && !(l.is("nonce", s.restoreNonce) && l.has("atLeast"))) return new String[] {s.initialSavepoint, ""};
    if (s.mode == Mode.STATELESS || l.phase() == Phase.FINISHED) return new String[] {"", ""};
    if (!l.has("restoreNonce") && !s.initialSavepoint.isEmpty() && l.get("savepoint").isEmpty()) return new String[] {s.initialSavepoint, ""};
    // A revision that never ran and made no state of its own may have begun with what is no longer wanted: the one before it counts.
    if (l.has("previousRevision") && !l.has("atLeast")) return new String[] {l.get("previousSavepoint"), ""};
    return new String[] {l.get("savepoint"), l.get("atLeast")};
  }

  /** The ledger knows of no job, so it is the first, or the ledger was lost; then what the program says of a start may be old, too. */
  private String[] first() {
    List<Stored> states = s.startAnyhow || s.mode == Mode.STATELESS ? null : c.states();
    if (states != null && !states.isEmpty()) {
      Stored latest = states.get(0);
      for (Stored state : states) if (state.time > latest.time) latest = state;
      if (!latest.path.equals(s.initialSavepoint)) {
        throw c.verdict("The ledger knows of no job, and the store has states of one of this name, the latest is " + latest.path + ". Set initialSavepoint to it to go on from there, or startAnyhow: true to start from "
            + (s.initialSavepoint.isEmpty() ? "nothing" : s.initialSavepoint) + ".");
      }
    }
    return new String[] {s.initialSavepoint, ""};
  }

  /** What the ledger keeps of the revision before until this one runs: what a rollback starts again. One that never came to run is none. */
  private String[] predecessor() {
    if (l.phase() != Phase.STOPPED || l.is("revision", s.revision) || !l.get("atLeast").isEmpty()) return Start.NOTHING_BEFORE;
    // It is the one before itself: there is nothing to go back to.
    if (l.is("previousRevision", s.revision)) return Start.NOTHING_BEFORE;
    if (l.has("previousRevision")) return new String[0];
    if (!l.has("restoreNonce")) return Start.NOTHING_BEFORE;
    String[] kept = Start.NOTHING_BEFORE.clone();
    String[] values = {l.get("revision"), l.get("definition"), l.get("request"), l.get("jarId"), l.get("jarHash"), l.get("savepoint")};
    for (int i = 0; i < values.length; i++) kept[2 * i + 1] = values[i];
    return kept;
  }

  /** The job runs as it should: that it does is written with what this revision was started for. */
  private Action started(Action action) {
    Action.Write write = action instanceof Action.Write ? (Action.Write) action : null;
    String phase = write == null ? "" : write.entries.getOrDefault("phase", "");
    if (phase.equals(Phase.RUNNING.text) || phase.equals(Phase.FINISHED.text)) {
      if (backAgain()) {
        String message = l.get("message") + " Revision " + l.get("revision") + ", the one before, was put back as job " + l.jobId() + ".";
        return write.and("message", message, "failedSubmission", s.uid).then(Action.failure(message));
      }
      return write.and("restoreNonce", nonce(), "failedSubmission", "").then(Action.success("Job " + l.jobId() + " is " + phase + "."));
    }
    return action;
  }

  private boolean rollingBack() {
    return l.phase() == Phase.SUBMITTING && l.is("rollback", s.uid) && l.is("submission", s.uid) && l.is("revision", s.revision);
  }

  /** The revision before is being put back. */
  private boolean backAgain() {
    return l.is("rollback", s.uid) && !l.is("revision", s.revision);
  }

  /** Ends the new job, and says in the ledger that the one before is to be started again from what it was stopped with. */
  private Action rollBack() {
    Ending job = Ending.of(c, l.jobId());
    if (job.word == Ending.Word.UNKNOWN) throw c.later(job.why);
    Action fence = Start.voidRequests(c, l.jobId());
    if (fence != null) return fence;
    if (job.alive()) return Action.request("cancel " + l.jobId(), e -> e.flink.cancel(job.pod, l.jobId()));
    Ending.Left left = job.left(c);
    if (!left.path.equals(l.get("savepoint"))) {
      // What the new revision has written out is final: going back behind it would count it twice.
      String why = l.get("message") + " It had completed a checkpoint before, " + left.path + ", so the revision before was not put back: the next update starts from there.";
      return Action.write(Phase.FAILED, "checkpoint", left.path, "message", why, "failedSubmission", s.uid, "rollback", "").and(Start.acted(l)).then(Action.failure(why));
    }
    Pod place = Start.placeForThisRevision(c);
    return Action.note("revision", l.get("previousRevision"), "definition", l.get("previousDefinition"), "request", l.get("previousRequest"), "jobId", s.id(s.uid + "/rollback/" + l.jobId()), "savepoint", l.get("previousSavepoint"))
        .and("jarId", l.get("previousJarId"), "jarHash", l.get("previousJarHash"), "atLeast", "", "deadline", Stop.until(c, s.startTimeout), "jobManager", c.jobs(place).value.process);
  }

  /** Ends the whole Job: this is how it is, another attempt would find the same. */
  private Action verdict(String why, boolean retry) {
    String told = why.length() > 3000 ? why.substring(0, 3000) : why;
    if (mine() && !l.has("rollback") && s.rollback && !s.carried && l.has("previousRevision")) return Action.note("rollback", s.uid, "deadline", Stop.until(c, s.startTimeout), "message", "Revision " + s.revision + " did not start: " + told);
    Action.Write write = Action.note("message", told, "failedSubmission", s.uid, "retry", retry ? "true" : "");
    if (backAgain()) write.and("message", l.get("message") + " Revision " + l.get("revision") + ", the one before, could not be put back: " + told);
    // Where the ledger knows of no job that stays so: the next submission asks again what a first job starts from.
    if (mine()) write.and("phase", Phase.FAILED.text, "rollback", "");
    else if (l.phase() == Phase.UPGRADING && Ending.runsOn(c)) write.and("phase", Phase.RUNNING.text, "trigger", "", "until", "", "pausing", "");
    return write.then(Action.failure(told));
  }
}
