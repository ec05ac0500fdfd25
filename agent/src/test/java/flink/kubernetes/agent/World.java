package flink.kubernetes.agent;

import flink.kubernetes.agent.Answer.Kind;
import flink.kubernetes.agent.Effects.Checkpoints;
import flink.kubernetes.agent.Effects.Deployment;
import flink.kubernetes.agent.Effects.Job;
import flink.kubernetes.agent.Effects.Jobs;
import flink.kubernetes.agent.Effects.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * One Kubernetes namespace with a Flink cluster, a FlinkJob, a store, a Pulumi program and people, in one thread and with a clock of its own. The seed says who steps
 * next, how long everything takes and what breaks. ASSUMPTIONS.md lists what is taken for granted of the real ones.
 */
final class World {
  static final String PREFIX = "0123456789abcdef";
  static final String CHECKPOINTS = "s3://b/checkpoints";
  static final String SAVEPOINTS = "s3://b/savepoints";

  /** What a seed, or a scenario, is about. */
  static final class Shape {
    boolean highAvailability;
    boolean carried;
    boolean denied;
    boolean guard = true;
    boolean rollback = true;
    boolean skew = true;
    Settings.Mode mode = Settings.Mode.SAVEPOINT;
    /** How often an effect meets a fault, and how often a process ends after one. */
    double faults = 0.02;
    double crashes = 0.008;
    /** How often a program's main method takes longer than anybody waits. */
    double slowMain = 0.15;
    long slowFor = 60_000;
    /** The least time between two checkpoints. */
    long interval = 2_000;
    /** The record after which the job is done by itself; 0: it never is. */
    long length;
    /** How long an application's pods stay when it has finished; -1: for ever. */
    long ttl = -1;
    /** When nothing breaks any more, and when it is over. */
    long quietFrom = 12 * 60_000L;
    long end = 50 * 60_000L;
    /** It is over sooner when all has been well for so long, and nobody has anything to do any more. */
    long settled = 3 * 60_000L;
  }

  final SplittableRandom random;
  final Shape shape;
  final Invariants invariants = new Invariants(this);
  final SimStore store = new SimStore();
  long now = 1_700_000_000_000L;
  final long zero = now;
  private long order;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  final List<String> trace;
  final Coverage coverage;
  int effects;
  int faults;
  String stuck = "";
  int documented;

  private static final class Event implements Comparable<Event> {
    final long time;
    final long order;
    final Runnable what;

    Event(long time, long order, Runnable what) {
      this.time = time;
      this.order = order;
      this.what = what;
    }

    @Override
    public int compareTo(Event other) {
      return time != other.time ? Long.compare(time, other.time) : Long.compare(order, other.order);
    }
  }

  World(long seed, Shape shape, Coverage coverage, boolean traced) {
    this.random = new SplittableRandom(seed);
    this.shape = shape;
    this.coverage = coverage;
    this.trace = traced ? new ArrayList<>() : null;
    store.denied = shape.denied;
  }

  // Time and chance.

  void in(long millis, Runnable what) {
    events.add(new Event(now + millis, order++, what));
  }

  boolean chance(double of) {
    return random.nextDouble() < of;
  }

  long between(long from, long to) {
    return from + random.nextLong(to - from + 1);
  }

  boolean quiet() {
    return now - zero >= shape.quietFrom;
  }

  void say(String what) {
    if (trace != null) trace.add(String.format("%7.1f %s", (now - zero) / 1000.0, what));
  }

  void say(Supplier<String> what) {
    if (trace != null) say(what.get());
  }

  void documented(String what) {
    documented++;
    say("DOCUMENTED: " + what);
  }

  static String shortId(String id) {
    return id.length() > 16 ? id.substring(16, 20) : id;
  }

  /** People have not done yet what they are going to do. */
  boolean busy;
  private int planned;
  long unsettled = now;

  /** What a person, or a script, is going to do: a life is not over before. */
  void later(long millis, Runnable what) {
    planned++;
    in(millis, () -> {
      planned--;
      what.run();
    });
  }

  /** When all was not well, last. */
  long unwell = now;

  private void settles() {
    boolean well = looksAfter() && invariants.isWell();
    if (!well) unwell = now;
    if (!well || busy || planned > 0 || store.away(now) || now < apiAwayUntil) unsettled = now;
    in(10_000, this::settles);
  }

  /** Nobody but the guard does anything, and the guard says that all is well. */
  private boolean looksAfter() {
    return shape.guard && !destroyed ? runs.size() == 1 && guardReady() : runs.isEmpty();
  }

  /** Lets it run to its end. */
  void run() {
    settles();
    while (!events.isEmpty() && now - unsettled < shape.settled) {
      Event event = events.poll();
      if (event.time - zero > shape.end) break;
      now = event.time;
      event.what.run();
      recordStates();
    }
  }

