package flink.kubernetes.agent;

import flink.kubernetes.agent.World.Revision;
import flink.kubernetes.agent.World.SimJob;
import flink.kubernetes.agent.World.SimPod;
import java.util.ArrayList;
import java.util.List;

/** Pulumi, people, and what breaks by itself. */
final class People {
  private final World w;
  private int revisions;
  private int hashes = 1;
  private int nonces;
  /** What the program says now. */
  Revision program;
  private Up running;
  private World.LedgerObject backup;
  World.SimJobObject resumed;

  People(World world) {
    this.w = world;
  }

  // Revisions of the program.

  Revision revision(String name, String hash, String nonce) {
    Revision revision = new Revision();
    revision.name = name;
    // The JobManager of an application is of its revision.
    revision.hash = w.shape.carried ? name : hash;
    revision.nonce = nonce;
    w.revisions.put(name, revision);
    return revision;
  }

  Revision first() {
    program = revision("r" + ++revisions + "@h1", "h1", "");
    return program;
  }

  Revision nextRevision() {
    program = revision("r" + ++revisions + "@" + program.hash, program.hash, program.nonce);
    return program;
  }

  Revision otherCluster() {
    String hash = "h" + ++hashes;
    program = revision(program.name.split("@")[0] + "@" + hash, hash, program.nonce);
    return program;
  }

  Revision anew() {
    program = revision("r" + ++revisions + "@" + program.hash, program.hash, "n" + ++nonces);
    return program;
  }

  /** The program of before, with another name: what a nonce was given for is taken back. */
  Revision withoutNonce() {
    program = revision("r" + ++revisions + "@" + program.hash, program.hash, "");
    return program;
  }

  // Pulumi.

  /** One `pulumi up`: each step waits for the one before. */
  final class Up {
    final Revision revision;
    final Runnable then;
    boolean interrupted;
    Boolean success;
    private World.SimJobObject prepare;

    Up(Revision revision, Runnable then) {
      this.revision = revision;
      this.then = then;
      w.say(() -> "pulumi up: " + revision.name);
      running = this;
      step(w.shape.carried ? this::ledger : this::prepares);
    }

    private void step(Runnable what) {
      w.in(w.between(200, 3_000), () -> {
        if (interrupted) {
          w.say(() -> "pulumi up of " + revision.name + " is interrupted");
          end(false);
        } else {
          what.run();
        }
      });
    }

    private void end(boolean succeeded) {
      if (success != null) return;
      success = succeeded;
      w.lastUpdateFailed = !succeeded;
      w.say(() -> "pulumi up of " + revision.name + (succeeded ? " is done" : " has failed"));
      if (running == this) running = null;
      then.run();
    }

    private void prepares() {
      if (w.restartHash.isEmpty() || w.restartHash.equals(revision.hash) || w.ledger == null) {
        step(this::cluster);
        return;
      }
      Settings settings = w.settings(Program.PREPARE, revision, w.uid("prepare"));
      if (w.submission != null) settings.revision = w.submission.settings.revision;
      prepare = w.new SimJobObject("prepare", settings);
      w.jobObjects.add(prepare);
      await(prepare, this::cluster);
    }

    private void await(World.SimJobObject object, Runnable next) {
      step(() -> {
        if (object.success == null) await(object, next);
        else if (object.success) next.run();
        else end(false);
      });
    }

    private void cluster() {
      if (!w.restartHash.equals(revision.hash)) {
        w.restartHash = revision.hash;
        w.generation++;
        w.say(() -> "the JobManager's Deployment is changed to " + revision.hash);
        w.reconcile();
      }
      available(0);
    }

    private void available(int tries) {
      if (w.available() > 0) step(w.shape.carried ? this::follows : this::ledger);
      else if (tries > 300) end(false);
      else step(() -> available(tries + 1));
    }

    private void ledger() {
      if (w.ledger == null) {
        w.ledger = new World.LedgerObject();
        w.ledger.uid = w.uid("ledger");
      }
      if (!w.ledger.wanted.equals(revision.name)) {
        w.ledger.wanted = revision.name;
        w.ledger.version++;
      }
      step(this::submits);
    }

