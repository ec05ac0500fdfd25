package flink.kubernetes.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/** What a pod shows: its log, its termination message, and the files that its probes look for. */
final class PodLog implements Effects.Log {
  private final Path message;
  private final Path started;
  private final Path ready;
  private final boolean concludes;
  private String said = "";
  private Boolean well;

  /** @param concludes whether the container ends with the program, so that its last words are the container's */
  PodLog(Surroundings around, boolean concludes) {
    this.message = Paths.get(around.get("TERMINATION_LOG", "/dev/termination-log"));
    this.started = around.temporary().resolve("started");
    this.ready = around.temporary().resolve("ready");
    this.concludes = concludes;
  }

  @Override
  public synchronized void say(String text) {
    if (text.equals(said)) return;
    said = text;
    // Java's own formats of times need a megabyte of classes.
    long second = System.currentTimeMillis() / 1000 % 86_400;
    System.out.println(two(second / 3600) + ":" + two(second / 60 % 60) + ":" + two(second % 60) + " " + text);
  }

  private static String two(long number) {
    return (number < 10 ? "0" : "") + number;
  }

  @Override
  public void conclude(String text) {
    say(text);
    // Kubernetes keeps 4,096 bytes.
    if (concludes) write(message, text.length() > 3500 ? text.substring(0, 3500) + "..." : text);
  }

  @Override
  public void ready(boolean now) {
    if (well != null && well == now) return;
    // The readiness probe is asked as soon as the startup probe sees its file, and then not for a while.
    write(ready, now ? "ready" : "");
    if (well == null) write(started, "started");
    well = now;
  }

  private void write(Path file, String text) {
    try {
      Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException full) {
      say("The file " + file + " cannot be written: " + full.getMessage() + ".");
    }
  }
}
