package flink.kubernetes.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Runs seeds. `java [-Dcoverage] … Simulation SEEDS [FIRST]` tries them; `java … Simulation replay SEED` prints what happens in one. */
final class Simulation {
  static final class Outcome {
    long effects;
    long faults;
    int seeds;
    int documented;
    int stuck;
    final List<String> failures = new ArrayList<>();
    final Map<String, Integer> stuckIn = new java.util.TreeMap<>();
    final Coverage coverage = new Coverage();

    private void tries(long seed) {
      World world = new World(seed, shape(seed), coverage, false);
      for (String problem : problems(world, new People(world))) failures.add("seed " + seed + ": " + problem);
      effects += world.effects;
      faults += world.faults;
      documented += world.documented;
      seeds++;
      if (world.stuck.isEmpty()) return;
      stuck++;
      stuckIn.merge(world.stuck + (world.updateFailed() ? ", update failed" : "") + (world.waitsForPerson ? ", waits for a person" : "") + (world.store.denied ? ", no look into the store" : ""), 1, Integer::sum);
    }

    private synchronized void add(Outcome other) {
      effects += other.effects;
      faults += other.faults;
      seeds += other.seeds;
      documented += other.documented;
      stuck += other.stuck;
      failures.addAll(other.failures);
      other.stuckIn.forEach((where, times) -> stuckIn.merge(where, times, Integer::sum));
      coverage.add(other.coverage);
    }
  }

  private Simulation() {}

  static World.Shape shape(long seed) {
    World.Shape shape = new World.Shape();
    int kind = (int) Math.floorMod(seed, 20L);
    shape.denied = kind == 7;
    if (shape.denied) shape.interval = 10_000;
    shape.mode = kind == 8 ? Settings.Mode.STATELESS : kind == 9 || kind == 10 ? Settings.Mode.LAST_STATE : Settings.Mode.SAVEPOINT;
    shape.highAvailability = kind >= 11 && kind <= 14 || kind == 17;
    shape.carried = kind >= 15 && kind <= 17;
    return shape;
  }

  /** Empty when every invariant held. */
  static List<String> problems(World world, People people) {
    try {
      people.live();
      world.run();
      return world.invariants.atTheEnd();
    } catch (Invariants.Violation broken) {
      return List.of(broken.getMessage());
    } catch (RuntimeException wrong) {
      java.io.StringWriter text = new java.io.StringWriter();
      wrong.printStackTrace(new java.io.PrintWriter(text));
      return List.of("ERROR: " + text);
    }
  }

  /** On every core that there is. */
  static Outcome run(long first, int seeds, int atMost) {
    Outcome whole = new Outcome();
    AtomicLong next = new AtomicLong(first);
    IntStream.range(0, Runtime.getRuntime().availableProcessors()).parallel().mapToObj(core -> {
      Outcome outcome = new Outcome();
      for (long seed = next.getAndIncrement(); seed < first + seeds; seed = next.getAndIncrement()) {
        outcome.tries(seed);
        if (outcome.failures.size() >= atMost) break;
      }
      return outcome;
    }).forEach(whole::add);
    return whole;
  }

  static void replay(long seed) {
    World world = new World(seed, shape(seed), null, true);
    List<String> problems = problems(world, new People(world));
    world.trace.forEach(System.out::println);
    System.out.println(problems.isEmpty() ? "Every invariant held." : String.join("\n", problems));
    if (world.ledger != null) System.out.println(world.ledger.data);
    System.out.println("Guard: " + world.guardSays());
  }

  public static void main(String[] arguments) {
    if (arguments[0].equals("replay")) {
      replay(Long.parseLong(arguments[1]));
      return;
    }
    int seeds = Integer.parseInt(arguments[0]);
    long first = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
    long began = System.nanoTime();
    Outcome outcome = run(first, seeds, arguments.length > 2 ? Integer.parseInt(arguments[2]) : 20);
    double took = (System.nanoTime() - began) / 1e9;
    outcome.failures.stream().sorted().forEach(System.out::println);
    if (System.getProperty("coverage") != null) System.out.print(outcome.coverage.report());
    System.out.printf("%d seeds in %.1f s: %d effects and %.1f faults a seed; %d failures; %d end without a job, and say why: %s; %d documented moments%n", outcome.seeds, took, outcome.effects / outcome.seeds, (double) outcome.faults / outcome.seeds, outcome.failures.size(), outcome.stuck, outcome.stuckIn, outcome.documented);
  }
}