    private void submits() {
      World.SimJobObject before = w.submission;
      if (before != null && before.settings.revision.equals(revision.name) && !before.deleted && !Boolean.FALSE.equals(before.success)) {
        await(before, w.shape.carried ? this::cluster : this::guards);
        return;
      }
      if (before != null) before.delete();
      w.submission = w.new SimJobObject("submission", w.settings(Program.SUBMIT, revision, w.uid("submission")));
      w.jobObjects.add(w.submission);
      await(w.submission, w.shape.carried ? this::cluster : this::guards);
    }

    private void follows() {
      World.SimJobObject before = w.follower;
      if (before != null && before.settings.revision.equals(revision.name) && !before.deleted && !Boolean.FALSE.equals(before.success)) {
        await(before, this::guards);
        return;
      }
      if (before != null) before.delete();
      w.follower = w.new SimJobObject("follower", w.settings(Program.FOLLOW, revision, w.uid("follower")));
      w.jobObjects.add(w.follower);
      await(w.follower, this::guards);
    }

    private void guards() {
      if (w.shape.guard && (w.guardSettings == null || w.guardRemoved || !w.guardSettings.revision.equals(revision.name))) w.deployGuard(w.settings(Program.GUARD, revision, w.uid("guard")));
      end(true);
    }
  }

  void up(Revision revision, Runnable then) {
    new Up(revision, then);
  }

  void destroy(Runnable then) {
    w.say("pulumi destroy");
    w.removeGuard(() -> {
      if (w.submission != null) w.submission.delete();
      for (World.SimJobObject object : w.jobObjects) object.delete();
      w.destroyed = true;
      w.ledger = null;
      w.restartHash = "";
      for (SimPod pod : new ArrayList<>(w.pods)) w.endPod(pod);
      then.run();
    });
  }

  /** The job is taken out of the program; the cluster stays. */
  void remove() {
    w.removeGuard(() -> {
      for (World.SimJobObject object : w.jobObjects) object.delete();
      w.destroyed = true;
      w.ledger = null;
    });
  }

  void verb(Program program, Runnable then) {
    if (w.submission == null) {
      then.run();
      return;
    }
    Settings settings = w.settings(program, w.revisions.get(w.submission.settings.revision), w.uid("verb"));
    settings.keep = 1;
    World.SimJobObject object = w.new SimJobObject(program.name().toLowerCase(), settings);
    w.jobObjects.add(object);
    whenDone(object, then);
  }

  /** `jobs resume`: a submission of the revision that is there. */
  void resume(Runnable then) {
    if (w.submission == null || w.ledger == null) {
      then.run();
      return;
    }
    Settings settings = w.submission.settings.as(w.uid("resume"));
    settings.resume = true;
    World.SimJobObject object = w.new SimJobObject("resume", settings);
    resumed = object;
    w.jobObjects.add(object);
    whenDone(object, () -> {
      if (!w.shape.carried || w.destroyed) {
        then.run();
        return;
      }
      World.SimJobObject follower = w.new SimJobObject("follower", w.settings(Program.FOLLOW, w.revisions.get(settings.revision), w.uid("follower")));
      w.jobObjects.add(follower);
      whenDone(follower, then);
    });
  }

  void whenDone(World.SimJobObject object, Runnable then) {
    w.in(1_000, () -> {
      if (object.success == null && !object.deleted) whenDone(object, then);
      else then.run();
    });
  }

  // What breaks, and what people do beside Pulumi.

  private <T> T any(List<T> list) {
    return list.isEmpty() ? null : list.get(w.random.nextInt(list.size()));
  }

  private SimJob anyJob() {
    List<SimJob> jobs = new ArrayList<>();
    for (SimJob job : w.everyJob()) if (job.process.alive && !job.ended()) jobs.add(job);
    return any(jobs);
  }

  void crashLeader() {
    if (w.leader == null || !w.leader.alive) return;
    SimPod pod = w.leader.pod;
    w.say(() -> "fault: the leader on " + pod.name + " crashes");
    w.containerEnds(pod);
  }

  void crashJobManager() {
    SimPod pod = any(w.pods);
    if (pod == null || pod.process == null || !pod.process.alive) return;
    w.faults++;
    w.say(() -> "fault: the JobManager on " + pod.name + " crashes");
    w.containerEnds(pod);
  }

