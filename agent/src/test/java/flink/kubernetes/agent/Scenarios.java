package flink.kubernetes.agent;

import flink.kubernetes.agent.World.SimJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Lives in which one thing happens, and how each must end. Numbers are those of the findings of issue 14. */
final class Scenarios {
  static final class Scenario {
    final String name;
    final Consumer<World.Shape> shape;
    final BiConsumer<World, People> script;
    /** How it must end: the phase, and "runs" when one job does. */
    final String end;

    Scenario(String name, Consumer<World.Shape> shape, BiConsumer<World, People> script, String end) {
      this.name = name;
      this.shape = shape;
      this.script = script;
      this.end = end;
    }
  }

  private static final long MINUTE = 60_000;
  static final List<Scenario> ALL = new ArrayList<>();

  private Scenarios() {}

  private static void add(String name, Consumer<World.Shape> shape, BiConsumer<World, People> script, String end) {
    ALL.add(new Scenario(name, shape, script, end));
  }

  private static void add(String name, BiConsumer<World, People> script, String end) {
    add(name, shape -> {}, script, end);
  }

  private static void unseen(World.Shape shape) {
    shape.denied = true;
    shape.interval = 10_000;
  }

  private static void carried(World.Shape shape) {
    shape.carried = true;
  }

  private static void finishing(World.Shape shape) {
    shape.carried = true;
    shape.length = 150;
    shape.ttl = MINUTE;
  }

  private static void available(World.Shape shape) {
    shape.highAvailability = true;
  }

  /** The first revision runs for some time, and then this. */
  private static BiConsumer<World, People> after(BiConsumer<World, People> then) {
    return (w, p) -> p.up(p.first(), () -> w.later(40_000, () -> then.accept(w, p)));
  }