  // The Kubernetes API.

  static final class LedgerObject {
    String uid;
    long version = 1;
    String wanted = "";
    Map<String, String> data = new LinkedHashMap<>();

    LedgerObject copy() {
      LedgerObject copy = new LedgerObject();
      copy.uid = uid;
      copy.version = version;
      copy.wanted = wanted;
      copy.data = new LinkedHashMap<>(data);
      return copy;
    }
  }

  LedgerObject ledger;
  long ledgerGoneAt;
  long apiAwayUntil;
  int uids;

  String uid(String of) {
    return of + "-" + ++uids;
  }

  /** Whether a JobManager that is started comes up. */
  boolean serving = true;
  /** The next effect of this name is not answered. */
  String unanswered = "";
  /** The next effect of this name is not answered, and comes about half a minute later. */
  String late = "";
  /** So many requests to start were slow. */
  int slowStarts;
  /** So long a new leader takes at least until it takes up a job. */
  long recovery;
  /** So many savepoints fail. */
  int failSavepoints;

  /** The JobManager's Deployment: null hash: there is none. */
  String restartHash = "";
  long generation = 1;
  int replicas = 1;
  int taskManagers = 2;
  private long taskManagersGeneration = 1;
  final List<SimPod> pods = new ArrayList<>();

  final class SimPod {
    final String name = uid("jobmanager");
    final String node = "node-" + (1 + random.nextInt(3));
    final String hash = restartHash;
    SimProcess process;
    SimRun launcher;
    boolean terminating;
    /** Its node does not answer: what runs there goes on. */
    boolean cutOff;
    boolean ended;
    /** Its container runs, and what its node has said of that last. */
    boolean running;
    boolean saidRunning;

    boolean reachable() {
      return !ended && !cutOff && process != null && process.alive && process.serves;
    }

    /** A node that answers says how its containers are. */
    void tells() {
      if (!cutOff) saidRunning = running;
    }
  }

  void newPod() {
    SimPod pod = new SimPod();
    pods.add(pod);
    say(() -> "pod " + pod.name + " is made on " + pod.node);
    in(between(500, 6_000), () -> startProcess(pod));
  }

  private void startProcess(SimPod pod) {
    if (pod.ended || pod.terminating) return;
    if (!serving) {
      in(5_000, () -> startProcess(pod));
      return;
    }
    pod.running = true;
    pod.tells();
    if (shape.carried) {
      if (pod.launcher != null && pod.launcher.alive || pod.process != null && pod.process.alive) return;
      launches(pod);
      return;
    }
    pod.process = new SimProcess(pod);
    SimProcess process = pod.process;
    in(between(500, 4_000), () -> {
      process.serves = true;
      say(() -> "JobManager " + pod.name + " serves");
      if (shape.highAvailability) elect(0);
    });
  }

  /** In a JobManager that carries a job the launcher runs first; what it ends with is what Flink starts. */
  private void launches(SimPod pod) {
    Revision revision = revisions.get(pod.hash);
    SimRun launcher = new SimRun("launcher " + pod.name, settings(Program.LAUNCH, revision, pod.name), Programs.of(Program.LAUNCH), () -> {
      String[] told = pod.launcher.runner.end.message.split("\n", -1);
      SimRun mine = pod.launcher;
      in(between(1_000, 6_000), () -> {
        if (pod.ended || pod.launcher != mine || !pod.running) return;
        SimProcess process = new SimProcess(pod);
        pod.process = process;
        process.serves = true;
        say(() -> "JobManager " + pod.name + " serves, with " + told[0]);
        if (told[0].equals("job")) process.main = () -> carry(process, revision, told[1], told[2]);
        if (shape.highAvailability) elect(0);
        else process.main.run();
      });
    });
    launcher.pod = pod;
    pod.launcher = launcher;
  }

  /** With high availability the leader starts the job that its main method makes, unless it has taken it up. */
  private void carry(SimProcess process, Revision revision, String id, String from) {
    if (shape.highAvailability && (leader != process || stored.containsKey(id) || over.contains(id))) return;
    SimJob job = new SimJob();
    job.id = id;
    job.revision = revision.name;
    job.from = from;
    job.process = process;
    begin(job);
  }

  /** The process in the container ends, and the container is started again. */
  void containerEnds(SimPod pod) {
    if (pod.process != null) pod.process.dies();
    if (pod.launcher != null && pod.launcher.alive) pod.launcher.die();
    pod.launcher = null;
    pod.running = false;
    pod.tells();
    in(between(500, 10_000), () -> startProcess(pod));
  }

  void restartContainer(SimPod pod) {
    startProcess(pod);
  }

  /** The lease of a leader that nobody hears has run out: it stops its jobs. */
  void fenceOff(SimPod pod) {
    if (shape.highAvailability && pod.cutOff && pod.process != null) suspend(pod.process);
  }