  void drain() {
    SimPod pod = any(w.pods);
    if (pod == null || pod.terminating) return;
    w.faults++;
    w.say(() -> "fault: pod " + pod.name + " is evicted");
    w.endPod(pod);
    w.reconcile();
  }

  void cutOff() {
    lose(w.between(20_000, 600_000));
  }

  void lose(long millis) {
    SimPod pod = any(w.pods);
    if (pod == null || pod.cutOff) return;
    w.faults++;
    w.say(() -> "fault: node of " + pod.name + " does not answer");
    pod.cutOff = true;
    if (w.shape.highAvailability && pod.process != null && w.leader == pod.process) w.loseLeader();
    w.in(15_000, () -> w.fenceOff(pod));
    w.in(w.between(40_000, 120_000), () -> {
      if (!pod.cutOff || pod.ended) return;
      w.say(() -> "pod " + pod.name + " is told to go, and nobody hears it");
      pod.terminating = true;
      w.reconcile();
    });
    w.later(millis, () -> heal(pod));
  }

  void heal(SimPod pod) {
    if (!pod.cutOff || pod.ended) return;
    pod.cutOff = false;
    pod.tells();
    w.say(() -> "node of " + pod.name + " answers again");
    if (w.shape.highAvailability && w.leader != pod.process && pod.process != null) w.suspend(pod.process);
    if (pod.terminating) w.endPod(pod);
    else if (w.shape.highAvailability) w.elect(0);
  }

  void storeAway() {
    w.faults++;
    w.store.awayUntil = w.now + w.between(5_000, 600_000);
    w.say("fault: the store is away");
  }

  void apiAway() {
    w.faults++;
    w.apiAwayUntil = w.now + w.between(5_000, 300_000);
    w.say("fault: the API server is away");
  }

  void loseTasks() {
    SimJob job = anyJob();
    if (job == null) return;
    w.faults++;
    w.loseTasks(job);
  }

  void killPod() {
    List<World.SimRun> runs = new ArrayList<>(w.runs);
    World.SimRun run = any(runs);
    if (run == null || run.settings.program == Program.REMOVAL) return;
    w.faults++;
    w.kill(run);
  }

  void stopByHand() {
    SimJob job = anyJob();
    if (job == null) return;
    w.say(() -> "a person: flink stop " + World.shortId(job.id));
    w.takeSavepoint(job, World.SAVEPOINTS, w.uid("by-hand"), true);
  }

  void cancelByHand() {
    SimJob job = anyJob();
    if (job == null) return;
    w.say(() -> "a person: cancels " + World.shortId(job.id) + " in the UI");
    w.waitsForPerson = true;
    w.cancel(job);
  }

  void scale() {
    scale(w.between(10_000, 200_000));
  }

  void scale(long millis) {
    if (w.shape.highAvailability) return;
    w.say("a person: kubectl scale --replicas=2");
    w.replicas = 2;
    w.reconcile();
    w.later(millis, () -> {
      w.say("a person: kubectl scale --replicas=1");
      w.replicas = 1;
      w.reconcile();
    });
  }

  void backUp() {
    if (w.ledger != null) backup = w.ledger.copy();
  }

  void restoreLedger() {
    if (backup == null || w.ledger == null) return;
    w.say("a person: the ledger is put back from a backup");
    w.faults++;
    w.waitsForPerson = true;
    World.LedgerObject restored = backup.copy();
    restored.uid = w.uid("ledger");
    restored.wanted = w.ledger.wanted;
    w.ledger = restored;
  }

  void deleteLedger() {
    if (w.ledger == null) return;
    w.say("a person: kubectl delete configmap …-ledger");
    w.faults++;
    w.waitsForPerson = true;
    w.ledger = null;
    w.ledgerGoneAt = w.now;
  }

  /** When the ledger says that the job is stopped, for the first time from now on. */
  void whenStopped(Runnable then) {
    when(() -> w.ledger != null && w.ledger.data.getOrDefault("phase", "").equals("stopped"), then);
  }

  boolean phase(String phase) {
    return w.ledger != null && w.ledger.data.getOrDefault("phase", "").equals(phase);
  }

  void want(String revision) {
    w.ledger.wanted = revision;
    w.ledger.version++;
  }