  static {
    add("first start", after((w, p) -> {}), "running runs");
    add("a bad first revision, then a good one", (w, p) -> {
      p.first().failsToRun = true;
      p.up(p.program, () -> p.up(p.nextRevision(), () -> {}));
    }, "running runs");
    add("update", after((w, p) -> p.up(p.nextRevision(), () -> {})), "running runs");
    add("update, lastState", s -> s.mode = Settings.Mode.LAST_STATE, after((w, p) -> p.up(p.nextRevision(), () -> {})), "running runs");
    add("update, stateless", s -> s.mode = Settings.Mode.STATELESS, after((w, p) -> p.up(p.nextRevision(), () -> {})), "running runs");
    add("update of a job whose tasks do not all run", after((w, p) -> {
      w.loseTasks(w.everyJob().get(0), 40 * MINUTE);
      p.up(p.nextRevision(), () -> {});
    }), "running runs");
    add("change of the cluster", after((w, p) -> p.up(p.otherCluster(), () -> {})), "running runs");
    add("change of the cluster whose JobManager is dead", after((w, p) -> {
      w.serving = false;
      p.crashJobManager();
      w.later(90_000, () -> {
        p.otherCluster();
        p.up(p.program, () -> {});
      });
      w.later(4 * MINUTE, () -> w.serving = true);
    }), "running runs");
    add("a job loses its tasks while it is stopped with a savepoint, and goes on at once", after((w, p) -> {
      SimJob job = w.everyJob().get(0);
      p.up(p.nextRevision(), () -> {});
      p.when(() -> job.stopping, () -> w.later(100, () -> {
        w.loseTasks(job, 200);
        p.when(() -> job.allRunning, () -> {
          job.position += 5;
          w.checkpoint(job);
        });
      }));
    }), "running runs");
    add("the JobManager restarts", after((w, p) -> p.crashJobManager()), "running runs");
    add("the JobManager restarts while an update is under way", after((w, p) -> {
      p.up(p.nextRevision(), () -> {});
      w.later(9_000, p::crashJobManager);
    }), "running runs");
    add("1: flink stop by hand, then an update", after((w, p) -> {
      p.stopByHand();
      w.later(MINUTE, () -> p.up(p.nextRevision(), () -> {}));
    }), "running runs");
    add("1: flink stop by hand, and the JobManager dies before anybody looks", after((w, p) -> {
      p.stopByHand();
      p.when(() -> w.everyJob().get(0).ended(), p::crashJobManager);
    }), "running runs");
    add("1: no look into the store, flink stop by hand, and the JobManager dies before anybody looks", Scenarios::unseen, after((w, p) -> {
      w.everyJob().get(0).position += 5;
      p.stopByHand();
      p.when(() -> w.everyJob().get(0).ended(), p::crashJobManager);
    }), "running runs");
    add("1: no look into the store, flink stop by hand, and the JobManager dies when a guard has seen that the job has ended", Scenarios::unseen, after((w, p) -> {
      SimJob job = w.everyJob().get(0);
      job.position += 5;
      p.stopByHand();
      p.when(() -> !job.seenEnded.isEmpty(), p::crashJobManager);
    }), "running");
    add("1: flink stop by hand before the first checkpoint of a job that was started again, and the JobManager dies", after((w, p) -> {
      p.crashJobManager();
      p.when(() -> w.everyJob().size() == 2 && w.everyJob().get(1).allRunning, () -> {
        SimJob job = w.everyJob().get(1);
        job.position += 5;
        p.stopByHand();
        p.when(job::ended, p::crashJobManager);
      });
    }), "running runs");
    add("1: flink stop by hand into another folder, and an update at that moment", after((w, p) -> {
      w.takeSavepoint(w.everyJob().get(0), "s3://b/elsewhere", "x", true);
      p.up(p.nextRevision(), () -> {});
    }), "any");
    add("1: flink stop by hand", after((w, p) -> p.stopByHand()), "stopped paused");
    add("1: flink stop by hand into another folder, seen by prepare", s -> s.guard = false, after((w, p) -> {
      w.takeSavepoint(w.everyJob().get(0), "s3://b/elsewhere", "x", true);
      w.later(30_000, () -> p.up(p.otherCluster(), () -> {}));
    }), "running runs");
    add("3: the node of the JobManager is lost", after((w, p) -> p.lose(5 * MINUTE)), "running runs");
    add("3: the node is lost, and an update comes", after((w, p) -> {
      p.lose(6 * MINUTE);
      w.later(MINUTE, () -> p.up(p.nextRevision(), () -> p.up(p.program, () -> p.up(p.program, () -> {}))));
    }), "running runs");
    add("3: the node of a JobManager is lost before it has said that it runs", after((w, p) -> {
      p.up(p.otherCluster(), () -> {});
      p.when(() -> w.pods.size() == 1 && w.pods.get(0).hash.equals("h2"), () -> p.lose(35_000));
    }), "running runs");
    add("3: kubectl scale --replicas=2, and one restarts", after((w, p) -> {
      p.scale(3 * MINUTE);
      w.later(30_000, p::crashJobManager);
    }), "running runs");
    add("4: an update is superseded while its job starts slowly", s -> {
      s.quietFrom = s.end;
      s.slowMain = 0;
      s.slowFor = 45_000;
      s.guard = false;
    }, after((w, p) -> {
      People.Up first = p.new Up(p.nextRevision(), () -> {});
      w.shape.slowMain = 1;
      p.when(() -> w.ledger.data.getOrDefault("phase", "").equals("submitting") && w.ledger.data.get("revision").equals("r2@h1"), () -> w.later(4_000, () -> {
        first.interrupted = true;
        w.submission.delete();
        w.shape.slowMain = 0;
        w.later(500, () -> p.up(p.nextRevision(), () -> {}));
      }));
    }), "running runs");
    add("4: two submissions at once, as of objects that are applied without an engine", after((w, p) -> {
      Settings second = w.settings(Program.SUBMIT, p.nextRevision(), "second");
      Settings third = w.settings(Program.SUBMIT, p.nextRevision(), "third");
      p.want(second.revision);
      w.jobObjects.add(w.new SimJobObject("submission", second));
      w.later(4_000, () -> {
        p.want(third.revision);
        w.jobObjects.add(w.new SimJobObject("submission", third));
        w.later(3 * MINUTE, () -> w.deployGuard(w.settings(Program.GUARD, p.program, "guard")));
      });
    }), "running runs");
    add("4: another revision is wanted, nothing of it is there, and the JobManager restarts", after((w, p) -> {
      p.want(p.nextRevision().name);
      w.lastUpdateFailed = true;
      w.later(1_000, p::crashJobManager);
    }), "says");
    add("5: interrupted after prepare", after((w, p) -> {
      People.Up up = p.new Up(p.otherCluster(), () -> {});
      p.whenStopped(() -> {
        up.interrupted = true;
        p.program = w.revisions.get("r1@h1");
      });
    }), "running runs");
    add("5: interrupted when the job is stopped for an update, and taken back", after((w, p) -> {
      People.Up up = p.new Up(p.nextRevision(), () -> {});
      p.whenStopped(() -> {
        up.interrupted = true;
        w.submission.delete();
        w.later(30_000, () -> {
          w.ledger.wanted = "r1@h1";
          w.ledger.version++;
        });
      });
    }), "running runs");
    add("6: a pause that fails, then a change of the cluster", after((w, p) -> {
      w.failSavepoints = 2;
      p.verb(Program.PAUSE, () -> p.up(p.otherCluster(), () -> {}));
    }), "running runs");
    add("a submission that is deleted when it has claimed", after((w, p) -> p.verb(Program.PAUSE, () -> {
      p.resume(() -> {});
      p.when(() -> p.phase("submitting"), () -> p.resumed.delete());
    })), "running runs");
    add("a submission is deleted when its job has begun, and its job cannot be stopped", after((w, p) -> p.verb(Program.PAUSE, () -> {
      p.resume(() -> {});
      p.whenJobs(2, () -> {
        p.resumed.delete();
        w.failSavepoints = 2;
      });
    })), "running runs");
    add("pause and resume", after((w, p) -> p.verb(Program.PAUSE, () -> w.later(30_000, () -> p.resume(() -> {})))), "running runs");
    add("pause, and a change of the cluster", after((w, p) -> p.verb(Program.PAUSE, () -> p.up(p.otherCluster(), () -> {}))), "stopped paused");
    add("7: destroy", after((w, p) -> p.destroy(() -> {})), "destroyed");
    add("7: the job is taken out of the program", after((w, p) -> p.remove()), "destroyed");
    add("7: the job is taken out of the program, and one request of its guard gets no answer", after((w, p) -> {
      w.unanswered = "removed";
      p.remove();
    }), "destroyed");
    add("7: destroy while the API server does not answer for a while", after((w, p) -> {
      w.apiAwayUntil = w.now + 20_000;
      p.destroy(() -> {});
    }), "destroyed");
    add("7: the job is taken out of the program while the API server does not answer for long", after((w, p) -> {
      w.apiAwayUntil = w.now + 5 * MINUTE;
      p.remove();
    }), "destroyed");
    add("7: the guard's Deployment is deleted and made again", after((w, p) -> w.removeGuard(() -> w.later(5_000, () -> w.deployGuard(w.guardSettings)))), "running runs");
    add("9: the store is away for ten minutes when the JobManager restarts", after((w, p) -> {
      p.crashJobManager();
      w.later(1_000, () -> w.store.awayUntil = w.now + 10 * MINUTE);
    }), "running runs");
    add("9: the store is away when the job is about to start", after((w, p) -> {
      p.up(p.nextRevision(), () -> w.later(10 * MINUTE, () -> p.up(p.program, () -> {})));
      p.whenStopped(() -> w.store.awayUntil = w.now + 10 * MINUTE);
    }), "running runs");
    add("9: the store goes away just when the job starts", after((w, p) -> {
      p.crashJobManager();
      p.when(() -> p.phase("submitting"), () -> w.store.awayUntil = w.now + 3 * MINUTE);
    }), "running runs");
    add("9: the infrastructure fails a job after its first checkpoint, before anybody has seen it run", after((w, p) -> {
      p.crashJobManager();
      p.when(() -> p.phase("submitting") && w.everyJob().size() == 2 && w.everyJob().get(1).completed == 1, () -> w.fails(w.everyJob().get(1), "java.net.ConnectException: x"));
    }), "running runs");
    add("a revision fails after its first checkpoint, before anybody has seen it run", after((w, p) -> {
      p.up(p.nextRevision(), () -> p.up(p.nextRevision(), () -> {}));
      p.when(() -> p.phase("submitting") && w.everyJob().size() == 2 && w.everyJob().get(1).completed == 1, () -> w.fails(w.everyJob().get(1), "java.lang.IllegalStateException: x"));
    }), "running runs");
    add("one submission claims twice", after((w, p) -> p.verb(Program.PAUSE, () -> p.resume(() -> p.verb(Program.PAUSE, () -> p.resumed.again())))), "running runs");
    add("11: the ledger is put back from a backup, and the JobManager restarts", after((w, p) -> {
      p.backUp();
      p.crashJobManager();
      w.later(2 * MINUTE, () -> {
        p.restoreLedger();
        p.crashJobManager();
      });
    }), "says");
    add("11: the ledger of a revision with a restoreNonce is deleted, and the program brought up", after((w, p) -> p.up(p.anew(), () -> w.later(20_000, () -> {
      p.deleteLedger();
      w.later(30_000, p::crashJobManager);
      w.later(90_000, () -> p.up(p.nextRevision(), () -> {}));
    }))), "any");
    add("11: the ledger is put back from a backup", after((w, p) -> {
      p.backUp();
      p.up(p.nextRevision(), () -> w.later(20_000, p::restoreLedger));
    }), "says");
    add("11: the ledger's data is put back, and the JobManager restarts", after((w, p) -> {
      World.LedgerObject old = w.ledger.copy();
      p.up(p.nextRevision(), () -> w.later(20_000, () -> {
        w.ledger.data = old.data;
        w.ledger.data.put("revision", w.ledger.wanted);
        w.ledger.version++;
        w.waitsForPerson = true;
      }));
    }), "says");
    add("11: the ledger is deleted, and the program brought up", after((w, p) -> {
      p.deleteLedger();
      w.later(90_000, () -> p.up(p.nextRevision(), () -> {}));
    }), "any");
    add("11: the ledger is deleted, its job lost, and the program brought up again and again", after((w, p) -> {
      p.deleteLedger();
      w.later(30_000, p::crashJobManager);
      w.later(90_000, () -> p.up(p.nextRevision(), () -> p.up(p.program, () -> w.later(3 * MINUTE, () -> p.up(p.otherCluster(), () -> {})))));
    }), "says");
    add("12: cancelled in the UI between two looks, then an update", after((w, p) -> {
      p.cancelByHand();
      w.later(MINUTE, () -> p.up(p.nextRevision(), () -> {}));
    }), "running runs");
    add("12: no look into the store, and the API server is away", Scenarios::unseen, after((w, p) -> {
      w.apiAwayUntil = w.now + 60_000;
      w.later(50_000, p::crashJobManager);
    }), "running runs");
    add("12: no look into the store, and the API server is away for long", Scenarios::unseen, after((w, p) -> {
      w.apiAwayUntil = w.now + 12 * MINUTE;
      w.later(12 * MINUTE - 5_000, p::crashJobManager);
    }), "running runs");
    add("12: no look into the store, and an update, lastState", s -> {
      unseen(s);
      s.mode = Settings.Mode.LAST_STATE;
    }, after((w, p) -> p.up(p.nextRevision(), () -> p.up(p.nextRevision(), () -> p.up(p.nextRevision(), () -> {})))), "running runs");
    add("12: no look into the store, and the job is cancelled in the UI just after a checkpoint", s -> {
      unseen(s);
      s.interval = 4_000;
    }, after((w, p) -> {
      long completed = w.everyJob().get(0).completed;
      p.when(() -> w.everyJob().get(0).completed > completed, p::cancelByHand);
      w.later(8_000, () -> p.up(p.nextRevision(), () -> {}));
    }), "running runs");
    add("12: no look into the store, no guard, and the JobManager restarts before an update", s -> {
      unseen(s);
      s.guard = false;
    }, after((w, p) -> {
      p.crashJobManager();
      w.later(20_000, () -> p.up(p.nextRevision(), () -> {}));
    }), "running runs");
    add("12: no look into the store, and a checkpoint is completed when the job is about to be cancelled", s -> {
      unseen(s);
      s.mode = Settings.Mode.LAST_STATE;
    }, after((w, p) -> {
      p.up(p.nextRevision(), () -> {});
      p.when(() -> p.phase("upgrading"), () -> {
        w.everyJob().get(0).position += 5;
        w.checkpoint(w.everyJob().get(0));
      });
    }), "running runs");
    add("9: no look into the store, and it goes away when the job starts", Scenarios::unseen, after((w, p) -> {
      p.crashJobManager();
      p.when(() -> p.phase("submitting"), () -> w.store.awayUntil = w.now + 3 * MINUTE);
    }), "running runs");
    add("12: no look into the store, and the guard is away, too", Scenarios::unseen, after((w, p) -> {
      w.kill(w.guard);
      w.apiAwayUntil = w.now + 60_000;
      w.later(50_000, p::crashJobManager);
    }), "running runs");
    add("12: no look into the store, and the JobManager dies when the job starts", s -> {
      unseen(s);
      s.mode = Settings.Mode.LAST_STATE;
      s.slowMain = 0;
    }, after((w, p) -> {
      p.up(p.nextRevision(), () -> {});
      p.whenJobs(2, () -> w.later(4_000, p::crashJobManager));
    }), "running runs");
    add("12: no look into the store, and the job is cancelled in the UI", Scenarios::unseen, after((w, p) -> {
      p.cancelByHand();
      w.later(3_000, () -> p.up(p.nextRevision(), () -> {}));
    }), "running runs");
    add("13: savepoints by the clock, of which one is kept", after((w, p) -> p.verb(Program.SAVEPOINT, () -> p.verb(Program.SAVEPOINT, () -> p.verb(Program.SAVEPOINT, () -> {})))), "running runs");
    add("13: the job starts from a savepoint by the clock, and more are taken", after((w, p) -> p.verb(Program.SAVEPOINT, () -> {
      for (SimStore.State state : w.store.states.values()) if (state.periodic) p.anew().initial = state.path;
      p.up(p.program, () -> p.verb(Program.SAVEPOINT, () -> p.verb(Program.SAVEPOINT, () -> {})));
    })), "running runs");
    add("a revision that does not run, and the one before is put back", after((w, p) -> {
      p.nextRevision().failsToRun = true;
      p.up(p.program, () -> p.program = w.revisions.get("r1@h1"));
    }), "running runs");
    add("a revision is put back, its JobManager dies, and its guard and a submission bring it back", after((w, p) -> {
      p.nextRevision().failsToRun = true;
      People.Up up = p.new Up(p.program, () -> {});
      p.whenJobs(3, () -> p.when(() -> w.everyJob().get(2).completed == 1, () -> {
        up.interrupted = true;
        w.submission.delete();
        p.want("r1@h1");
        p.crashJobManager();
        p.when(() -> p.phase("submitting") && w.ledger.data.get("submission").equals("guard"), () -> {
          w.serving = false;
          p.crashJobManager();
          w.jobObjects.add(w.new SimJobObject("submission", w.settings(Program.SUBMIT, w.revisions.get("r1@h1"), "second")));
          p.whenStopped(() -> w.serving = true);
        });
      }));
    }), "running runs");
    add("a revision is superseded by the one before, which cannot start for the store", after((w, p) -> {
      p.nextRevision().limps = true;
      People.Up up = p.new Up(p.program, () -> {});
      p.whenJobs(2, () -> {
        up.interrupted = true;
        w.submission.delete();
        p.program = w.revisions.get("r1@h1");
        p.up(p.program, () -> w.later(3 * MINUTE, () -> p.up(p.program, () -> {})));
        p.when(() -> p.phase("submitting") && w.ledger.data.get("revision").equals("r1@h1"), () -> w.store.awayUntil = w.now + 6 * MINUTE);
      });
    }), "running runs");
    add("a revision whose program is refused", after((w, p) -> {
      p.nextRevision().refusedAtCheck = true;
      p.up(p.program, () -> p.program = w.revisions.get("r1@h1"));
    }), "running runs");
    add("a revision that never runs, taken back without an engine", after((w, p) -> {
      p.nextRevision().limps = true;
      p.up(p.program, () -> w.later(20_000, () -> {
        w.ledger.wanted = "r1@h1";
        w.ledger.version++;
      }));
    }), "running runs");
    add("a revision that never runs, taken back without an engine and a rollback", s -> s.rollback = false, after((w, p) -> {
      p.nextRevision().limps = true;
      p.up(p.program, () -> w.later(20_000, () -> p.want("r1@h1")));
    }), "running runs");
    add("restoreNonce, and its revision does not run", after((w, p) -> {
      p.anew().limps = true;
      p.up(p.program, () -> p.up(p.withoutNonce(), () -> {}));
    }), "running runs");
    add("high availability: the leader dies", Scenarios::available, after((w, p) -> p.crashLeader()), "running runs");
    add("high availability: a request to start comes to its end when its job has been stopped again", s -> {
      available(s);
      s.quietFrom = s.end;
      s.slowMain = 0;
      s.slowFor = 60_000;
    }, after((w, p) -> {
      w.shape.slowMain = 1;
      p.up(p.nextRevision(), () -> p.up(p.nextRevision(), () -> {}));
      p.when(() -> w.slowStarts == 1, () -> w.shape.slowMain = 0);
    }), "running runs");
    add("high availability: update", Scenarios::available, after((w, p) -> p.up(p.nextRevision(), () -> {})), "running runs");
    add("high availability: the leader dies when the job is being stopped", Scenarios::available, after((w, p) -> {
      p.up(p.nextRevision(), () -> {});
      p.when(() -> w.store.states.keySet().stream().anyMatch(path -> path.contains("/savepoint-")), p::crashLeader);
    }), "running runs");
    add("high availability: the leader dies when the job was asked to stop", Scenarios::available, after((w, p) -> {
      p.up(p.nextRevision(), () -> {});
      p.when(() -> w.ledger.data.getOrDefault("phase", "").equals("upgrading"), () -> w.later(1_500, p::crashLeader));
    }), "running runs");
    add("high availability: the leader dies when the job starts", Scenarios::available, after((w, p) -> {
      p.up(p.nextRevision(), () -> {});
      p.whenJobs(2, () -> w.later(4_000, p::crashLeader));
    }), "running runs");
    add("high availability: the leader is cut off just before its job has ended, leads again, and takes it up again", Scenarios::available, after((w, p) -> {
      w.recovery = 8_000;
      // That takes long: an update whose time is up is run again.
      p.up(p.nextRevision(), () -> {
        if (w.lastUpdateFailed) p.up(p.program, () -> {});
      });
      p.when(() -> w.everyJob().get(0).sealed, () -> w.later(500, () -> p.lose(20_000)));
      p.whenJobs(2, () -> w.submission.killed());
    }), "running runs");
    add("high availability: the leader's node is lost", Scenarios::available, after((w, p) -> p.lose(5 * MINUTE)), "running runs");
    add("8: high availability whose metadata vanishes", Scenarios::available, after((w, p) -> {
      w.stored.clear();
      p.crashLeader();
    }), "running runs");
    add("application: update", Scenarios::carried, after((w, p) -> p.up(p.nextRevision(), () -> {})), "running runs");
    add("application: the JobManager restarts", Scenarios::carried, after((w, p) -> p.crashJobManager()), "running runs");
    add("application: the JobManager's node is lost", Scenarios::carried, after((w, p) -> p.lose(5 * MINUTE)), "running runs");
    add("2: application: an update while its JobManager restarts", Scenarios::carried, after((w, p) -> {
      p.crashJobManager();
      p.up(p.nextRevision(), () -> {});
    }), "running runs");
    add("1: application with high availability: flink stop by hand while the API server is away, and the JobManager dies", s -> {
      carried(s);
      available(s);
    }, after((w, p) -> {
      w.apiAwayUntil = w.now + MINUTE;
      p.stopByHand();
      p.when(() -> w.everyJob().get(0).ended(), p::crashLeader);
    }), "running runs");
    for (int millis : new int[] {100, 1_500}) {
      add("2: application: the JobManager dies " + millis + " ms after the job is to be stopped", Scenarios::carried, after((w, p) -> {
        p.up(p.nextRevision(), () -> {});
        p.when(() -> p.phase("upgrading"), () -> w.later(millis, p::crashJobManager));
      }), "running runs");
    }
    add("application: the JobManager of before restarts when another revision is settled", Scenarios::carried, after((w, p) -> {
      People.Up up = p.new Up(p.nextRevision(), () -> {});
      p.when(() -> p.phase("submitting"), () -> {
        up.interrupted = true;
        p.crashJobManager();
        w.later(MINUTE, () -> p.up(p.program, () -> {}));
      });
    }), "running runs");
    add("2: application: a JobManager that does not answer is updated", Scenarios::carried, after((w, p) -> {
      w.pods.get(0).process.serves = false;
      p.up(p.nextRevision(), () -> {});
      w.later(2 * MINUTE, () -> w.pods.get(0).process.serves = true);
    }), "running runs");
    add("application: the launcher's write is not made, and the JobManager restarts later", Scenarios::carried, (w, p) -> {
      p.up(p.first(), () -> w.later(40_000, p::crashJobManager));
      p.when(() -> !w.pods.isEmpty() && w.pods.get(0).launcher != null, () -> w.unanswered = "write");
    }, "running runs");
    add("application: pause and resume", Scenarios::carried, after((w, p) -> p.verb(Program.PAUSE, () -> w.later(30_000, () -> p.resume(() -> {})))), "running runs");
    add("9: application: the store is away for ten minutes when it is resumed", Scenarios::carried, after((w, p) -> p.verb(Program.PAUSE, () -> {
      w.store.awayUntil = w.now + 10 * MINUTE;
      p.resume(() -> {});
    })), "running runs");
    add("9: application: its JobManager does not come up for ten minutes when it is resumed", Scenarios::carried, after((w, p) -> p.verb(Program.PAUSE, () -> {
      w.serving = false;
      p.crashJobManager();
      p.resume(() -> {});
      w.later(10 * MINUTE, () -> w.serving = true);
    })), "running runs");
    add("9: application: the store is away when it is resumed, and the guard brings it back when the follower gives up", Scenarios::carried, after((w, p) -> p.verb(Program.PAUSE, () -> {
      w.store.awayUntil = Long.MAX_VALUE;
      p.resume(() -> {});
      p.when(() -> follower(w) != null && follower(w) != w.follower, () -> w.later(200_000, () -> {
        follower(w).killed();
        p.when(() -> follower(w).run.alive, () -> w.later(follower(w).settings.startTimeout - 3_000, () -> w.store.awayUntil = 0));
      }));
    })), "running runs");
    add("application: an update that is taken back, and its JobManager comes up too late", Scenarios::carried, after((w, p) -> {
      People.Up up = p.new Up(p.nextRevision(), () -> {});
      p.when(() -> p.phase("submitting"), () -> {
        up.interrupted = true;
        p.crashJobManager();
        w.later(5_000, () -> p.up(p.program = w.revisions.get("r1@h1"), () -> {}));
      });
    }), "running runs");
    add("9: application: an update fails for its store, and is run again", Scenarios::carried, after((w, p) -> {
      p.up(p.nextRevision(), () -> w.later(8 * MINUTE, () -> p.up(p.program, () -> {})));
      p.when(() -> p.phase("submitting"), () -> w.store.awayUntil = w.now + 8 * MINUTE);
    }), "running runs");
    add("application: interrupted before its JobManager is changed, and resumed; then run again", Scenarios::carried, after((w, p) -> {
      People.Up up = p.new Up(p.nextRevision(), () -> p.resume(() -> p.up(p.program, () -> {})));
      p.when(() -> p.phase("submitting"), () -> up.interrupted = true);
    }), "running runs");
    add("application with high availability: its first job fails for the store, and the JobManager dies before anybody looks", s -> {
      carried(s);
      available(s);
    }, (w, p) -> {
      p.up(p.first(), () -> {});
      p.whenJobs(1, () -> {
        w.fails(w.everyJob().get(0), "java.net.ConnectException: x");
        p.crashLeader();
      });
    }, "running runs");
    add("application: an update that is taken back", Scenarios::carried, after((w, p) -> {
      p.nextRevision().limps = true;
      p.up(p.program, () -> p.up(p.program = w.revisions.get("r1@h1"), () -> {}));
    }), "running runs");
    add("application: interrupted when the job is stopped", Scenarios::carried, after((w, p) -> {
      People.Up up = p.new Up(p.nextRevision(), () -> {});
      p.whenStopped(() -> {
        up.interrupted = true;
        w.later(10_000, () -> p.up(p.program, () -> {}));
      });
    }), "running runs");
    add("8: application with high availability whose metadata vanishes", s -> {
      carried(s);
      available(s);
    }, after((w, p) -> {
      w.stored.clear();
      p.crashLeader();
    }), "running runs");
    add("application with high availability: update", s -> {
      carried(s);
      available(s);
    }, after((w, p) -> p.up(p.nextRevision(), () -> {})), "running runs");
    add("application: it finishes, and its pods end after a while", Scenarios::finishing, after((w, p) -> {}), "finished asleep");
    add("application: it has finished, and a person scales it up", Scenarios::finishing, after((w, p) -> p.when(() -> w.replicas == 0, () -> w.later(MINUTE, () -> {
      w.replicas = 1;
      w.reconcile();
    }))), "finished asleep");
    for (int seconds : new int[] {0, 60}) {
      add("application: it has finished, its pods have ended, and an update comes after " + seconds + " s", Scenarios::finishing, after((w, p) -> p.when(() -> w.replicas == 0, () -> w.later(seconds * 1000L, () -> {
        w.shape.length = 0;
        p.up(p.nextRevision(), () -> {});
      }))), "running runs");
    }
    add("application: it has finished, the request to end its JobManager comes late, and an update comes", Scenarios::finishing, after((w, p) -> {
      p.when(() -> w.taskManagers == 0, () -> w.late = "scale");
      p.when(() -> w.replicas == 0, () -> {
        w.shape.length = 0;
        p.up(p.nextRevision(), () -> {});
      });
    }), "running runs");
    add("application: it has finished, the request to end its TaskManagers comes late, and an update comes", Scenarios::finishing, after((w, p) -> p.when(() -> w.ledger.data.containsKey("asleep"), () -> {
      w.late = "scale";
      p.when(() -> w.late.isEmpty(), () -> {
        w.shape.length = 0;
        w.kill(w.guard);
        p.up(p.nextRevision(), () -> {});
      });
    })), "running runs");
    add("6: a pause of the package before has failed, and the cluster changes", after((w, p) -> {
      w.ledger.data.put("paused", "true");
      w.ledger.version++;
      p.up(p.otherCluster(), () -> {});
    }), "running runs");
    add("restoreNonce, its revision does not run, and there is no rollback", s -> s.rollback = false, after((w, p) -> {
      p.anew().limps = true;
      p.up(p.program, () -> p.up(p.withoutNonce(), () -> {}));
    }), "running runs");
    add("restoreNonce", after((w, p) -> p.up(p.anew(), () -> w.later(20_000, () -> p.up(p.nextRevision(), () -> {})))), "running runs");
  }

