package flink.kubernetes.agent;

import flink.kubernetes.agent.Case.Ask;
import java.util.Map;

/**
 * Runs one program: one effect a step, so that it can end after any of them. Nothing is done on one look: an action, and that a pod turns ready, is decided twice, the
 * second time on objects of the Kubernetes API that are read anew. It is done when both decisions are the same.
 */
final class Runner {
  final Settings settings;
  final Memory memory;
  private final Decisions decisions;
  private final Effects effects;
  private Case round;
  private Action action;
  /** What was decided on the first look. */
  private Action first;
  private boolean ready;
  /** As it was read last: a guard that cannot read it goes on looking at the job that it knows of. */
  private Ledger read;
  /** Set when the program has come to its end. */
  Action.End end;
  /** What the last step was, and what came of it. */
  private Object did = "";
  private Object came;

  Runner(Settings settings, Decisions decisions, Effects effects) {
    this.settings = settings;
    this.decisions = decisions;
    this.effects = effects;
    this.memory = new Memory(effects.clock.now());
  }

  /** How a program decides. It does nothing else. */
  interface Decisions {
    Action decide(Case now);
  }

  /** What the last step was, for traces. */
  String last() {
    return came == null ? did.toString() : did + " -> " + came;
  }

  private void last(Object what, Object answer) {
    did = what;
    came = answer;
  }

  /** One step. Says for how many milliseconds to rest before the next. */
  long step() {
    if (round == null) {
      Answer<Ledger> ledger = effects.kubernetes.ledger();
      last("ledger", ledger);
      if (ledger.ok()) read = ledger.value;
      else if (read == null || settings.program != Program.GUARD || !ledger.is(Answer.Kind.UNCLEAR)) return without(ledger);
      round = new Case(settings, read, memory, effects.clock.now());
      round.blind = !ledger.ok();
    }
    if (action == null) {
      try {
        action = decisions.decide(round);
      } catch (Ask ask) {
        Answer<?> answer = ask.how.apply(effects);
        last(ask.what, answer);
        round.saw(ask.what, answer);
        return 0;
      }
    }
    boolean turnsReady = action instanceof Action.Wait && ((Action.Wait) action).ready && !ready;
    if (!round.blind && (turnsReady || !action.onOneLook())) {
      if (first == null) return looksAgain();
      if (!first.same(action)) return beginsAnew(0);
    }
    Action now = action;
    Case was = round;
    beginsAnew(0);
    last(now, null);
    if (was.blind) now = Action.wait(Guard.EVERY, "The ledger cannot be read.");
    if (now instanceof Action.Wait) return rest((Action.Wait) now);
    if (now instanceof Action.End) {
      end = (Action.End) now;
      effects.log.conclude(end.message);
      return 0;
    }
    if (now instanceof Action.Do) {
      Answer<?> answer = ((Action.Do) now).how.apply(effects);
      last(now, answer);
      ((Action.Do) now).keep.accept(memory, answer);
      return answer.ok() ? 100 : 500;
    }
    return write(was, (Action.Write) now);
  }

  private long looksAgain() {
    Answer<Ledger> ledger = effects.kubernetes.ledger();
    last("ledger", ledger);
    if (!ledger.ok()) return beginsAnew(500);
    first = action;
    action = null;
    round = round.anew(ledger.value);
    return 0;
  }

  private long beginsAnew(long rest) {
    round = null;
    action = null;
    first = null;
    memory.roundEnds();
    return rest;
  }

  private long rest(Action.Wait wait) {
    effects.log.say(wait.message);
    ready = wait.ready;
    if (settings.program == Program.GUARD) effects.log.ready(ready);
    return wait.millis;
  }

  private long write(Case was, Action.Write write) {
    Map<String, String> after = Ledger.merge(was.ledger.data(), write.entries);
    Phase to = Phase.of(after.getOrDefault("phase", ""));
    if (!Table.allows(settings.program, was.ledger.phase(), to)) throw new IllegalStateException(settings.program + " may not write " + to + " where the ledger says " + was.ledger.phase() + ".");
    if (!was.ledger.has("self")) write.and("self", was.ledger.uid);
    Answer<Ledger> answer = effects.kubernetes.write(was.ledger, write.entries);
    last(write, answer.ok() ? "ok" : answer);
    if (!answer.ok()) return answer.is(Answer.Kind.CONFLICT) ? 0 : 500;
    write.keep.accept(memory);
    memory.wrote = write.entries.getOrDefault("jobId", memory.wrote);
    if (write.then != null) {
      end = write.then;
      effects.log.conclude(end.message);
    }
    return 0;
  }

  /** There is no ledger, or nobody says. */
  private long without(Answer<Ledger> ledger) {
    boolean none = !ledger.is(Answer.Kind.UNCLEAR) && memory.lasting("no ledger", effects.clock.now()) > 5_000;
    memory.roundEnds();
    Action.Wait wait = Action.wait(1000, "The ledger cannot be read: " + ledger.problem + ".");
    // Whoever looks after a job goes on asking, and so does who is to stop it as its guard goes, as long as Kubernetes lets it.
    boolean asksOn = settings.program == Program.GUARD || settings.program == Program.LAUNCH || settings.program == Program.REMOVAL && !none;
    if (!asksOn && effects.clock.now() - memory.began > settings.startTimeout) {
      end = Action.failure(wait.message + " Run the update again: it makes the ConfigMap, the Role and the RoleBinding.");
      effects.log.conclude(end.message);
      return 0;
    }
    return rest(wait);
  }
}
