package flink.kubernetes.agent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A store of states. It is strongly consistent, as Flink demands of it; it may be away, and an account may not be allowed to look. */
final class SimStore {
  static final class State {
    final String path;
    final long number;
    final long position;
    final int life;
    final boolean savepoint;
    /** A savepoint after which the job ran on: it made nothing final. */
    final boolean periodic;
    final long time;
    /** With high availability: that it is complete stands in the ConfigMaps. */
    boolean confirmed;

    State(String path, long number, long position, int life, boolean savepoint, boolean periodic, long time) {
      this.path = path;
      this.number = number;
      this.position = position;
      this.life = life;
      this.savepoint = savepoint;
      this.periodic = periodic;
      this.time = time;
    }
  }

  final Map<String, State> states = new LinkedHashMap<>();
  boolean denied;
  long awayUntil;

  boolean away(long now) {
    return now < awayUntil;
  }

  List<Effects.Stored> list() {
    List<Effects.Stored> list = new ArrayList<>();
    for (State state : states.values()) list.add(new Effects.Stored(state.path, state.number, state.savepoint, state.time));
    return list;
  }
}