  private static World.SimJobObject follower(World w) {
    World.SimJobObject last = null;
    for (World.SimJobObject object : w.jobObjects) if (object.settings.program == Program.FOLLOW) last = object;
    return last;
  }

  static World world(Scenario scenario, long seed, boolean traced) {
    World.Shape shape = new World.Shape();
    shape.faults = 0;
    shape.crashes = 0;
    shape.skew = false;
    shape.end = 30 * MINUTE;
    // What comes late comes within a minute.
    shape.settled = 100_000;
    scenario.shape.accept(shape);
    return new World(seed, shape, null, traced);
  }

  /** Runs one; `crash` is after how many effects a process ends, 0 for never. Says what is wrong, empty when nothing is. */
  static List<String> run(World world, Scenario scenario, int crash) {
    world.crashAfter = crash;
    try {
      scenario.script.accept(world, new People(world));
      world.run();
      List<String> problems = new ArrayList<>(world.invariants.atTheEnd());
      String end = end(world);
      if (end.equals("running runs") && !world.lastUpdateFailed && !world.waitsForPerson && !world.ledger.wanted.equals(world.ledger.data.get("revision"))) problems.add("WRONG REVISION: " + world.ledger.data.get("revision") + " runs, and " + world.ledger.wanted + " is wanted");
      if (!scenario.end.equals("any") && !scenario.end.equals(end) && !(scenario.end.equals("says") && !world.guardReady())) problems.add("END: it is to end as \"" + scenario.end + "\", and is \"" + end + "\"; the guard says: " + world.guardSays());
      return problems;
    } catch (Invariants.Violation broken) {
      return List.of(broken.getMessage());
    } catch (World.Same same) {
      throw same;
    } catch (RuntimeException wrong) {
      return List.of("ERROR: " + wrong);
    }
  }

