package flink.kubernetes.agent;

import flink.kubernetes.agent.Answer.Kind;
import flink.kubernetes.agent.Effects.Checkpoints;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.World.Op;
import flink.kubernetes.agent.World.SimJob;
import flink.kubernetes.agent.World.SimPod;
import flink.kubernetes.agent.World.SimProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What one process of the agent sees and does in the {@link World}, with what may go wrong on the way. */
final class SimEffects {
  private final World world;
  private final World.SimRun run;

  SimEffects(World world, World.SimRun run) {
    this.world = world;
    this.run = run;
  }

  Effects effects() {
    return new Effects(new Kube(), new Rest(), this::states, () -> world.now + run.skew, new Said());
  }

  private void covered(String effect, String fault) {
    if (world.coverage != null) world.coverage.saw(run.settings.program, world.ledger == null ? "-" : world.ledger.data.getOrDefault("phase", ""), effect, fault);
  }

  /**
   * One effect. It may be lost on its way, be done and its answer lost, be done later though nobody waits any more, or be answered with a status that says nothing;
   * and the process may end right after it.
   */
  private <T> Answer<T> effect(String name, boolean writes, Supplier<Answer<T>> what) {
    world.beforeEffect();
    world.effects++;
    if (world.now - world.unwell < 60_000 && world.now - world.zero < world.shape.end - 15 * 60_000L) world.early = world.effects;
    Answer<T> answer;
    if (name.equals(world.unanswered)) {
      world.unanswered = "";
      answer = Answer.none(Kind.UNCLEAR, "HTTP 429");
    } else if (name.equals(world.late)) {
      world.late = "";
      world.in(25_000, what::get);
      answer = Answer.none(Kind.UNCLEAR, "no answer");
    } else if (run.pod != null && run.pod.cutOff) {
      answer = Answer.none(Kind.UNCLEAR, "no route to host");
    } else if (!world.quiet() && world.chance(world.shape.faults)) {
      world.faults++;
      int kind = world.random.nextInt(writes ? 4 : 2);
      String[] kinds = {"lost", "status", "answer lost", "late"};
      covered(name, kinds[kind]);
      world.say(() -> "  fault: " + name + " of " + run.name + ": " + kinds[kind]);
      if (kind == 2) what.get();
      if (kind == 3) world.in(world.between(100, 30_000), what::get);
      int[] statuses = {401, 408, 429, 500, 503};
      answer = kind == 1 ? Answer.none(Answer.kind(statuses[world.random.nextInt(statuses.length)]), "HTTP 429, or the like") : Answer.none(Kind.UNCLEAR, "no answer");
    } else {
      covered(name, "");
      answer = what.get();
    }
    boolean exact = world.crashAfter > 0 && --world.crashAfter == 0;
    if (exact || !world.quiet() && world.chance(world.shape.crashes)) {
      world.faults++;
      covered(name, "crash after");
      world.in(0, () -> world.kill(run));
      run.dying = true;
    }
    return answer;
  }

  private final class Kube implements Effects.Kubernetes {
    private <T> Answer<T> api(String name, boolean writes, Supplier<Answer<T>> what) {
      return effect(name, writes, () -> world.now < world.apiAwayUntil ? Answer.none(Kind.UNCLEAR, "HTTP 503") : what.get());
    }

    /** Of an object that has had other states: one of these may be the answer. */
    @SuppressWarnings("unchecked")
    private <T> Answer<T> read(String object, Supplier<Answer<T>> what) {
      Answer<?> stale = world.staleRead(run, object);
      return api(object, false, stale == null ? what : () -> (Answer<T>) stale);
    }

    @Override
    public Answer<Ledger> ledger() {
      return read("ledger", () -> world.ledger == null ? Answer.none(Kind.NOT_FOUND, "HTTP 404") : Answer.ok(world.read()));
    }

    @Override
    public Answer<Ledger> write(Ledger read, Map<String, String> entries) {
      return api("write", true, () -> {
        if (world.ledger == null) return Answer.none(Kind.NOT_FOUND, "HTTP 404");
        if (!world.ledger.uid.equals(read.uid) || !Long.toString(world.ledger.version).equals(read.version)) return Answer.none(Kind.CONFLICT, "HTTP 409");
        world.ledger.data = Ledger.merge(world.ledger.data, entries);
        world.ledger.version++;
        world.written();
        return Answer.ok(world.read());
      });
    }

    @Override
    public Answer<Effects.Deployment> jobManager() {
      return read("deployment", () -> World.deployment(world));
    }

