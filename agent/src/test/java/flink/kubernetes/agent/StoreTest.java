package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugins that a look into a store has, made from what an image has and what its launcher would add. */
final class StoreTest {
  @TempDir Path home;

  private Map<String, String> plugins(String... variables) throws Exception {
    Map<String, String> around = new TreeMap<>(Map.of("FLINK_HOME", home.toString(), "TMPDIR", home.resolve("tmp").toString()));
    for (int i = 0; i < variables.length; i += 2) around.put(variables[i], variables[i + 1]);
    Path folder = new Store(new Surroundings(around), new Settings(), line -> {}).plugins();
    Map<String, String> found = new TreeMap<>();
    try (var names = Files.newDirectoryStream(folder)) {
      for (Path plugin : names) {
        try (var jars = Files.newDirectoryStream(plugin)) {
          for (Path jar : jars) found.put(plugin.getFileName().toString(), jar.getFileName().toString());
        }
      }
    }
    return found;
  }

  private void file(String name) throws Exception {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[0]);
  }

  @Test
  void areThoseOfTheImageAndOfItsFileSystems() throws Exception {
    file("plugins/metrics/metrics-1.jar");
    file("opt/flink-s3-fs-hadoop-2.2.1.jar");
    file("opt/flink-azure-fs-hadoop-2.2.1.jar");
    assertEquals(Map.of("metrics", "metrics-1.jar"), plugins());
    Map<String, String> both = Map.of("metrics", "metrics-1.jar", "s3-fs-hadoop", "flink-s3-fs-hadoop-2.2.1.jar");
    assertEquals(both, plugins("FILE_SYSTEM_PLUGINS", "s3-fs-hadoop flink-s3-fs-hadoop"));
    // Another pod's attempt in the same folder.
    assertEquals(both, plugins("FILE_SYSTEM_PLUGINS", "s3-fs-hadoop flink-s3-fs-hadoop"));
  }

  @Test
  void areNotTakenTwice() throws Exception {
    file("plugins/mine/flink-s3-fs-hadoop-9.jar");
    file("opt/flink-s3-fs-hadoop-2.2.1.jar");
    assertEquals(Map.of("mine", "flink-s3-fs-hadoop-9.jar"), plugins("FILE_SYSTEM_PLUGINS", "s3-fs-hadoop flink-s3-fs-hadoop"));
  }

  @Test
  void areWhereTheUserSays() throws Exception {
    file("elsewhere/a b.jar");
    assertEquals(Map.of("s3", "a b.jar"), plugins("FILE_SYSTEM_PLUGINS", "s3 flink-s3-fs-hadoop " + home.resolve("elsewhere/a b.jar")));
    assertEquals(Map.of(), plugins("TMPDIR", home.resolve("tmp2").toString(), "FILE_SYSTEM_PLUGINS", "gs flink-gs-fs-hadoop"));
  }
}