  private static String end(World world) {
    if (world.destroyed) return "destroyed";
    if (world.ledger == null) return "no ledger";
    boolean runs = false;
    for (World.SimJob job : world.everyJob()) runs |= job.process.alive && !job.ended() && job.began;
    return world.ledger.data.getOrDefault("phase", "none") + (world.replicas == 0 && world.taskManagers == 0 ? " asleep" : "") + (runs ? " runs" : "") + (world.ledger.data.containsKey("paused") ? " paused" : "");
  }

  /** How many runs were tried, of what. */
  static final class Tried {
    final Map<String, Integer> counts = new TreeMap<>();
    final List<String> problems = new ArrayList<>();

    private synchronized void add(String of, int count, List<String> found) {
      counts.merge(of, count, Integer::sum);
      problems.addAll(found);
    }

    int of(String what) {
      return counts.getOrDefault(what, 0);
    }
  }

  /** Every scenario with a crash after every single effect. Where nobody may look into the store, a person may be asked then. */
  static Tried crashEverywhere() {
    Tried tried = new Tried();
    Cores.each(ALL, scenario -> {
      World measured = world(scenario, 1, false);
      run(measured, scenario, 0);
      List<String> problems = new ArrayList<>();
      for (int crash = 1; crash <= measured.early; crash++) {
        World world = world(scenario, 1, false);
        for (String problem : run(world, scenario, crash)) if (!world.store.denied || !problem.startsWith("END")) problems.add(scenario.name + ", crash after effect " + crash + ": " + problem);
      }
      tried.add("crashes", measured.early, problems);
    });
    return tried;
  }