    @Override
    public Answer<List<Pod>> pods() {
      return read("pods", world::podList);
    }

    @Override
    public Answer<Void> abandon(String id) {
      return api("abandon", true, () -> {
        world.stored.remove(id);
        return Answer.ok(null);
      });
    }

    @Override
    public Answer<Effects.Scale> scale(Effects.Workload workload) {
      return api("replicas", false, () -> Answer.ok(world.scaleOf(workload)));
    }

    @Override
    public Answer<Void> scale(Effects.Workload workload, Effects.Scale read, int replicas) {
      SimJob finished = world.finished;
      return api("scale", true, () -> {
        if (!world.scaleOf(workload).version.equals(read.version)) return Answer.none(Kind.CONFLICT, "HTTP 409");
        if (replicas == 0) world.invariants.sleeps(finished);
        world.scale(workload, replicas);
        return Answer.ok(null);
      });
    }

    @Override
    public Answer<Boolean> guardRemoved() {
      return read("removed", () -> Answer.ok(world.guardRemoved));
    }
  }

  private final class Rest implements Effects.Flink {
    /** Asks one pod; with high availability it hands the request on to the leader. */
    private <T> Answer<T> rest(String name, boolean writes, Pod pod, java.util.function.Function<SimProcess, Answer<T>> what) {
      SimProcess meant = process(pod);
      return effect(name, writes, () -> {
        SimProcess process = process(pod);
        // What comes late comes to the same process or to none.
        if (process == null || process != meant) return Answer.none(Kind.UNCLEAR, "connection refused");
        return what.apply(process);
      });
    }

    private SimProcess process(Pod pod) {
      for (SimPod candidate : world.pods) if (candidate.name.equals(pod.name) && candidate.reachable()) return candidate.process;
      return null;
    }

    /** The process that runs the jobs, as seen from this one; null when there is none. */
    private SimProcess dispatcher(SimProcess process) {
      if (!world.shape.highAvailability) return process;
      return world.leader != null && world.leader.alive && !world.leader.pod.cutOff ? world.leader : null;
    }

    private <T> Answer<T> job(SimProcess process, String id, java.util.function.Function<SimJob, Answer<T>> what) {
      SimProcess dispatcher = dispatcher(process);
      if (dispatcher == null) return Answer.none(Kind.UNCLEAR, "HTTP 503");
      SimJob job = dispatcher.known.get(id);
      return job == null ? Answer.none(Kind.NOT_FOUND, "HTTP 404") : what.apply(job);
    }

    @Override
    public Answer<Effects.Jobs> jobs(Pod pod) {
      return rest("jobs", false, pod, process -> {
        SimProcess dispatcher = dispatcher(process);
        if (dispatcher != null) for (SimJob job : dispatcher.known.values()) if (job.ended()) job.seenEnded.add(run);
        return world.jobsOf(process.pod);
      });
    }

    @Override
    public Answer<Checkpoints> checkpoints(Pod pod, String id) {
      return rest("checkpoints", false, pod, process -> job(process, id, job -> Answer.ok(world.shown(job))));
    }

    @Override
    public Answer<String> savepoint(Pod pod, String id, String trigger) {
      return rest("savepoint result", false, pod, process -> {
        SimProcess dispatcher = dispatcher(process);
        if (dispatcher == null) return Answer.none(Kind.UNCLEAR, "HTTP 503");
        Op op = dispatcher.ops.get(trigger);
        if (op == null || op.forgotten(world.now)) return Answer.none(Kind.NOT_FOUND, "HTTP 404");
        return op.failure.isEmpty() ? Answer.ok(op.path) : Answer.none(Kind.REFUSED, op.failure);
      });
    }

    @Override
    public Answer<String> failure(Pod pod, String id) {
      return rest("failure", false, pod, process -> job(process, id, job -> Answer.ok(job.failure)));
    }

    @Override
    public Answer<List<String>> jars(Pod pod) {
      return rest("jars", false, pod, process -> Answer.ok(new ArrayList<>(process.jars.keySet())));
    }

    @Override
    public Answer<String> upload(Pod pod, String jobId) {
      return rest("upload", true, pod, process -> {
        String jar = world.uid("jar") + "_" + jobId + ".jar";
        process.jars.put(jar, run.settings.revision);
        return Answer.ok(jar);
      });
    }