  void suspend(SimProcess process) {
    for (SimJob job : process.known.values()) {
      if (job.ended()) continue;
      job.state = "SUSPENDED";
      job.allRunning = false;
    }
    process.known.values().removeIf(job -> job.state.equals("SUSPENDED"));
  }

  /** The pod is told to go; on a node that answers it does. */
  void endPod(SimPod pod) {
    if (pod.ended) return;
    pod.terminating = true;
    if (pod.cutOff) return;
    in(between(200, 15_000), () -> {
      if (!pod.cutOff) goes(pod);
    });
  }

  void goes(SimPod pod) {
    if (pod.ended) return;
    pod.ended = true;
    if (pod.process != null) pod.process.dies();
    if (pod.launcher != null && pod.launcher.alive) pod.launcher.die();
    pods.remove(pod);
    say(() -> "pod " + pod.name + " has ended");
    reconcile();
  }

  /** What Deployment and ReplicaSet do: Recreate waits for pods of the template before; a pod of this template that is Terminating is replaced at once. */
  void reconcile() {
    for (SimPod pod : new ArrayList<>(pods)) if (!pod.hash.equals(restartHash) && !pod.terminating) endPod(pod);
    int here = 0;
    for (SimPod pod : pods) {
      if (!pod.hash.equals(restartHash) && !shape.highAvailability) return;
      if (pod.hash.equals(restartHash) && !pod.terminating) here++;
    }
    if (restartHash.isEmpty()) return;
    for (; here < replicas; here++) newPod();
    for (SimPod pod : new ArrayList<>(pods)) {
      if (here > replicas && !pod.terminating && pod.hash.equals(restartHash)) {
        here--;
        endPod(pod);
      }
    }
  }

  void scale(Effects.Workload workload, int replicas) {
    say(() -> workload + " are to be " + replicas);
    if (workload == Effects.Workload.JOBMANAGER) {
      if (this.replicas != replicas) generation++;
      this.replicas = replicas;
      reconcile();
      return;
    }
    if (taskManagers != replicas) taskManagersGeneration++;
    taskManagers = replicas;
    if (replicas == 0) for (SimJob job : jobs) if (job.process.alive) loseTasks(job, 2_000);
  }

  /** A change of the status alone gives another resourceVersion, too; the model does the worse. */
  Effects.Scale scaleOf(Effects.Workload workload) {
    return workload == Effects.Workload.JOBMANAGER ? new Effects.Scale(replicas, "" + generation) : new Effects.Scale(taskManagers, "" + taskManagersGeneration);
  }

  int available() {
    int available = 0;
    for (SimPod pod : pods) if (pod.reachable() && !pod.terminating && pod.hash.equals(restartHash)) available++;
    return available;
  }

  // Flink.

  final List<SimProcess> processes = new ArrayList<>();
  private final List<SimJob> jobs = new ArrayList<>();

  List<SimJob> everyJob() {
    return jobs;
  }

  final class SimProcess {
    final String name = uid("process");
    final SimPod pod;
    boolean alive = true;
    boolean serves;
    /** With high availability: until when this leader's lease lasts, and whether it has read what it takes up. */
    final Map<String, SimJob> known = new LinkedHashMap<>();
    /** Jar to the revision that is in it. */
    final Map<String, String> jars = new LinkedHashMap<>();
    final Map<String, Op> ops = new HashMap<>();
    /** Of one that carries a job: what its main method makes, when it leads. */
    Runnable main = () -> {};

    SimProcess(SimPod pod) {
      this.pod = pod;
      processes.add(this);
    }

    void dies() {
      if (!alive) return;
      alive = false;
      say(() -> "JobManager process on " + pod.name + " dies with " + known.size() + " jobs");
      if (leader == this) loseLeader();
    }
  }

  static final class Op {
    String path = "";
    String failure = "";
    long doneAt;

    /** Flink forgets what came of an operation after five minutes, and its trigger with it. */
    boolean forgotten(long now) {
      return doneAt > 0 && now - doneAt > 300_000;
    }
  }

  static final class SimJob {
    String id;
    String revision;
    String from;
    SimProcess process;
    String state = "INITIALIZING";
    boolean began;
    boolean allRunning;
    /** How often its tasks were lost: what was under way then is aborted. */
    int attempt;
    boolean stopping;
    boolean checkpointing;
    /** Its last savepoint is complete: it does not run on. */
    boolean sealed;
    boolean recoveredByFlink;
    /** The process of the agent that asked for its start. */
    SimRun startedBy;
    /** The savepoint that a person stopped it with, and who has seen that it ended. */
    SimStore.State stoppedByHand;
    final List<SimRun> seenEnded = new ArrayList<>();
    long position;
    long committed;
    int life;
    long next = 1;
    String latest = "";
    long completed;
    String stoppedWith = "";
    String failure = "";
    long endedAt;
    final List<Shown> history = new ArrayList<>();
    long shownAsOf;

