package flink.kubernetes.agent;

import flink.kubernetes.agent.Action.Wait;
import flink.kubernetes.agent.Effects.Deployment;
import flink.kubernetes.agent.Effects.Jobs;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Effects.Stored;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What one decision is about: the settings, the ledger as it was read at the beginning of this round, what was seen since, and the time. A decision asks for what it
 * needs; what has not been seen yet ends it with {@link Ask}, is fetched, and the decision is taken anew. So decisions read straight on and do nothing.
 */
final class Case {
  /** There is something to be seen first. */
  static final class Ask extends RuntimeException {
    private static final long serialVersionUID = 1;
    final String what;
    final transient Function<Effects, Answer<?>> how;

    Ask(String what, Function<Effects, Answer<?>> how) {
      super(what, null, false, false);
      this.what = what;
      this.how = how;
    }
  }

  /** Nothing can be decided now. */
  static final class Later extends RuntimeException {
    private static final long serialVersionUID = 1;
    final transient Wait wait;

    Later(Wait wait) {
      super(wait.message, null, false, false);
      this.wait = wait;
    }
  }

  /** This will not become better by itself: a person has to know. */
  static final class Verdict extends RuntimeException {
    private static final long serialVersionUID = 1;
    /** The infrastructure failed, not the program. */
    final boolean retry;

    Verdict(String message, boolean retry) {
      super(message, null, false, false);
      this.retry = retry;
    }
  }

  /** What the names of reads of the Kubernetes API begin with. */
  private static final List<String> KUBERNETES = List.of("pods", "deployment", "removed", "replicas");

  final Settings settings;
  final Ledger ledger;
  final Memory memory;
  final long now;
  /** The ledger could not be read: this is the one of before, and whatever is decided is not done. */
  boolean blind;
  private final Map<String, Answer<?>> seen;

  Case(Settings settings, Ledger ledger, Memory memory, long now) {
    this(settings, ledger, memory, now, new HashMap<>());
  }

  private Case(Settings settings, Ledger ledger, Memory memory, long now, Map<String, Answer<?>> seen) {
    this.settings = settings;
    this.ledger = ledger;
    this.memory = memory;
    this.now = now;
    this.seen = seen;
  }

  /** The same, seen by another program. */
  Case with(Settings other) {
    return new Case(other, ledger, memory, now, seen);
  }

  /** The same at the same moment, with nothing seen of the Kubernetes API but this ledger. */
  Case anew(Ledger ledger) {
    Map<String, Answer<?>> others = new HashMap<>(seen);
    others.keySet().removeIf(what -> KUBERNETES.stream().anyMatch(what::startsWith));
    return new Case(settings, ledger, memory, now, others);
  }

  void saw(String what, Answer<?> answer) {
    seen.put(what, answer);
  }

  @SuppressWarnings("unchecked")
  <T> Answer<T> see(String what, Function<Effects, Answer<?>> how) {
    Answer<?> answer = seen.get(what);
    if (answer == null) throw new Ask(what, how);
    return (Answer<T>) answer;
  }

  Later later(String message) {
    return new Later(Action.wait(1000, message));
  }

  Verdict verdict(String message) {
    return new Verdict(message, false);
  }

  long lasting(String what) {
    return memory.lasting(what, now);
  }

  Answer<Jobs> jobs(Pod pod) {
    return see("jobs " + pod.name, e -> e.flink.jobs(pod));
  }

  List<Pod> pods() {
    Answer<List<Pod>> pods = see("pods", e -> e.kubernetes.pods());
    if (pods.ok()) memory.pods = pods.value;
    // Enough to look at the job, and nothing is done.
    else if (blind && memory.pods != null) return memory.pods;
    if (!pods.ok()) throw later("The Kubernetes API does not say which pods of the JobManager there are: " + pods.problem + ".");
    return pods.value;
  }

  /** Null when there is none. */
  Deployment jobManager() {
    Answer<Deployment> answer = see("deployment", e -> e.kubernetes.jobManager());
    if (answer.ok()) return answer.value;
    if (answer.is(Answer.Kind.NOT_FOUND)) return null;
    throw later("The Kubernetes API does not give the JobManager's Deployment: " + answer.problem + ".");
  }

  /** Null where this account may not look. A store that is away is waited for. */
  List<Stored> states() {
    Answer<List<Stored>> answer = see("states", e -> e.store.states());
    if (answer.ok()) return answer.value;
    if (answer.is(Answer.Kind.REFUSED)) return null;
    throw later("The store does not say which states there are: " + answer.problem + ".");
  }
}
