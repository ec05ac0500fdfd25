package flink.kubernetes.agent;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one process remembers. It dies with its pod, so nothing that must not be lost stands only here. */
final class Memory {
  final long began;
  /** When the JobManager was silent last, since the job was seen alive; 0: never. */
  long unheard;
  /** The jar that this process has uploaded and not yet used, and the process of the JobManager that has it. */
  String jar = "";
  String jarOn = "";
  /** The program of this revision was looked at, and can be started. */
  boolean checked;
  /** The job's id that this process has written into the ledger last. */
  String wrote = "";
  /** This process has seen its claim in the ledger. */
  boolean claimed;
  /** What the last request to start, to look at the program, or to stop was refused for. */
  String refused = "";
  /** When the start was last asked for, and of which job. */
  long ran;
  String ranFor = "";
  /** The savepoint of this trigger was asked for by this process. */
  String asked = "";
  /** Jobs that high availability will not bring back. */
  final Set<String> abandoned = new HashSet<>();
  /** The pods of the JobManager, as they were told last. */
  List<Effects.Pod> pods;
  /** The newest checkpoint that this process has seen of a job, also while the ledger could not be written; and the interval. */
  String newest = "";
  long newestAt;
  long interval;

  /** What became of the states that were to be disposed of: why one could not be, empty when it is gone. */
  final Map<String, String> disposed = new HashMap<>();

  /** The job that was seen FINISHED, and Flink had not yet said how. */
  String finished = "";

  private final Map<String, Long> since = new HashMap<>();
  private final Set<String> still = new HashSet<>();

  Memory(long began) {
    this.began = began;
    this.unheard = began;
  }

  /** For how long this has been so, at every look, as of now. */
  long lasting(String what, long now) {
    still.add(what);
    return now - since.computeIfAbsent(what, key -> now);
  }

  /** A round is over: what was not so in it is no longer so. */
  void roundEnds() {
    since.keySet().retainAll(still);
    still.clear();
  }
}