    boolean ended() {
      return state.equals("FINISHED") || state.equals("FAILED") || state.equals("CANCELED") || state.equals("SUSPENDED");
    }
  }

  // High availability.

  SimProcess leader;
  /** What the ConfigMaps hold: by job id the job, and its newest checkpoint. */
  final Map<String, SimJob> stored = new LinkedHashMap<>();
  /** Ids of jobs that have ended. */
  private final java.util.Set<String> over = new java.util.HashSet<>();

  void loseLeader() {
    leader = null;
    in(between(1_000, 20_000), () -> elect(0));
  }

  void elect(int tries) {
    if (leader != null && leader.alive && !leader.pod.cutOff) return;
    List<SimProcess> candidates = new ArrayList<>();
    for (SimPod pod : pods) if (pod.reachable()) candidates.add(pod.process);
    if (candidates.isEmpty()) return;
    leader = candidates.get(random.nextInt(candidates.size()));
    say(() -> "leader is " + leader.pod.name + ", takes up " + stored.size() + " jobs");
    SimProcess mine = leader;
    suspend(mine);
    in(between(0, 2_000), mine.main);
    for (SimJob was : new ArrayList<>(stored.values())) {
      in(between(recovery, 8_000), () -> {
        if (leader != mine || !mine.alive || stored.get(was.id) != was) return;
        if (over.contains(was.id)) {
          stored.remove(was.id);
          return;
        }
        SimJob job = new SimJob();
        job.id = was.id;
        job.revision = was.revision;
        job.from = was.latest.isEmpty() ? was.from : was.latest;
        job.latest = "";
        job.recoveredByFlink = true;
        job.process = mine;
        stored.put(job.id, job);
        begin(job);
      });
    }
  }

  /** Whether this job may still change what high availability stores. */
  boolean leads(SimJob job) {
    return !shape.highAvailability || leader == job.process && stored.get(job.id) == job && !job.process.pod.cutOff;
  }

  /** A job is made on a process. */
  void begin(SimJob job) {
    job.process.known.put(job.id, job);
    over.remove(job.id);
    jobs.add(job);
    if (shape.highAvailability) stored.put(job.id, job);
    say(() -> "Flink: job " + shortId(job.id) + " of " + job.revision + " is made on " + job.process.pod.name + " from " + (job.from.isEmpty() ? "nothing" : job.from));
    in(between(100, 2_000), () -> {
      if (!job.process.alive || job.ended()) return;
      SimStore.State state = store.states.get(job.from);
      if (!job.from.isEmpty() && store.away(now)) fails(job, "java.net.ConnectException: Connection refused: the store");
      else if (!job.from.isEmpty() && state == null) fails(job, "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory " + job.from);
      else {
        if (state != null) {
          job.position = state.position;
          job.next = state.number + 1;
        }
        job.committed = job.position;
        job.state = "RUNNING";
        in(between(300, 4_000), () -> tasksRun(job));
      }
    });
  }

  private void tasksRun(SimJob job) {
    if (!job.process.alive || !job.state.equals("RUNNING") || job.allRunning) return;
    if (revisions.get(job.revision).limps) return;
    if (taskManagers == 0) {
      in(2_000, () -> tasksRun(job));
      return;
    }
    job.allRunning = true;
    if (!job.began) {
      job.began = true;
      say(() -> "Flink: job " + shortId(job.id) + " runs at record " + job.position);
      invariants.starts(job);
      if (revisions.get(job.revision).failsToRun) {
        fails(job, "java.lang.IllegalStateException: the program is wrong");
        return;
      }
      in(between(500, 3_000), () -> tick(job));
    }
  }

  void fails(SimJob job, String why) {
    if (job.ended()) return;
    job.failure = why;
    ends(job, "FAILED");
  }

  private void ends(SimJob job, String state) {
    job.state = state;
    job.allRunning = false;
    job.endedAt = now;
    if (leads(job)) over.add(job.id);
    // Its result is stored first, and then it is cleaned up.
    in(shape.highAvailability ? between(0, 500) : 0, () -> {
      if (job.process.alive && leads(job)) stored.remove(job.id);
    });
    say(() -> "Flink: job " + shortId(job.id) + " is " + state + (job.failure.isEmpty() ? "" : ": " + job.failure));
  }

  private void tick(SimJob job) {
    if (!job.process.alive || job.ended() || job.state.equals("CANCELLING")) return;
    if (job.allRunning && !job.stopping) {
      if (shape.length > 0 && job.position >= shape.length) {
        finishes(job);
        return;
      }
      job.position += between(1, 9);
      if (chance(0.6)) checkpoint(job);
    }
    in(between(shape.interval, 2 * shape.interval), () -> tick(job));
  }

