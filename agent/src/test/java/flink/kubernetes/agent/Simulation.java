package flink.kubernetes.agent;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Runs seeds. `java [-Dcoverage] … Simulation SEEDS [FIRST]` tries them; `java … Simulation replay SEED` prints what happens in one; for `soak`, see {@link #soak}. */
final class Simulation {
  static final class Outcome implements Serializable {
    private static final long serialVersionUID = 1;
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

    /** In one line. */
    String summary() {
      return String.format("%,d lives: %,d effects and %.1f faults in each; %d broke an invariant; %d ended without a job and said why %s; %d moments that ASSUMPTIONS.md documents.", seeds, effects / Math.max(1, seeds), (double) faults / Math.max(1, seeds), failures.size(), stuck, stuckIn, documented);
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
    // Short lives and long ones.
    shape.quietFrom = (4 + Math.floorMod(seed / 20, 9L)) * 60_000;
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

  public static void main(String[] arguments) throws IOException, ClassNotFoundException {
    if (arguments[0].equals("soak")) {
      Outcome outcome = soak(Path.of(arguments[1]), Long.parseLong(arguments[2]), Integer.parseInt(arguments[3]));
      outcome.failures.stream().sorted().forEach(System.out::println);
      System.out.println(outcome.summary());
      System.exit(outcome.failures.isEmpty() ? 0 : 1);
    }
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
    System.out.printf("%s%n%.1f s%n", outcome.summary(), took);
  }

  /**
   * `java … Simulation soak FOLDER FIRST SEEDS`: so many seeds, in pieces that are kept in the folder; pieces that are there already, of the same code, are not tried again.
   * Writes what was reached in all pieces into coverage.txt beside them.
   */
  static Outcome soak(Path folder, long first, int seeds) throws IOException, ClassNotFoundException {
    Path kept = Files.createDirectories(folder.resolve(fingerprint()));
    Outcome these = new Outcome();
    for (long from = first; from < first + seeds; from += PIECE) {
      Path piece = kept.resolve("from-" + from);
      if (!Files.exists(piece)) {
        Path unfinished = Files.createTempFile(kept, "unfinished", "");
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(unfinished))) {
          out.writeObject(run(from, PIECE, 20));
        }
        Files.move(unfinished, piece, StandardCopyOption.ATOMIC_MOVE);
      }
      these.add(read(piece));
    }
    Outcome all = new Outcome();
    try (Stream<Path> pieces = Files.list(kept)) {
      for (Path piece : (Iterable<Path>) pieces.filter(file -> file.getFileName().toString().startsWith("from-"))::iterator) all.add(read(piece));
    }
    Files.writeString(folder.resolve("coverage.txt"), all.summary() + "\n" + all.coverage.summary() + "\n\n" + all.coverage.report());
    return these;
  }

  private static final int PIECE = 10_000;

  private static Outcome read(Path piece) throws IOException, ClassNotFoundException {
    try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(piece))) {
      return (Outcome) in.readObject();
    }
  }

  /** What tells this code from any other. */
  private static String fingerprint() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Class<?> type : new Class<?>[] {Runner.class, Simulation.class}) {
      try (Stream<Path> files = Files.walk(Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()))) {
        for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) text.append(Settings.hash(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1), 32));
      }
    }
    return Settings.hash(text.toString(), 12);
  }
}
