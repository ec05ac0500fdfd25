package flink.kubernetes.agent;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was reached: which effects each program had in which phase, and which faults these met, how often. */
final class Coverage implements Serializable {
  private static final long serialVersionUID = 1;
  private static final List<String> FAULTS = List.of("", "lost", "status", "answer lost", "late", "crash after");
  private static final List<String> READS = List.of("ledger", "deployment", "pods", "removed", "replicas", "jobs", "checkpoints", "savepoint result", "failure", "jars", "states");
  private static final List<String> WRITES = List.of("write", "abandon", "scale", "upload", "delete jar", "check", "run", "stop", "savepoint", "checkpoint", "cancel", "dispose", "shut down");
  private static final List<String> EFFECTS = new ArrayList<>(READS);
  /** The last one is that there is no ledger. */
  private static final List<String> PHASES = new ArrayList<>();

  static {
    EFFECTS.addAll(WRITES);
    for (Phase phase : Phase.values()) PHASES.add(phase.text);
    PHASES.add("-");
  }

  private final int[][][][] counts = new int[Program.values().length][PHASES.size()][EFFECTS.size()][FAULTS.size()];

  void saw(Program program, String phase, String effect, String fault) {
    counts[program.ordinal()][PHASES.indexOf(phase)][EFFECTS.indexOf(effect)][FAULTS.indexOf(fault)]++;
  }

  void add(Coverage other) {
    for (int program = 0; program < counts.length; program++) {
      for (int phase = 0; phase < PHASES.size(); phase++) {
        for (int effect = 0; effect < EFFECTS.size(); effect++) {
          for (int fault = 0; fault < FAULTS.size(); fault++) counts[program][phase][effect][fault] += other.counts[program][phase][effect][fault];
        }
      }
    }
  }

  private interface Each {
    void row(Program program, String phase, String effect, int[] row);
  }

  private void each(Each what) {
    for (Program program : Program.values()) {
      for (String phase : PHASES) {
        for (String effect : EFFECTS) what.row(program, phase, effect, counts[program.ordinal()][PHASES.indexOf(phase)][EFFECTS.indexOf(effect)]);
      }
    }
  }

  private static String name(Program program, String phase) {
    return program.name().toLowerCase() + " | " + (phase.isEmpty() ? "none" : phase.equals("-") ? "no ledger" : phase);
  }

  /** Of a read it does not matter whether it was done. */
  private static boolean applies(String effect, int fault) {
    return WRITES.contains(effect) || !FAULTS.get(fault).equals("answer lost") && !FAULTS.get(fault).equals("late");
  }

  private static boolean reached(int[] row) {
    for (int count : row) if (count > 0) return true;
    return false;
  }

  /** Faults that an effect which was reached has not met. */
  private List<String> unmet() {
    List<String> never = new ArrayList<>();
    each((program, phase, effect, row) -> {
      if (!reached(row)) return;
      for (int fault = 1; fault < row.length; fault++) if (row[fault] == 0 && applies(effect, fault)) never.add(name(program, phase) + " | " + effect + ": " + FAULTS.get(fault));
    });
    return never;
  }

  /** In a few lines. */
  String summary() {
    int[] reached = new int[3];
    each((program, phase, effect, row) -> {
      if (!reached(row)) return;
      reached[0]++;
      for (int fault = 1; fault < row.length; fault++) {
        if (!applies(effect, fault)) continue;
        reached[1]++;
        if (row[fault] > 0) reached[2]++;
      }
    });
    List<String> unmet = unmet();
    String text = String.format("Coverage: %d combinations of program, phase and effect were reached; they met %d of the %d faults that each can meet.", reached[0], reached[2], reached[1]);
    for (String what : unmet.subList(0, Math.min(unmet.size(), 8))) text += "\n  not met: " + what;
    return text + (unmet.size() > 8 ? "\n  and " + (unmet.size() - 8) + " more, in target/coverage.txt" : "");
  }

  /** A table, and then what was never reached, and why. */
  String report() {
    StringBuilder text = new StringBuilder(String.format("%-44s%12s%8s%8s%13s%8s%13s%n", "program | phase | effect", "no fault", "lost", "status", "answer lost", "late", "crash after"));
    Map<String, List<String>> without = new LinkedHashMap<>();
    each((program, phase, effect, row) -> {
      if (reached(row)) text.append(String.format("%-44s%12d%8d%8d%13d%8d%13d%n", name(program, phase) + " | " + effect, row[0], row[1], row[2], row[3], row[4], row[5]));
      else without.computeIfAbsent(name(program, phase) + ": " + why(program, phase), key -> new ArrayList<>()).add(effect);
    });
    text.append("\nNever reached, since the program has no such effect in this phase:\n");
    without.forEach((where, effects) -> text.append("  ").append(where).append(" [").append(effects.size() == EFFECTS.size() ? "nothing was reached" : String.join(", ", effects)).append("]\n"));
    List<String> unmet = unmet();
    text.append(unmet.isEmpty() ? "\nEvery effect that was reached met every fault.\n" : "\nFaults that were never met, for want of seeds:\n");
    for (String what : unmet) text.append("  ").append(what).append('\n');
    return text.append("\nOf a read, \"answer lost\" and \"late\" are the same as \"lost\": nothing was done.\n").toString();
  }

  private static String why(Program program, String phase) {
    return phase.equals("-") ? "it waits for the ledger" : "it " + Table.duty(program, Phase.of(phase)).text;
  }
}