  /** The job that came to its end by itself last. */
  SimJob finished;

  /** Its sources are at their end: what it has read is made final, and its checkpoints go with it. */
  private void finishes(SimJob job) {
    invariants.commits(job, job.position);
    ends(job, "FINISHED");
    finished = job;
    store.states.values().removeIf(state -> !state.savepoint && state.path.contains("/" + job.id + "/"));
  }

  void checkpoint(SimJob job) {
    // One at a time.
    if (store.away(now) || !leads(job) || job.checkpointing) return;
    job.checkpointing = true;
    int attempt = job.attempt;
    String path = CHECKPOINTS + "/" + job.id + "/chk-" + job.next;
    SimStore.State state = new SimStore.State(path, job.next++, job.position, job.life, false, false, now);
    store.states.put(path, state);
    in(between(0, 400), () -> {
      job.checkpointing = false;
      if (!job.process.alive) return;
      if (!leads(job) || job.ended() || job.stopping || job.attempt != attempt) {
        // Aborted, and thrown away.
        store.states.remove(path);
        return;
      }
      state.confirmed = true;
      String before = job.latest;
      job.latest = path;
      job.completed++;
      changes(job);
      if (before.contains("/" + job.id + "/")) store.states.remove(before);
      say(() -> "Flink: job " + shortId(job.id) + " completes chk-" + state.number + " at record " + state.position);
      in(between(0, 300), () -> {
        if (job.process.alive && leads(job) && (!job.ended() || job.state.equals("FINISHED"))) invariants.commits(job, Math.max(state.position, job.committed));
      });
    });
  }

  /** The newest state that anything was made final up to, or may be; savepoints after which the job ran on made nothing final. */
  long newestKnown(int life) {
    long newest = -1;
    for (SimStore.State state : store.states.values()) if (!state.periodic && state.life == life && (state.confirmed || !shape.highAvailability)) newest = Math.max(newest, state.position);
    return newest;
  }

  /** Whether a person stopped a job with this, and who starts the next could not know: the JobManager died first, and the store cannot be looked at. */
  boolean unseenStop(SimJob next, long position) {
    if (!store.denied) return false;
    for (SimJob job : jobs) {
      if (job.stoppedByHand != null && job.stoppedByHand.position == position && job.life == next.life && !job.process.alive && !job.seenEnded.contains(next.startedBy)) return true;
    }
    return false;
  }

  /** What Flink shows may be up to 3 s old: somebody else, or a browser, has asked before. It never goes back. */
  Checkpoints shown(SimJob job) {
    job.shownAsOf = Math.max(job.shownAsOf, now - random.nextLong(3_000));
    Checkpoints shown = new Checkpoints(0, "", job.from, "", shape.interval, true);
    for (Shown then : job.history) if (then.time <= job.shownAsOf) shown = then.what;
    return shown;
  }

  private void changes(SimJob job) {
    job.history.add(new Shown(now, new Checkpoints(job.completed, job.latest, job.from, job.stoppedWith, shape.interval, true)));
    if (job.history.size() > 8) job.history.remove(0);
  }

  static final class Shown {
    final long time;
    final Checkpoints what;

    Shown(long time, Checkpoints what) {
      this.time = time;
      this.what = what;
    }
  }

  void cancel(SimJob job) {
    if (job.ended() || job.state.equals("CANCELLING")) return;
    job.state = "CANCELLING";
    in(between(200, 5_000), () -> {
      if (job.process.alive && !job.ended()) ends(job, "CANCELED");
    });
  }

  /** A savepoint, in steps that a crash may come between: complete in the store, made final by the sinks, the job's end, its result. */
  void takeSavepoint(SimJob job, String target, String trigger, boolean stops) {
    SimProcess process = job.process;
    Op before = process.ops.get(trigger);
    if (before != null && !before.forgotten(now)) return;
    Op op = new Op();
    process.ops.put(trigger, op);
    String why = !job.allRunning || job.stopping || job.ended() ? "not all required tasks are running" : store.away(now) ? "java.net.ConnectException: the store" : failSavepoints-- > 0 || shape.faults > 0 && !quiet() && chance(0.05) ? "checkpoint expired" : "";
    if (!why.isEmpty()) {
      in(between(100, 3_000), () -> fail(op, why));
      return;
    }
    if (stops) job.stopping = true;
    int attempt = job.attempt;
    in(between(300, 8_000), () -> {
      if (!process.alive || !leads(job) || job.ended() || job.attempt != attempt || store.away(now)) {
        if (stops && job.attempt == attempt) job.stopping = false;
        fail(op, "the job was restarted");
        return;
      }
      String path = target + "/savepoint-" + PREFIX.substring(0, 6) + "-" + uid("s");
      SimStore.State state = new SimStore.State(path, job.next++, job.position, job.life, true, !stops, now);
      store.states.put(path, state);
      state.confirmed = true;
      job.sealed = stops;
      if (stops && trigger.startsWith("by-hand")) job.stoppedByHand = state;
      say(() -> "Flink: savepoint of job " + shortId(job.id) + " at record " + state.position + " is complete: " + path);
      in(between(50, 800), () -> {
        if (stops && process.alive && leads(job) && !job.ended()) {
          invariants.commits(job, state.position);
          in(between(50, 1_500), () -> {
            if (!process.alive || job.ended()) return;
            job.stoppedWith = path;
            changes(job);
            ends(job, shape.faults > 0 && !quiet() && chance(0.03) ? "FAILED" : "FINISHED");
            if (job.state.equals("FAILED")) {
              job.failure = "java.lang.RuntimeException: close failed";
              if (trigger.startsWith("by-hand")) waitsForPerson = true;
            }
          });
        }
        in(between(100, 2_500), () -> {
          if (!process.alive) return;
          op.path = path;
          op.doneAt = now;
        });
      });
    });
  }