    @Override
    public Answer<Void> deleteJar(Pod pod, String jar) {
      return rest("delete jar", true, pod, process -> {
        process.jars.remove(jar);
        return Answer.ok(null);
      });
    }

    @Override
    public Answer<Void> check(Pod pod, String jar) {
      return rest("check", true, pod, process -> {
        if (!process.jars.containsKey(jar)) return Answer.none(Kind.UNCLEAR, "HTTP 404");
        return world.revisions.get(process.jars.get(jar)).refusedAtCheck ? Answer.none(Kind.REFUSED, "there is no such class") : Answer.ok(null);
      });
    }

    @Override
    public Answer<Void> run(Pod pod, String jar, String id, String from) {
      return rest("run", true, pod, process -> {
        if (!process.jars.containsKey(jar)) return Answer.none(Kind.UNCLEAR, "the jar does not exist");
        String revision = process.jars.get(jar);
        if (world.revisions.get(revision).refusedAtCheck) return Answer.none(Kind.REFUSED, "there is no such class");
        // The user's main method takes its time, whoever waits for it.
        if (!world.quiet() && world.chance(world.shape.slowMain)) {
          world.slowStarts++;
          world.in(world.shape.slowMain == 1 ? world.shape.slowFor : world.between(500, world.shape.slowFor), () -> submitted(process, jar, revision, id, from));
          return Answer.none(Kind.UNCLEAR, "read timed out");
        }
        return submitted(process, jar, revision, id, from);
      });
    }

    private Answer<Void> submitted(SimProcess process, String jar, String revision, String id, String from) {
      SimProcess dispatcher = dispatcher(process);
      if (!process.alive || dispatcher == null) return Answer.none(Kind.UNCLEAR, "HTTP 503");
      if (!process.jars.containsKey(jar)) return Answer.none(Kind.UNCLEAR, "the jar does not exist");
      SimJob there = dispatcher.known.get(id);
      // With high availability a job that has ended is cleaned up, and its id is free again.
      if (there != null && !(world.shape.highAvailability && there.ended()) || world.stored.containsKey(id)) return Answer.none(Kind.CONFLICT, "DuplicateJobSubmissionException");
      SimJob job = new SimJob();
      job.id = id;
      job.revision = revision;
      job.from = from;
      job.process = dispatcher;
      job.startedBy = run;
      world.begin(job);
      return Answer.ok(null);
    }

    @Override
    public Answer<Void> stop(Pod pod, String id, String target, String trigger) {
      return rest("stop", true, pod, process -> job(process, id, job -> {
        world.takeSavepoint(job, target, trigger, true);
        return Answer.ok(null);
      }));
    }

    @Override
    public Answer<Void> takeSavepoint(Pod pod, String id, String target, String trigger) {
      return rest("savepoint", true, pod, process -> job(process, id, job -> {
        world.takeSavepoint(job, target, trigger, false);
        return Answer.ok(null);
      }));
    }

    @Override
    public Answer<Void> checkpoint(Pod pod, String id) {
      return rest("checkpoint", true, pod, process -> job(process, id, job -> Answer.ok(null)));
    }

    @Override
    public Answer<Void> cancel(Pod pod, String id) {
      return rest("cancel", true, pod, process -> job(process, id, job -> {
        world.cancel(job);
        return Answer.ok(null);
      }));
    }

    @Override
    public Answer<Void> dispose(Pod pod, String path) {
      return rest("dispose", true, pod, process -> {
        if (world.store.away(world.now)) return Answer.none(Kind.UNCLEAR, "the store is away");
        SimStore.State state = world.store.states.remove(path);
        if (state != null) world.invariants.disposed(state);
        return Answer.ok(null);
      });
    }

    @Override
    public Answer<Void> shutDown(Pod pod) {
      return rest("shut down", true, pod, process -> {
        world.containerEnds(process.pod);
        return Answer.ok(null);
      });
    }
  }

  private Answer<List<Effects.Stored>> states() {
    return effect("states", false, () -> {
      if (world.store.denied) return Answer.none(Kind.REFUSED, "HTTP 403");
      if (world.store.away(world.now)) return Answer.none(Kind.UNCLEAR, "the store is away");
      return Answer.ok(world.store.list());
    });
  }

  private final class Said implements Effects.Log {
    @Override
    public void say(String text) {
      run.said = text;
    }

    @Override
    public void conclude(String text) {
      run.said = text;
    }

    @Override
    public void ready(boolean ready) {
      run.ready = ready;
      if (ready) world.invariants.ready(run.said);
    }
  }
}
