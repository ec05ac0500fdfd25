package flink.kubernetes.agent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was reached: what each program did in which phase, and which faults met it, how often. */
final class Coverage {
  private static final String[] FAULTS = {"", "lost", "status", "answer lost", "late", "crash after"};
  /** Of a read it does not matter whether it was done. */
  private static final List<String> WRITES = List.of("write", "upload", "delete jar", "check", "run", "stop", "savepoint", "checkpoint", "cancel", "dispose");

  private final Map<Program, Map<String, Map<String, int[]>>> counts = new EnumMap<>(Program.class);

  void saw(Program program, String phase, String effect, String fault) {
    row(program, phase, effect)[Arrays.asList(FAULTS).indexOf(fault)]++;
  }

  private int[] row(Program program, String phase, String effect) {
    return counts.computeIfAbsent(program, key -> new HashMap<>()).computeIfAbsent(phase, key -> new HashMap<>()).computeIfAbsent(effect, key -> new int[FAULTS.length]);
  }

  void add(Coverage other) {
    other.counts.forEach((program, phases) -> phases.forEach((phase, effects) -> effects.forEach((effect, row) -> {
      int[] mine = row(program, phase, effect);
      for (int i = 0; i < row.length; i++) mine[i] += row[i];
    })));
  }

  /** A table, and then what was never reached. */
  String report() {
    StringBuilder text = new StringBuilder(String.format("%-44s%12s%8s%8s%13s%8s%13s%n", "program | phase | effect", "no fault", "lost", "status", "answer lost", "late", "crash after"));
    List<String> never = new ArrayList<>();
    Map<String, int[]> rows = new TreeMap<>();
    counts.forEach((program, phases) -> phases.forEach((phase, effects) -> effects.forEach((effect, row) -> rows.put(program + " | " + phase + " | " + effect, row))));
    rows.forEach((key, row) -> {
      text.append(String.format("%-44s%12d%8d%8d%13d%8d%13d%n", key, row[0], row[1], row[2], row[3], row[4], row[5]));
      boolean write = WRITES.contains(key.substring(key.lastIndexOf('|') + 2));
      for (int i = 1; i < FAULTS.length; i++) if (row[i] == 0 && (write || i != 3 && i != 4)) never.add(key + ": " + FAULTS[i]);
    });
    text.append(never.isEmpty() ? "Every effect met every fault.\n" : "Never reached, for want of seeds:\n");
    for (String what : never) text.append("  ").append(what).append('\n');
    return text.toString();
  }
}