  private void fail(Op op, String why) {
    op.failure = why;
    op.doneAt = now;
  }

  /** Tasks go, and the job with them to its last checkpoint. */
  void loseTasks(SimJob job) {
    loseTasks(job, between(1_000, 60_000));
  }

  void loseTasks(SimJob job, long millis) {
    if (!job.state.equals("RUNNING") || !job.allRunning || job.sealed) return;
    job.allRunning = false;
    job.attempt++;
    job.stopping = false;
    SimStore.State state = store.states.get(job.latest.isEmpty() ? job.from : job.latest);
    say(() -> "Flink: job " + shortId(job.id) + " loses tasks");
    job.state = "RESTARTING";
    in(millis, () -> {
      if (!job.process.alive || !job.state.equals("RESTARTING")) return;
      // What was prepared for the checkpoint that it goes on from is made final now, if it was not.
      job.position = state == null ? 0 : state.position;
      job.committed = Math.max(job.committed, job.position);
      if (leads(job)) invariants.output = Math.max(invariants.output, job.life == invariants.lives() ? job.committed : 0);
      job.state = "RUNNING";
      in(between(300, 3_000), () -> tasksRun(job));
    });
  }

  // The program.

  static final class Revision {
    String name;
    String hash;
    String nonce = "";
    String initial = "";
    boolean refusedAtCheck;
    boolean failsToRun;
    boolean limps;
  }

  final Map<String, Revision> revisions = new LinkedHashMap<>();
  private String lastNonce = "";
  boolean destroyed;

  /** Whether whoever made this start wanted it to go on from something else than what was there. */
  boolean asksAnew(SimJob job) {
    if (shape.mode == Settings.Mode.STATELESS) return !job.recoveredByFlink;
    if (finished != null && !job.revision.equals(finished.revision)) {
      // What has come to its end has left nothing to go on from.
      finished = null;
      return true;
    }
    Revision revision = revisions.get(job.revision);
    if (revision.nonce.equals(lastNonce) || job.recoveredByFlink || ledger == null || !job.id.equals(ledger.data.get("jobId"))) return false;
    lastNonce = revision.nonce;
    return true;
  }

  // Pods that run the agent.

  final List<SimRun> runs = new ArrayList<>();

  /** One process of the agent in a pod. */
  final class SimRun {
    final String name;
    final Settings settings;
    final Runner runner;
    final long skew;
    final Effects effects;
    final Runnable ended;
    boolean alive = true;
    /** Of a launcher: the pod whose container it runs in. */
    SimPod pod;
    /** It ends after this effect, before it can do anything with the answer. */
    boolean dying;
    boolean ready;
    String said = "";

    SimRun(String name, Settings settings, Runner.Decisions decisions, Runnable ended) {
      this.name = name;
      this.settings = settings;
      this.ended = ended;
      this.skew = shape.skew && chance(0.2) ? between(-120_000, 120_000) : 0;
      this.effects = new SimEffects(World.this, this).effects();
      this.runner = new Runner(settings, decisions, effects);
      runs.add(this);
      in(between(300, 5_000), this::step);
    }

    void step() {
      if (!alive || dying) return;
      long rest = runner.step();
      say(() -> name + ": " + runner.last());
      if (!alive || dying) return;
      if (runner.end != null) {
        say(() -> name + " ends: " + (runner.end.success ? "" : "FAILED ") + runner.end.message);
        die();
        ended.run();
        return;
      }
      in(rest + between(20, 250), this::step);
    }

    void die() {
      alive = false;
      ready = false;
      runs.remove(this);
    }
  }

