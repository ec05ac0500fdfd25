package flink.kubernetes.agent;

import java.util.List;

/** Looks for what is wrong: first in the scenarios, then with crashes in the beginning of each, then in lives at random. */
public final class Hunt {
  private Hunt() {}

  /** The first thing that is wrong; empty when nothing is found in so many seeds. */
  public static String hunt(int seeds) {
    for (Scenarios.Scenario scenario : Scenarios.ALL) {
      for (int seed = 1; seed <= 3; seed++) {
        List<String> problems = Scenarios.run(Scenarios.world(scenario, seed, false), scenario, 0);
        if (!problems.isEmpty()) return "scenario \"" + scenario.name + "\", seed " + seed + ": " + problems.get(0);
      }
    }
    for (int first = 1; first <= seeds; first += 100) {
      Simulation.Outcome outcome = Simulation.run(first, 100, 1);
      if (!outcome.failures.isEmpty()) return outcome.failures.get(0);
    }
    return "";
  }
}
