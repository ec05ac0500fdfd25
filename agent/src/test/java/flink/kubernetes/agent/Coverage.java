package flink.kubernetes.agent;

import java.util.Map;
import java.util.TreeMap;

/** What was reached: phase × effect × fault, and how often. */
final class Coverage {
  final Map<String, Integer> counts = new TreeMap<>();

  void saw(String program, String phase, String effect, String fault) {
    counts.merge(program + " | " + phase + " | " + effect + " | " + fault, 1, Integer::sum);
  }

  void add(Coverage other) {
    other.counts.forEach((key, count) -> counts.merge(key, count, Integer::sum));
  }
}