  Settings settings(Program program, Revision revision, String uid) {
    Settings settings = new Settings();
    settings.program = program;
    settings.uid = uid;
    settings.job = "job";
    settings.owner = "cluster/job";
    settings.prefix = PREFIX;
    settings.revision = revision.name;
    settings.definition = "definition of " + revision.name.split("@")[0];
    settings.restartHash = revision.hash;
    settings.restoreNonce = revision.nonce;
    settings.initialSavepoint = revision.initial;
    settings.mode = shape.mode;
    settings.highAvailability = shape.highAvailability;
    settings.carried = shape.carried;
    settings.rollback = shape.rollback;
    settings.checkpoints = CHECKPOINTS;
    settings.savepoints = SAVEPOINTS;
    settings.startTimeout = 240_000;
    settings.bounded = shape.length > 0;
    settings.ttl = shape.ttl;
    return settings;
  }

  /** A Kubernetes Job: pods that are killed are replaced; one that ends says how the Job ended. */
  final class SimJobObject {
    final Settings settings;
    final String kind;
    boolean deleted;
    Boolean success;
    SimRun run;

    SimJobObject(String kind, Settings settings) {
      this.kind = kind;
      this.settings = settings;
      start();
    }

    private void start() {
      if (deleted || success != null) return;
      run = new SimRun(kind + " " + settings.revision + " " + settings.uid, settings, Programs.of(settings.program), () -> success = run.runner.end.success);
    }

    /** Its pods come again, as those of a Job that nobody has deleted. */
    void again() {
      success = null;
      start();
    }

    void killed() {
      if (run == null || !run.alive) return;
      run.die();
      in(between(1_000, 15_000), this::start);
    }

    void delete() {
      deleted = true;
      if (run != null && run.alive) run.die();
    }
  }

  final List<SimJobObject> jobObjects = new ArrayList<>();
  SimJobObject submission;
  /** Of an application: the Job that follows its start. */
  SimJobObject follower;

  // The guard's Deployment.

  Settings guardSettings;
  SimRun guard;
  boolean guardRemoved;

  void guardPod() {
    if (guardSettings == null || guardRemoved) return;
    guard = new SimRun("guard " + guardSettings.revision, guardSettings, Programs.of(Program.GUARD), () -> in(1_000, this::guardPod));
  }

  /** The Deployment is made or changed: the pod before goes, and then the next comes. */
  void deployGuard(Settings settings) {
    guardSettings = settings;
    guardRemoved = false;
    if (guard != null && guard.alive) guard.die();
    in(between(500, 5_000), this::guardPod);
  }

  /** Kubernetes tells the pod to go; the deletion waits for it, up to its grace period. */
  void removeGuard(Runnable then) {
    guardRemoved = true;
    if (guard == null || !guard.alive) {
      // Nobody is there to stop the job: ASSUMPTIONS.md says so.
      waitsForPerson = true;
      then.run();
      return;
    }
    guard.die();
    Settings settings = guardSettings.as(guardSettings.uid);
    settings.program = Program.REMOVAL;
    guard = new SimRun("removal", settings, Programs.of(Program.REMOVAL), then);
  }

  boolean guardReady() {
    return guard != null && guard.alive && guard.ready;
  }

  String guardSays() {
    return guard == null ? "" : guard.said;
  }

  // What a person has to do still stands in the way.
  boolean waitsForPerson;

  boolean mustRun() {
    if (waitsForPerson || store.denied || lastUpdateFailed && !lastTried) return false;
    Revision wanted = ledger == null ? null : revisions.get(ledger.wanted);
    return wanted != null && !wanted.refusedAtCheck && !wanted.failsToRun && !wanted.limps && wanted.hash.equals(restartHash);
  }

  boolean lastUpdateFailed;
  /** The program was brought up when nothing broke any more: that it failed is no excuse. */
  boolean lastTried;

  boolean updateFailed() {
    return lastUpdateFailed;
  }

  boolean mayBeLeft() {
    return waitsForPerson;
  }

  /** Crash after the so-manieth effect; 0: never on purpose. */
  int crashAfter;

  /** How many effects there were until all was well for a while. */
  int early;

  /** Set where it is written down what reads there were, and which states each object had had by then. */
  Record record;
  /** Of a run in which one read is answered with an earlier state: which effect, with what, and how the run went in which it is not. */
  int staleAt;
  Answer<?> stale;
  Record compared;
  private SimRun misled;
  private int looks;

  /** What a run was like, for runs of the same seed. */
  static final class Record {
    /** By object every state that it has had, as a read would have shown it; what tells one from the next. */
    final Map<String, List<Answer<?>>> states = new LinkedHashMap<>();
    private final Map<String, Object> latest = new HashMap<>();
    final List<Read> reads = new ArrayList<>();
    /** By effect: what the world was like before it. */
    final List<Integer> worlds = new ArrayList<>();