  /** When so many jobs have been made. */
  void whenJobs(int count, Runnable then) {
    when(() -> w.everyJob().size() >= count, then);
  }

  void when(java.util.function.BooleanSupplier what, Runnable then) {
    if (what.getAsBoolean()) then.run();
    else w.in(100, () -> when(what, then));
  }

  // A life at random.

  void live() {
    if (w.shape.highAvailability && !w.shape.carried && w.chance(0.4)) w.replicas = 2;
    w.busy = true;
    w.in(0, () -> up(first(), () -> w.in(1_000, this::act)));
    w.in(w.between(20_000, 120_000), this::breaks);
    w.in(w.shape.quietFrom, this::quiet);
  }

  private void breaks() {
    if (w.quiet()) return;
    int dice = w.random.nextInt(100);
    if (dice < 25) crashJobManager();
    else if (dice < 40) drain();
    else if (dice < 47) cutOff();
    else if (dice < 55) storeAway();
    else if (dice < 63) apiAway();
    else if (dice < 80) loseTasks();
    else if (dice < 98) killPod();
    else backUp();
    w.in(w.between(5_000, 300_000), this::breaks);
  }

  private void act() {
    if (w.quiet() || w.destroyed) return;
    Runnable next = () -> w.in(w.between(1_000, 180_000), this::act);
    int dice = w.random.nextInt(100);
    if (running != null) {
      if (dice < 30) running.interrupted = true;
      next.run();
      return;
    }
    if (dice < 30) {
      Revision before = program;
      Revision revision = nextRevision();
      int bad = w.random.nextInt(10);
      revision.refusedAtCheck = bad == 0;
      revision.failsToRun = bad == 1;
      revision.limps = bad == 2;
      update(revision, before, next);
    } else if (dice < 45 && !w.shape.highAvailability && !w.shape.carried) {
      Revision before = program;
      update(otherCluster(), before, next);
    } else if (dice < 50) up(anew(), next);
    else if (dice < 60) verb(Program.PAUSE, () -> w.in(w.between(1_000, 60_000), () -> resume(next)));
    else if (dice < 72) verb(Program.SAVEPOINT, next);
    else if (dice < 76) {
      stopByHand();
      next.run();
    } else if (dice < 79) {
      cancelByHand();
      next.run();
    } else if (dice < 84) {
      scale();
      next.run();
    } else if (dice < 86) {
      backUp();
      next.run();
    } else if (dice < 87) {
      restoreLedger();
      next.run();
    } else if (dice < 88) {
      deleteLedger();
      next.run();
    } else if (dice < 89) destroy(() -> {});
    else if (dice < 90) remove();
    else up(program, next);
  }

  /** An update; sometimes interrupted; one that failed is sometimes taken back. */
  private void update(Revision revision, Revision before, Runnable next) {
    Up up = new Up(revision, () -> {
      boolean bad = revision.refusedAtCheck || revision.failsToRun || revision.limps;
      if (!w.quiet() && w.lastUpdateFailed && (bad || w.chance(0.5))) {
        program = before;
        w.in(w.between(1_000, 60_000), () -> up(before, next));
      } else {
        next.run();
      }
    });
    if (w.chance(0.25)) w.in(w.between(500, 60_000), () -> up.interrupted = true);
  }

  /** Nothing breaks any more; what a person must do about nodes is done; and the program is brought up once more. */
  private void quiet() {
    w.say("from here on nothing breaks");
    w.store.awayUntil = 0;
    w.apiAwayUntil = 0;
    if (!w.shape.highAvailability) w.replicas = 1;
    for (SimPod pod : new ArrayList<>(w.pods)) heal(pod);
    w.reconcile();
    if (!w.destroyed) w.in(60_000, this::last);
  }

  private void last() {
    if (w.destroyed) return;
    if (running != null) {
      w.in(5_000, this::last);
      return;
    }
    boolean bad = program.refusedAtCheck || program.failsToRun || program.limps;
    w.lastTried = true;
    up(bad ? nextRevision() : program, () -> {
      if (w.lastUpdateFailed) w.in(5_000, () -> up(program, () -> w.busy = false));
      else w.busy = false;
    });
  }
}