  /**
   * Every scenario with every read of an object of the API answered with each state that it had before. An update that believes one may fail, and is run again. Of
   * states of a ledger that differ only in the checkpoint that was noted the last stands for all, and a run is over when the read has changed nothing. Of these reads
   * each `every`-th is tried; 0: all, whatever they differ in, each to its end.
   */
  static Tried staleEverywhere(List<Scenario> scenarios, int every) {
    Tried tried = new Tried();
    Cores.each(scenarios, scenario -> staleReads(scenario, every, tried));
    return tried;
  }

  private static void staleReads(Scenario scenario, int every, Tried tried) {
    boolean all = every == 0;
    int next = 0;
    World measured = world(scenario, 1, false);
    World.Record record = measured.record = new World.Record();
    run(measured, scenario, 0);
    measured.record = null;
    for (World.Read read : record.reads) {
      if (read.effect > measured.early) break;
      List<Answer<?>> states = record.states.get(read.object);
      for (int state = 0; state < read.states - 1; state++) {
        if (!all && state < read.states - 2 && sameButForCheckpoint(states.get(state), states.get(state + 1))) continue;
        if (!all && next++ % every > 0) continue;
        World world = stale(scenario, read, states.get(state), false);
        if (!all) world.compared = record;
        List<String> problems = new ArrayList<>();
        try {
          for (String problem : run(world, scenario, 0)) {
            if (!problem.startsWith("END")) problems.add(scenario.name + ", effect " + read.effect + " (" + read.object + ") is answered with state " + state + " of " + read.states + ": " + problem);
          }
        } catch (World.Same same) {
          tried.add("without any effect", 1, problems);
        }
        tried.add(read.object, 1, problems);
      }
    }
  }

