package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** -Dseeds=N and -Dseed=FIRST say which lives are tried; -Dmutants=true tries the deliberate errors, too. */
class SimulationTest {
  private static final int EFFECTS = 250;

  @Test
  void everyInvariantHoldsInEverySeed() throws IOException {
    int seeds = Integer.getInteger("seeds", 2000);
    Simulation.Outcome outcome = Simulation.run(Integer.getInteger("seed", 1), seeds, 20);
    Files.writeString(Path.of("target/coverage.txt"), outcome.coverage.report());
    assertEquals("", String.join("\n", outcome.failures), "replay one: java -cp target/classes:target/test-classes flink.kubernetes.agent.Simulation replay SEED");
    assertTrue(outcome.effects / seeds >= 200, "a seed has too few effects: " + outcome.effects / seeds);
    assertTrue(outcome.faults / seeds >= 3, "a seed has too few faults: " + outcome.faults / seeds);
  }

  @Test
  void everyScenarioEndsAsItShould() {
    List<String> problems = new ArrayList<>();
    for (Scenarios.Scenario scenario : Scenarios.ALL) {
      for (int seed = 1; seed <= 3; seed++) {
        for (String problem : Scenarios.run(Scenarios.world(scenario, seed, false), scenario, 0)) problems.add(scenario.name + ", seed " + seed + ": " + problem);
      }
    }
    assertEquals("", String.join("\n", problems));
  }

  @Test
  void soItDoesWithACrashAfterEverySingleEffect() {
    AtomicInteger tried = new AtomicInteger();
    assertEquals("", String.join("\n", Scenarios.crashEverywhere(EFFECTS, tried)));
    System.out.println(tried + " crashes were tried.");
  }

  @Test
  void noStaleReadOfTheLedgerBreaksAnInvariant() {
    AtomicInteger tried = new AtomicInteger();
    assertEquals("", String.join("\n", Scenarios.staleEverywhere(EFFECTS, tried)));
    System.out.println(tried + " stale reads were tried.");
  }

  @Test
  @EnabledIfSystemProperty(named = "mutants", matches = "true")
  void everyDeliberateErrorIsCaught() {
    assertEquals(List.of(), Mutants.missed(600));
  }
}
