package flink.kubernetes.agent;

import java.util.List;
import java.util.Map;

/** Everything that a program can see and do: five small interfaces, which the simulation has too. */
final class Effects {
  final Kubernetes kubernetes;
  final Flink flink;
  final Store store;
  final Clock clock;
  final Log log;

  Effects(Kubernetes kubernetes, Flink flink, Store store, Clock clock, Log log) {
    this.kubernetes = kubernetes;
    this.flink = flink;
    this.store = store;
    this.clock = clock;
    this.log = log;
  }

  /** The Kubernetes API. Reads are consistent (no resourceVersion is asked for). */
  interface Kubernetes {
    Answer<Ledger> ledger();

    /** Writes these entries (an empty value removes one), only if the ledger is still the one that was read. */
    Answer<Ledger> write(Ledger read, Map<String, String> entries);

    Answer<Deployment> jobManager();

    /** Every pod of this JobManager that the API has and that has not ended: Terminating ones too. */
    Answer<List<Pod>> pods();

    /** Takes a job out of what high availability stores, so that no JobManager takes it up. */
    Answer<Void> abandon(String id);

    /** Whether the Deployment of this guard is being deleted, or has been. */
    Answer<Boolean> guardRemoved();

    /** How many pods a workload is to have: its subresource `scale`. */
    Answer<Scale> scale(Workload workload);

    /** Asks for another number of pods, only if the workload is still the one that was read. */
    Answer<Void> scale(Workload workload, Scale read, int replicas);
  }

  /** Flink's REST API, of one pod. Every request is safe to repeat. */
  interface Flink {
    /** This process of the JobManager, and how the jobs of this FlinkJob are: by id. */
    Answer<Jobs> jobs(Pod pod);

    Answer<Checkpoints> checkpoints(Pod pod, String id);

    /** The savepoint that was asked for with this trigger: its path, empty while it is under way; REFUSED when it failed. */
    Answer<String> savepoint(Pod pod, String id, String trigger);

    /** Why the job failed, as Flink says it. */
    Answer<String> failure(Pod pod, String id);

    /** The ids of the jars of this FlinkJob on this pod; each ends with the id of the job that it was uploaded for. */
    Answer<List<String>> jars(Pod pod);

    Answer<String> upload(Pod pod, String jobId);

    Answer<Void> deleteJar(Pod pod, String jar);

    /** Lets the program come to its job without starting it. REFUSED: it cannot. */
    Answer<Void> check(Pod pod, String jar);

    Answer<Void> run(Pod pod, String jar, String id, String from);

    Answer<Void> stop(Pod pod, String id, String target, String trigger);

    Answer<Void> takeSavepoint(Pod pod, String id, String target, String trigger);

    Answer<Void> checkpoint(Pod pod, String id);

    Answer<Void> cancel(Pod pod, String id);

    Answer<Void> dispose(Pod pod, String path);

    /** Ends the process: its container starts anew. */
    Answer<Void> shutDown(Pod pod);
  }

  /** Where states are. REFUSED: this account may not look. UNCLEAR: the store is away. */
  interface Store {
    /** Every complete state of this FlinkJob: checkpoints of all its ids, and savepoints in its folder and beside it. */
    Answer<List<Stored>> states();
  }

  interface Clock {
    long now();
  }

  interface Log {
    void say(String text);

    /** The pod's termination message. */
    void conclude(String text);

    void ready(boolean ready);
  }

  /** What the pods of the cluster are made by: Deployments, or of TaskManagers a StatefulSet. */
  enum Workload {
    JOBMANAGER("the JobManager"),
    TASKMANAGERS("the TaskManagers");

    final String text;

    Workload(String text) {
      this.text = text;
    }
  }

  /** How many pods a workload is to have, and which version of it says so. */
  static final class Scale {
    final int replicas;
    final String version;

    Scale(int replicas, String version) {
      this.replicas = replicas;
      this.version = version;
    }

    @Override
    public String toString() {
      return replicas + " of version " + version;
    }
  }

  /** The JobManager's Deployment. */
  static final class Deployment {
    final String restartHash;
    final long generation;
    final int available;

    Deployment(String restartHash, long generation, int available) {
      this.restartHash = restartHash;
      this.generation = generation;
      this.available = available;
    }
  }

  static final class Pod {
    final String name;
    final String node;
    /** Its container runs, as far as its node has said. */
    final boolean running;
    final boolean terminating;

    Pod(String name, String node, boolean running, boolean terminating) {
      this.name = name;
      this.node = node;
      this.running = running;
      this.terminating = terminating;
    }

    @Override
    public String toString() {
      return name + " on node " + node + (terminating ? " (Terminating)" : "");
    }
  }

  static final class Jobs {
    /** What tells one process of the JobManager from the next. */
    final String process;
    final Map<String, Job> byId;

    Jobs(String process, Map<String, Job> byId) {
      this.process = process;
      this.byId = byId;
    }
  }

  static final class Job {
    /** Flink's word. */
    final String state;
    /** Every subtask runs, or has done its part. */
    final boolean allRunning;
    /** How long ago it ended, by the JobManager's own clock, in milliseconds; 0 for one that has not. */
    final long endedFor;

    Job(String state, boolean allRunning, long endedFor) {
      this.state = state;
      this.allRunning = allRunning;
      this.endedFor = endedFor;
    }

    boolean ended() {
      return state.equals("FINISHED") || state.equals("FAILED") || state.equals("CANCELED");
    }
  }

  /** What Flink says of a job's checkpoints, as it knew them up to {@link Ending#NEWS} ago. */
  static final class Checkpoints {
    /** How many the job has completed since it was started on this process. */
    final long completed;
    /** The newest checkpoint of its own, what it was restored from, and the savepoint that stopped it; each may be empty. */
    final String latest;
    final String restored;
    final String stoppedWith;
    /** Milliseconds between checkpoints; 0 when it takes none by itself. */
    final long interval;
    /** Whether they stay when the job is cancelled. */
    final boolean kept;

    Checkpoints(long completed, String latest, String restored, String stoppedWith, long interval, boolean kept) {
      this.completed = completed;
      this.latest = latest;
      this.restored = restored;
      this.stoppedWith = stoppedWith;
      this.interval = interval;
      this.kept = kept;
    }
  }

  /** A complete state. Flink numbers checkpoints and savepoints alike, and goes on counting after a restore. */
  static final class Stored {
    final String path;
    final long number;
    final boolean savepoint;
    /** When its metadata was written, by the store's clock. */
    final long time;

    Stored(String path, long number, boolean savepoint, long time) {
      this.path = path;
      this.number = number;
      this.savepoint = savepoint;
      this.time = time;
    }

    boolean checkpointOf(String id) {
      return !savepoint && !id.isEmpty() && path.contains("/" + id + "/");
    }
  }

}
