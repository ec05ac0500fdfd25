package flink.kubernetes.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** What a program does next. Exactly one of four. */
abstract class Action {
  /** Whether it does just what another one does. */
  boolean same(Action other) {
    return getClass() == other.getClass() && toString().equals(other.toString());
  }

  /** It is not decided twice. */
  boolean onOneLook() {
    return false;
  }

  /** Writes the ledger, if it is still the one that was read. */
  static final class Write extends Action {
    final Map<String, String> entries = new LinkedHashMap<>();
    /** When set, the program ends when this is written. */
    End then;
    private boolean atOnce;
    /** What the process remembers when this is written. */
    Consumer<Memory> keep = memory -> {};

    /** More entries: names and values in turn. An empty value removes an entry. */
    Write and(String... pairs) {
      for (int i = 0; i < pairs.length; i += 2) entries.put(pairs[i], pairs[i + 1]);
      return this;
    }

    Write then(End end) {
      then = end;
      return this;
    }

    /** Nothing but a note of what was seen, so one look is enough. */
    Write atOnce() {
      atOnce = true;
      return this;
    }

    @Override
    boolean onOneLook() {
      return atOnce;
    }

    @Override
    public String toString() {
      return "write " + entries;
    }
  }

  /** Asks Flink to do something. What came of it is kept for the next decision. */
  static final class Do extends Action {
    final String name;
    final Function<Effects, Answer<?>> how;
    final BiConsumer<Memory, Answer<?>> keep;

    private Do(String name, Function<Effects, Answer<?>> how, BiConsumer<Memory, Answer<?>> keep) {
      this.name = name;
      this.how = how;
      this.keep = keep;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Looks again a little later. The message is for people, and `ready` for the guard's pod. */
  static final class Wait extends Action {
    final long millis;
    final boolean ready;
    final String message;

    private Wait(long millis, boolean ready, String message) {
      this.millis = millis;
      this.ready = ready;
      this.message = message;
    }

    @Override
    boolean onOneLook() {
      return true;
    }

    @Override
    public String toString() {
      return "wait " + millis + (ready ? " (ready): " : ": ") + message;
    }
  }

  static final class End extends Action {
    final boolean success;
    final String message;

    private End(boolean success, String message) {
      this.success = success;
      this.message = message;
    }

    @Override
    public String toString() {
      return (success ? "end: " : "fail: ") + message;
    }
  }

  static Write write(Phase phase, String... pairs) {
    return new Write().and("phase", phase.text).and(pairs);
  }

  static Write note(String... pairs) {
    return new Write().and(pairs);
  }

  static Do request(String name, Function<Effects, Answer<?>> how) {
    return new Do(name, how, (memory, answer) -> {});
  }

  static Do request(String name, Function<Effects, Answer<?>> how, BiConsumer<Memory, Answer<?>> keep) {
    return new Do(name, how, keep);
  }

  static Wait wait(long millis, String message) {
    return new Wait(millis, false, message);
  }

  static Wait well(long millis, String message) {
    return new Wait(millis, true, message);
  }

  static End success(String message) {
    return new End(true, message);
  }

  static End failure(String message) {
    return new End(false, message);
  }
}
