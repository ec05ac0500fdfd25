package flink.kubernetes.agent;

import java.util.ArrayList;
import java.util.List;

/**
 * What must hold, checked whenever it could break. Records are numbered by their source; a job that commits makes final what it read since its last commit. So one
 * number, how far output is final, tells lost records from doubled ones.
 */
final class Invariants {
  static final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    Violation(String what) {
      super(what, null, false, false);
    }
  }

  private final World world;
  /** Every record before this is final, once. */
  long output;
  /** Nothing that was made before counts any more: somebody asked for a start from nothing, or from another state. */
  private int lives;
  /** A leader went on from before a savepoint that was complete: two branches have made records final. */
  private boolean split;

  Invariants(World world) {
    this.world = world;
  }

  int lives() {
    return lives;
  }

  private void broken(String rule, String what) {
    throw new Violation(rule + ": " + what);
  }

  /** A job begins to run from this record on. */
  void starts(World.SimJob job) {
    boolean other = world.ledger != null && job.id.equals(world.ledger.data.get("jobId")) && !job.revision.equals(world.ledger.data.get("revision"));
    if (world.shape.carried && !job.recoveredByFlink && other) broken("WRONG PROGRAM", "the JobManager of " + job.revision + " starts the job of " + world.ledger.data.get("revision"));
    if (world.asksAnew(job)) {
      lives++;
      job.life = lives;
      output = job.position;
      return;
    }
    job.life = lives;
    if (job.recoveredByFlink) {
      split |= job.position < world.newestKnown(lives);
      // What its state had prepared is made final now; when it is older, what it commits counts it again.
      output = Math.max(output, job.position);
      return;
    }
    if (split && job.position < Math.max(output, world.newestKnown(lives))) {
      // Flink went on from before a complete savepoint, and was faster than whoever was to stop it.
      world.documented("an HA leader that died when a stop was complete");
      split = false;
      output = job.position;
      return;
    }
    split = false;
    if (job.position < output && world.store.denied && world.ledgerGoneAt > 0) {
      world.documented("the ledger was lost, and its store cannot be looked at");
      output = job.position;
      return;
    }
    if (job.position < output && world.unseenStop(job, output)) {
      world.documented("a person stopped the job, its JobManager died before anybody looked, and its store cannot be looked at");
      output = job.position;
      return;
    }
    if (job.position < output) broken("OLDER STATE", "job " + World.shortId(job.id) + " starts at record " + job.position + ", and output is final up to " + output);
    long known = world.newestKnown(lives);
    if (!world.store.denied && job.position < known) broken("NOT THE NEWEST", "job " + World.shortId(job.id) + " starts at record " + job.position + ", and the store has a state at " + known);
    // What its state had prepared and not made final yet is made so now.
    output = job.position;
  }

  /** A job makes final what it read up to here. */
  void commits(World.SimJob job, long upTo) {
    for (World.SimJob other : world.everyJob()) {
      if (other != job && other.process.alive && other.state.equals("RUNNING") && other.began && world.leads(other)) {
        broken("TWO JOBS", "job " + World.shortId(job.id) + " commits while job " + World.shortId(other.id) + " runs");
      }
    }
    if (job.life != lives) broken("OLD LIFE", "job " + World.shortId(job.id) + " commits, and what it was started from no longer counts");
    if (job.committed < output) {
      if (!job.recoveredByFlink) broken("DOUBLED", "job " + World.shortId(job.id) + " commits from record " + job.committed + ", and output is final up to " + output);
      world.documented("an HA leader that died when a stop was complete");
    }
    if (job.committed > output) broken("LOST", "job " + World.shortId(job.id) + " commits from record " + job.committed + ", and output is final only up to " + output);
    job.committed = upTo;
    output = Math.max(output, upTo);
  }

  /** A state is disposed of. */
  void disposed(SimStore.State state) {
    if (world.ledger != null && new Ledger("", "", "", "", world.ledger.data).needs(state.path)) broken("DISPOSED", state.path + " stands in the ledger");
    if (state.position >= output && world.newestKnown(lives) <= state.position && !state.periodic) broken("DISPOSED", state.path + " is the newest state");
    for (World.SimJob job : world.everyJob()) {
      if (job.process.alive && job.from.equals(state.path) && job.completed == 0 && !job.ended()) broken("DISPOSED", state.path + " is what a job runs from");
    }
  }

  /** Pods of the cluster are to end, since its application has finished: which job that was when it was asked for. */
  void sleeps(World.SimJob finished) {
    if (finished == null || world.now - finished.endedAt < world.shape.ttl) broken("ASLEEP", "pods are to end, and no job has finished that long ago");
    if (world.finished == null) world.documented("a request to let pods end was on its way when the next job began");
  }

  /** A guard says that all is well. */
  void ready(String message) {
    if (world.ledger == null) {
      if (world.now - world.ledgerGoneAt > 60_000) broken("READY", "there is no ledger, and the guard says: " + message);
      return;
    }
    String phase = world.ledger.data.getOrDefault("phase", "");
    if (phase.isEmpty()) broken("READY", "no job was ever started, and the guard says: " + message);
  }

  private List<String> running() {
    List<String> running = new ArrayList<>();
    for (World.SimJob job : world.everyJob()) if (job.process.alive && !job.ended() && job.began && world.leads(job)) running.add(job.id);
    return running;
  }

  /** One job runs, and it is the ledger's; or none is to run. */
  boolean isWell() {
    List<String> running = running();
    if (world.ledger == null) return world.destroyed && running.isEmpty();
    String phase = world.ledger.data.getOrDefault("phase", "");
    return phase.equals("running") ? running.size() == 1 && running.get(0).equals(world.ledger.data.get("jobId")) : running.isEmpty() && rests(phase);
  }

  /** The job has ended, and nobody is to start it; where its pods are to end, they have. */
  private boolean rests(String phase) {
    boolean asleep = world.shape.ttl < 0 || world.replicas == 0 && world.taskManagers == 0;
    return phase.equals("finished") && asleep || phase.equals("stopped") && world.ledger.data.containsKey("paused");
  }

  /** Faults have stopped a while ago: one job runs, or a person is told why not and what to do. */
  List<String> atTheEnd() {
    List<String> problems = new ArrayList<>();
    List<String> running = running();
    if (world.ledger == null || world.destroyed) {
      if (!running.isEmpty() && !world.mayBeLeft()) problems.add("LEFT BEHIND: " + World.shortId(running.get(0)) + " runs, and its job is no longer in the program");
      return problems;
    }
    String phase = world.ledger.data.getOrDefault("phase", "");
    if (running.size() > 1) problems.add("TWO JOBS at the end");
    if (isWell() && (rests(phase) || world.guardReady() || !world.shape.guard)) return problems;
    world.stuck = phase.isEmpty() ? "none" : phase;
    String said = world.guardSays();
    if (world.guardReady()) problems.add("SILENT: phase " + phase + ", " + running.size() + " jobs run, and the guard says that all is well: " + said);
    else if (said.isEmpty() && !world.ledger.data.containsKey("message") && !world.updateFailed()) problems.add("SILENT: phase " + phase + ", " + running.size() + " jobs run, and nobody says why");
    else if (world.mustRun()) problems.add("STUCK: phase " + phase + ", " + running.size() + " jobs run, and nothing stands in the way. The guard says: " + said);
    return problems;
  }
}
