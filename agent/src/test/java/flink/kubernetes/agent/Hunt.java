package flink.kubernetes.agent;

import java.util.List;

/** Looks for what is wrong: first in the scenarios, then in lives at random; or in scenarios with stale reads. */
public final class Hunt {
  /** So many scenarios with stale reads are enough. */
  private static final int STALE = 10;

  private Hunt() {}

  /** The first thing that is wrong: where, and what, a line each; empty when nothing is found in so many seeds. */
  public static String hunt(int seeds, boolean stale) {
    if (stale) {
      Scenarios.Tried tried = Scenarios.staleEverywhere(Scenarios.ALL.subList(0, STALE), 1);
      return tried.problems.isEmpty() ? "" : "a stale read\n" + tried.problems.get(0).replaceFirst(".*: ([A-Z ]+: )", "$1");
    }
    for (int seed = 1; seed <= 3; seed++) {
      for (Scenarios.Scenario scenario : Scenarios.ALL) {
        List<String> problems = Scenarios.run(Scenarios.world(scenario, seed, false), scenario, 0);
        if (!problems.isEmpty()) return "scenario \"" + scenario.name + "\", seed " + seed + "\n" + problems.get(0);
      }
    }
    for (int first = 1; first <= seeds; first += 100) {
      Simulation.Outcome outcome = Simulation.run(first, 100, 1);
      if (!outcome.failures.isEmpty()) return outcome.failures.get(0).replaceFirst(": ", "\n");
    }
    return "";
  }
}
