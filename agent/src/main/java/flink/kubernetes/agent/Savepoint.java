package flink.kubernetes.agent;

import flink.kubernetes.agent.Case.Later;
import java.time.Instant;

/** A savepoint of the job that runs, by a person or the clock; the job runs on. Of those by the clock the oldest are disposed of, and what a person names. */
final class Savepoint {
  private Savepoint() {}

  static Action decide(Case c) {
    Ledger l = c.ledger;
    Settings s = c.settings;
    if (Submit.copied(l)) return Action.failure(Submit.COPIED);
    try {
      if (!s.dispose.isEmpty()) return dispose(c);
      if (Table.duty(Program.SAVEPOINT, l.phase()) != Table.Duty.TAKE) return none(c, "it is " + (l.phase() == Phase.NONE ? "not started" : l.phase().text));
      if (s.savepoints.isEmpty()) return Action.failure("The cluster has no durable storage to put a savepoint in. Give the FlinkCluster `storage`.");
      return take(c, l.jobId(), Settings.hash(l.jobId() + "/" + s.uid, 32));
    } catch (Later later) {
      if (c.now - c.memory.began < s.startTimeout) return later.wait;
      return Action.failure((s.dispose.isEmpty() ? "No savepoint was taken in time: " : "Not all was disposed of in time: ") + later.getMessage());
    }
  }

  /** A clock will come again; a person wants to know. */
  private static Action none(Case c, String why) {
    if (c.settings.kind.equals("periodic")) return Action.success("No savepoint was taken of job " + c.settings.job + ": " + why + ".");
    return Action.failure("There is no savepoint to take of job " + c.settings.job + ": " + why + ".");
  }

  private static Action take(Case c, String id, String trigger) {
    Settings s = c.settings;
    Ledger l = c.ledger;
    Ending job = Ending.of(c, id);
    if (job.word == Ending.Word.UNKNOWN) throw c.later(job.why);
    if (!job.alive() || !job.job.allRunning) return none(c, "the tasks of job " + id + " do not all run");
    Answer<String> taken = c.see("savepoint " + job.pod.name, e -> e.flink.savepoint(job.pod, id, trigger));
    if (taken.ok() && !taken.value.isEmpty()) return keep(c, job.pod, taken.value);
    if (taken.ok()) throw c.later("The savepoint is being taken.");
    if (taken.is(Answer.Kind.REFUSED)) return Action.failure("The savepoint of job " + s.job + " failed: " + taken.problem + ". The job runs on.");
    if (!taken.is(Answer.Kind.NOT_FOUND)) throw c.later("The JobManager does not say what became of the savepoint: " + taken.problem + ".");
    String target = s.savepoints + "/" + s.job + "/" + s.kind + "-" + Stop.TIME.format(Instant.ofEpochMilli(c.now)) + "-" + l.get("revision") + "-" + trigger;
    return Action.request("savepoint " + trigger, e -> e.flink.takeSavepoint(job.pod, id, target, trigger));
  }

  /** Notes it; then disposes of the oldest, one at a time, none that a start, a rollback or the running job may need. */
  private static Action keep(Case c, Effects.Pod pod, String path) {
    Ledger l = c.ledger;
    if (!l.get("states").contains(" " + path) && !c.memory.asked.equals(path)) return Action.note("states", l.made("savepoint", path, c.now));
    int count = 0;
    for (String line : Programs.lines(l.get("states"))) if (periodic(c, line)) count++;
    for (String line : Programs.lines(l.get("states"))) {
      if (!periodic(c, line) || count-- <= c.settings.keep) continue;
      String old = line.substring(line.lastIndexOf(' ') + 1);
      if (l.needs(old) || old.equals(path)) continue;
      if (c.memory.refused.equals(old)) return Action.note("states", l.unmade(old));
      return Action.request("dispose " + old, e -> e.flink.dispose(pod, old), (memory, answer) -> memory.refused = answer.ok() || answer.is(Answer.Kind.NOT_FOUND) ? old : "");
    }
    return Action.success(path);
  }

  private static boolean periodic(Case c, String line) {
    return line.startsWith("savepoint ") && line.contains(" " + c.settings.savepoints + "/" + c.settings.job + "/" + c.settings.kind + "-");
  }

  /** Of the states that a person names those that nothing needs, one at a time, through any JobManager that answers: Flink knows every store that it writes to. */
  private static Action dispose(Case c) {
    Ledger l = c.ledger;
    StringBuilder left = new StringBuilder();
    for (String path : Programs.lines(c.settings.dispose)) {
      if (l.needs(path)) continue;
      String problem = c.memory.disposed.get(path);
      if (problem == null) {
        Effects.Pod pod = answering(c);
        return Action.request("dispose " + path, e -> e.flink.dispose(pod, path), (memory, answer) -> {
          if (answer.ok() || answer.is(Answer.Kind.NOT_FOUND)) memory.disposed.put(path, "");
          else if (answer.is(Answer.Kind.REFUSED)) memory.disposed.put(path, answer.problem);
        });
      }
      if (problem.isEmpty() && !l.unmade(path).equals(l.get("states"))) return Action.note("states", l.unmade(path));
      if (!problem.isEmpty()) left.append(left.length() == 0 ? "" : "; ").append(path).append(": ").append(problem);
    }
    return left.length() == 0 ? Action.success("Disposed of what nothing needs.") : Action.failure("Not disposed of: " + left + ".");
  }

  private static Effects.Pod answering(Case c) {
    for (Effects.Pod pod : c.pods()) if (pod.running && c.jobs(pod).ok()) return pod;
    throw c.later("No JobManager answers.");
  }
}