    private void state(String object, Object what, Supplier<Answer<?>> shown) {
      if (what.equals(latest.put(object, what))) return;
      states.computeIfAbsent(object, key -> new ArrayList<>()).add(shown.get());
    }
  }

  /** A read, and how many states its object had had. */
  static final class Read {
    final int effect;
    final String object;
    final int states;

    Read(int effect, String object, int states) {
      this.effect = effect;
      this.object = object;
      this.states = states;
    }
  }

  /** The read that was answered with an earlier state has changed nothing: all goes on as it did without. */
  static final class Same extends RuntimeException {
    private static final long serialVersionUID = 1;

    Same() {
      super(null, null, false, false);
    }
  }

  private void recordStates() {
    if (record == null) return;
    record.state("ledger", ledger == null ? "" : List.of(ledger.uid, ledger.version, ledger.wanted, ledger.data), () -> ledger == null ? Answer.none(Kind.NOT_FOUND, "HTTP 404") : Answer.ok(read(ledger.copy())));
    record.state("deployment", List.of(restartHash, generation, available()), () -> deployment(this));
    StringBuilder text = new StringBuilder();
    for (SimPod pod : pods) text.append(pod.name).append(pod.saidRunning).append(pod.terminating);
    record.state("pods", text.toString(), this::podList);
    record.state("removed", guardRemoved, () -> Answer.ok(guardRemoved));
  }

  private int fingerprint() {
    int hash = java.util.Objects.hash(now, order, uids, events.size(), runs.size(), restartHash, generation, output(), store.states.keySet());
    if (ledger != null) hash = 31 * hash + java.util.Objects.hash(ledger.uid, ledger.version, ledger.wanted, ledger.data);
    for (SimJob job : jobs) hash = 31 * hash + java.util.Objects.hash(job.id, job.from, job.state, job.position, job.process.name);
    return hash;
  }

  private long output() {
    return invariants.output;
  }

  /** A read of an object of the API is about to be answered; null: as it is. */
  Answer<?> staleRead(SimRun run, String object) {
    int effect = effects + 1;
    if (record != null) {
      recordStates();
      record.reads.add(new Read(effect, object, record.states.get(object).size()));
    }
    if (run == misled && object.equals("ledger") && ++looks == 2 && compared.worlds.size() >= effect && compared.worlds.get(effect - 1) == fingerprint()) throw new Same();
    if (effect != staleAt) return null;
    misled = run;
    say(() -> "  fault: " + object + " of " + run.name + " is answered with an earlier state: " + stale);
    return stale;
  }

  /** Before every effect. */
  void beforeEffect() {
    if (record != null) record.worlds.add(fingerprint());
  }

  /** The ledger was written: nothing more than a place for those who watch. */
  void written() {
    if (trace != null) say("  ledger: " + ledger.data);
  }

  Ledger read() {
    return read(ledger);
  }

  Ledger read(LedgerObject object) {
    return new Ledger(object.uid, Long.toString(object.version), object.wanted, "cluster/job", object.data);
  }

  /** A pod of the agent ends at once, as on a node that is drained. */
  void kill(SimRun run) {
    if (!run.alive) return;
    say(() -> run.name + " is killed");
    if (run == guard) {
      boolean removal = run.settings.program == Program.REMOVAL;
      run.die();
      // A Deployment that is being deleted makes no pod again: what the guard did not do nobody does.
      waitsForPerson |= removal;
      if (removal) run.ended.run();
      else in(between(1_000, 10_000), this::guardPod);
      return;
    }
    if (run.pod != null) {
      containerEnds(run.pod);
      return;
    }
    for (SimJobObject object : jobObjects) if (object.run == run) object.killed();
  }

  static Answer<Deployment> deployment(World world) {
    if (world.restartHash.isEmpty()) return Answer.none(Kind.NOT_FOUND, "HTTP 404");
    return Answer.ok(new Deployment(world.restartHash, world.generation, world.available()));
  }

  Answer<List<Pod>> podList() {
    List<Pod> list = new ArrayList<>();
    for (SimPod pod : pods) list.add(new Pod(pod.name, pod.node, pod.saidRunning, pod.terminating));
    return Answer.ok(list);
  }

  Answer<Jobs> jobsOf(SimPod pod) {
    SimProcess process = shape.highAvailability ? leader : pod.process;
    if (process == null || shape.highAvailability && (!process.alive || process.pod.cutOff)) return Answer.none(Kind.UNCLEAR, "HTTP 503");
    Map<String, Job> byId = new LinkedHashMap<>();
    for (SimJob job : process.known.values()) byId.put(job.id, new Job(job.state, job.allRunning, job.ended() ? Math.max(1, now - job.endedAt) : 0));
    return Answer.ok(new Jobs(pod.process == null ? "" : pod.process.name, byId));
  }
}
