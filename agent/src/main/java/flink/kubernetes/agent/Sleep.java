package flink.kubernetes.agent;

import flink.kubernetes.agent.Effects.Scale;
import flink.kubernetes.agent.Effects.Workload;

/** The pods of an application that has finished: after a while they end, and they come back when the ledger wants another job. */
final class Sleep {
  /** For so long a request to let pods end may be on its way. */
  private static final long ON_ITS_WAY = 60_000;
  private static final Workload[] WORKLOADS = {Workload.JOBMANAGER, Workload.TASKMANAGERS};

  private Sleep() {}

  /** The job has finished. Null: nothing is to be done. */
  static Action after(Case c) {
    Ledger l = c.ledger;
    if (c.settings.ttl < 0) return null;
    String[] finished = l.get("finishedAt").split(" ");
    long since = finished.length == 2 && finished[0].equals(l.jobId()) ? Ledger.number(finished[1]) : -1;
    if (since < 0) return Action.note("finishedAt", l.jobId() + " " + c.now / 1000);
    if (c.now - since * 1000 < c.settings.ttl) return null;
    Scale[] there = new Scale[2];
    StringBuilder numbers = new StringBuilder();
    for (int i = 0; i < there.length; i++) {
      Answer<Scale> answer = there(c, WORKLOADS[i]);
      if (!answer.ok()) throw c.later(unknown(WORKLOADS[i], answer));
      there[i] = answer.value;
      // Whoever has changed a number meanwhile, an update or a person, is noted.
      numbers.append(i == 0 ? "" : " ").append(there[i].replicas > 0 ? there[i].replicas : noted(l, i));
    }
    if (there[0].replicas == 0 && there[1].replicas == 0) return null;
    // First the note: whoever wakes them has to know how many there were.
    if (!l.is("asleep", numbers.toString())) return Action.note("asleep", numbers.toString());
    int first = there[1].replicas > 0 ? 1 : 0;
    return scale(WORKLOADS[first], there[first], 0);
  }

  /** The job has not finished, or another one is wanted. Null: the pods are there, as far as that is known. */
  static Action wake(Case c) {
    Ledger l = c.ledger;
    if (c.settings.ttl < 0 || !l.has("asleep") || l.phase() == Phase.FINISHED || l.phase() == Phase.NONE) return null;
    for (int i = 0; i < WORKLOADS.length; i++) {
      Answer<Scale> answer = there(c, WORKLOADS[i]);
      if (!answer.ok()) {
        if (c.pods().isEmpty()) throw c.later(unknown(WORKLOADS[i], answer));
        return null;
      }
      if (answer.value.replicas == 0 && noted(l, i) > 0) return scale(WORKLOADS[i], answer.value, noted(l, i));
    }
    if (c.lasting("awake") < ON_ITS_WAY) return null;
    return Action.note("asleep", "", "finishedAt", "");
  }

  private static Answer<Scale> there(Case c, Workload workload) {
    return c.see("replicas " + workload, e -> e.kubernetes.scale(workload));
  }

  /** It names what was read: so a request that comes late, when somebody else has changed the workload, does nothing. */
  private static Action scale(Workload workload, Scale read, int replicas) {
    return Action.request("scale " + workload + " " + replicas, e -> e.kubernetes.scale(workload, read, replicas));
  }

  private static String unknown(Workload workload, Answer<Scale> answer) {
    return "The Kubernetes API does not say how many pods " + workload.text + " is to have: " + answer.problem + ".";
  }

  private static int noted(Ledger l, int i) {
    String[] numbers = l.get("asleep").split(" ");
    return numbers.length == 2 ? (int) Math.max(0, Math.min(Ledger.number(numbers[i]), 999_999)) : 0;
  }
}
