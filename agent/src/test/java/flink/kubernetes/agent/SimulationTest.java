package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole simulation. `-Dseeds=N` and `-Dseed=FIRST` say which lives are tried, `-Dstale=N` how many stale reads. What was tried is told in target/simulation.txt. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class SimulationTest {
  private static final Path TOLD = Path.of("target/simulation.txt");
  private static final String REPLAY = "java -cp agent/target/classes:agent/target/test-classes flink.kubernetes.agent.";

  @BeforeAll
  static void nothingIsToldYet() throws IOException {
    Files.deleteIfExists(TOLD);
  }

  private static void tell(String what, long began) throws IOException {
    String line = what + String.format(" %.0f s.%n", (System.nanoTime() - began) / 1e9);
    Files.writeString(TOLD, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void none(List<String> problems, String replay) {
    List<String> first = problems.subList(0, Math.min(problems.size(), 20));
    assertEquals("", String.join("\n", first), problems.size() + " went wrong; to see what happens in one: " + REPLAY + replay);
  }

  @Test
  void everyInvariantHoldsInEverySeed() throws IOException {
    long began = System.nanoTime();
    int seeds = Integer.getInteger("seeds", 2000);
    Simulation.Outcome outcome = Simulation.run(Long.getLong("seed", 1), seeds, 20);
    Files.writeString(Path.of("target/coverage.txt"), outcome.coverage.report());
    tell(outcome.summary() + "\n" + outcome.coverage.summary(), began);
    none(outcome.failures, "Simulation replay SEED");
    assertTrue(outcome.effects / seeds >= 200, "a seed has too few effects: " + outcome.effects / seeds);
    assertTrue(outcome.faults / seeds >= 3, "a seed has too few faults: " + outcome.faults / seeds);
  }

  @Test
  void everyScenarioEndsAsItShould() throws IOException {
    long began = System.nanoTime();
    List<String> problems = new ArrayList<>();
    for (Scenarios.Scenario scenario : Scenarios.ALL) {
      for (int seed = 1; seed <= 3; seed++) {
        for (String problem : Scenarios.run(Scenarios.world(scenario, seed, false), scenario, 0)) problems.add(scenario.name + ", seed " + seed + ": " + problem);
      }
    }
    tell(String.format("%d scenarios, with three seeds each: %d did not end as they should.", Scenarios.ALL.size(), problems.size()), began);
    none(problems, "Scenarios NAME");
  }

  @Test
  void soItDoesWithACrashAfterEverySingleEffect() throws IOException {
    long began = System.nanoTime();
    Scenarios.Tried tried = Scenarios.crashEverywhere();
    tell(String.format("%,d crashes, one after each effect of each scenario: %d broke an invariant.", tried.of("crashes"), tried.problems.size()), began);
    none(tried.problems, "Scenarios NAME EFFECT");
  }

  @Test
  void noStaleReadBreaksAnInvariant() throws IOException {
    long began = System.nanoTime();
    int every = Integer.getInteger("stale", 3);
    Scenarios.Tried tried = Scenarios.staleEverywhere(Scenarios.ALL, every);
    tell(String.format("Stale reads, %s of each read with each state before: %,d of the ledger, %,d of the JobManager's Deployment, %,d of its pods, %,d of the guard's Deployment; %,d changed nothing, and %d broke an invariant.",
        every == 0 ? "all" : "1 of " + every, tried.of("ledger"), tried.of("deployment"), tried.of("pods"), tried.of("removed"), tried.of("without any effect"), tried.problems.size()), began);
    none(tried.problems, "Scenarios stale NAME EFFECT STATE");
  }

  @Test
  void everyDeliberateErrorIsCaught() throws IOException {
    long began = System.nanoTime();
    Mutants.Caught caught = Mutants.tryAll(600);
    Files.writeString(Path.of("target/deliberate-errors.txt"), caught.table());
    tell(caught.summary(), began);
    assertEquals(List.of(), caught.missed());
  }
}
