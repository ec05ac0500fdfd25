package flink.kubernetes.agent;

import flink.kubernetes.agent.Case.Later;
import java.time.Instant;

/** A savepoint of the job that runs, by a person or the clock; the job runs on. Of those by the clock the oldest are disposed of. */
final class Savepoint {
  private Savepoint() {}

  static Action decide(Case c) {
    Ledger l = c.ledger;
    Settings s = c.settings;
    if (Submit.copied(l)) return Action.failure(Submit.COPIED);
    if (Table.duty(Program.SAVEPOINT, l.phase()) != Table.Duty.TAKE) return Action.failure("There is no savepoint to take: the job is " + (l.phase() == Phase.NONE ? "not started" : l.phase().text) + ".");
    try {
      return take(c, l.jobId(), Settings.hash(l.jobId() + "/" + s.uid, 32));
    } catch (Later later) {
      if (c.now - c.memory.began < s.startTimeout) return later.wait;
      return Action.failure("No savepoint was taken in time: " + later.getMessage());
    }
  }

  private static Action take(Case c, String id, String trigger) {
    Settings s = c.settings;
    Ledger l = c.ledger;
    Ending job = Ending.of(c, id);
    if (job.word == Ending.Word.UNKNOWN) throw c.later(job.why);
    if (!job.alive() || !job.job.allRunning) return Action.failure("There is no savepoint to take: the tasks of job " + id + " do not all run.");
    Answer<String> taken = c.see("savepoint " + job.pod.name, e -> e.flink.savepoint(job.pod, id, trigger));
    if (taken.ok() && !taken.value.isEmpty()) return keep(c, job.pod, taken.value);
    if (taken.ok()) throw c.later("The savepoint is being taken.");
    if (taken.is(Answer.Kind.REFUSED)) return Action.failure("The savepoint failed: " + taken.problem + ". The job runs on.");
    if (!taken.is(Answer.Kind.NOT_FOUND)) throw c.later("The JobManager does not say what became of the savepoint: " + taken.problem + ".");
    String target = s.savepoints + "/" + s.job + "/periodic-" + Stop.TIME.format(Instant.ofEpochMilli(c.now)) + "-" + l.get("revision") + "-" + trigger;
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
    return line.startsWith("savepoint ") && line.contains(" " + c.settings.savepoints + "/" + c.settings.job + "/periodic-");
  }
}