  private static World stale(Scenario scenario, World.Read read, Answer<?> answer, boolean traced) {
    World world = world(scenario, 1, traced);
    world.staleAt = read.effect;
    world.stale = answer;
    return world;
  }

  private static boolean sameButForCheckpoint(Answer<?> one, Answer<?> other) {
    if (!(one.value instanceof Ledger) || !(other.value instanceof Ledger)) return false;
    Map<String, String> none = Map.of("checkpoint", "", "checkpointed", "");
    Ledger a = (Ledger) one.value, b = (Ledger) other.value;
    return a.uid.equals(b.uid) && a.wanted.equals(b.wanted) && Ledger.merge(a.data(), none).equals(Ledger.merge(b.data(), none));
  }

  /** Prints what happens when a read is answered with an earlier state: `java … Scenarios stale NAME EFFECT STATE`. */
  private static void replayStale(String name, int effect, int state) {
    for (Scenario scenario : ALL) {
      if (!scenario.name.equals(name)) continue;
      World measured = world(scenario, 1, false);
      World.Record record = measured.record = new World.Record();
      run(measured, scenario, 0);
      for (World.Read read : record.reads) {
        if (read.effect != effect) continue;
        World world = stale(scenario, read, record.states.get(read.object).get(state), true);
        List<String> problems = run(world, scenario, 0);
        world.trace.forEach(System.out::println);
        System.out.println(problems);
      }
    }
  }

