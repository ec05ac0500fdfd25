package flink.kubernetes.agent;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Work on every core that there is; each takes the next piece when it is done with one. */
final class Cores {
  private Cores() {}

  static <T> void each(List<T> pieces, Consumer<T> what) {
    AtomicInteger next = new AtomicInteger();
    IntStream.range(0, Runtime.getRuntime().availableProcessors()).parallel().forEach(core -> {
      for (int i = next.getAndIncrement(); i < pieces.size(); i = next.getAndIncrement()) what.accept(pieces.get(i));
    });
  }
}