  /** `java … Scenarios [NAME [CRASH] | crash | stale [EVERY]]`: runs all as they are, prints what happens in one, or breaks each everywhere. */
  public static void main(String[] arguments) {
    String first = arguments.length > 0 ? arguments[0] : "";
    if (first.equals("stale") && arguments.length == 4) {
      replayStale(arguments[1], Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
      return;
    }
    if (first.equals("crash") || first.equals("stale")) {
      Tried tried = first.equals("crash") ? crashEverywhere() : staleEverywhere(ALL, arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1);
      tried.problems.forEach(System.out::println);
      System.out.println(tried.counts + " were tried; " + tried.problems.size() + " went wrong.");
      return;
    }
    for (Scenario scenario : ALL) {
      boolean meant = arguments.length > 0 && scenario.name.contains(arguments[0]);
      if (arguments.length > 0 && !meant) continue;
      for (int seed = 1; seed <= (meant ? 1 : 3); seed++) {
        World world = world(scenario, seed, meant);
        List<String> problems = run(world, scenario, arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0);
        if (meant) world.trace.forEach(System.out::println);
        System.out.println(scenario.name + ", seed " + seed + ": " + world.effects + " effects; " + (problems.isEmpty() ? "ends as it should: " + end(world) : String.join("; ", problems)));
      }
    }
  }
}
