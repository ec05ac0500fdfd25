package flink.kubernetes.agent;

import flink.kubernetes.agent.Answer.Kind;
import java.io.DataInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.plugin.PluginUtils;
import org.apache.flink.runtime.checkpoint.Checkpoints;

/** What {@link Store} runs in a Java of its own: one look into a store with Flink's own file systems. The first argument is the file that its answer goes to, as JSON. */
final class StoreLook {
  /** Of so many savepoints of a folder, the newest, the number is read: it stands in a file that may be large. */
  private static final int NUMBERED = 10;

  private StoreLook() {}

  public static void main(String[] arguments) throws IOException {
    Map<String, Object> answer = new LinkedHashMap<>();
    int code = 0;
    try {
      initialise(new Surroundings(System.getenv()), arguments[1].equals("copy"));
      switch (arguments[1]) {
        case "list":
          answer.put("states", states(arguments[2], arguments[3], arguments[4], arguments[5]));
          break;
        case "newest":
          answer.put("path", newest(arguments[2]));
          break;
        default:
          copy(arguments[2], arguments[3]);
      }
    } catch (IOException | RuntimeException | LinkageError failed) {
      answer.put("kind", kind(failed).name());
      answer.put("problem", problem(failed));
      code = 1;
    }
    Files.write(Paths.get(arguments[0]), Json.write(answer));
    // File systems leave threads behind.
    Runtime.getRuntime().halt(code);
  }

  private static void initialise(Surroundings around, boolean jar) throws IOException {
    Configuration configuration = around.has("FLINK_CONF_DIR") ? GlobalConfiguration.loadConfiguration(around.get("FLINK_CONF_DIR")) : new Configuration();
    String keys = around.get("STATE_S3_KEYS");
    if (!jar && !keys.isEmpty()) {
      s3(configuration, Surroundings.text(Paths.get(keys, "access-key")).trim(), Surroundings.text(Paths.get(keys, "secret-key")).trim(), around.get("STATE_S3_ENDPOINT"), around.get("STATE_S3_REGION"),
          around.is("STATE_S3_PATH_STYLE"));
    } else if (jar && around.has("S3_ACCESS_KEY")) {
      s3(configuration, around.get("S3_ACCESS_KEY"), around.get("S3_SECRET_KEY"), around.get("S3_ENDPOINT"), around.get("S3_REGION"), !around.get("S3_ENDPOINT").isEmpty());
    }
    FileSystem.initialize(configuration, PluginUtils.createPluginManagerFromRootFolder(configuration));
  }

  private static void s3(Configuration configuration, String access, String secret, String endpoint, String region, boolean pathStyle) {
    configuration.setString("s3.access-key", access);
    configuration.setString("s3.secret-key", secret);
    if (!endpoint.isEmpty()) configuration.setString("s3.endpoint", endpoint);
    if (!region.isEmpty()) configuration.setString("s3.endpoint.region", region);
    configuration.setString("s3.path.style.access", String.valueOf(pathStyle));
  }

  /** Every complete state of a FlinkJob. */
  private static List<Object> states(String checkpoints, String savepoints, String job, String prefix) throws IOException {
    List<Object> states = new ArrayList<>();
    for (String id : checkpoints.isEmpty() ? Collections.<String>emptyList() : folders(checkpoints)) {
      if (!id.startsWith(prefix)) continue;
      for (String name : folders(checkpoints + "/" + id)) {
        if (!name.matches("chk-[0-9]{1,15}")) continue;
        Found found = complete(checkpoints + "/" + id + "/" + name);
        if (found != null) states.add(found.state(Long.parseLong(name.substring(4)), false));
      }
    }
    if (savepoints.isEmpty()) return states;
    List<Found> taken = new ArrayList<>(), beside = new ArrayList<>();
    for (String name : folders(savepoints)) {
      if (name.startsWith("savepoint-" + prefix.substring(0, 6) + "-")) add(beside, savepoints + "/" + name);
    }
    for (String folder : folders(savepoints + "/" + job)) {
      for (String name : folders(savepoints + "/" + job + "/" + folder)) if (name.startsWith("savepoint-")) add(taken, savepoints + "/" + job + "/" + folder + "/" + name);
    }
    for (List<Found> list : List.of(taken, beside)) {
      list.sort((one, other) -> Long.compare(other.time, one.time));
      for (int i = 0; i < list.size(); i++) states.add(list.get(i).state(i < NUMBERED ? list.get(i).number() : -1, true));
    }
    return states;
  }

  private static void add(List<Found> list, String path) throws IOException {
    Found found = complete(path);
    if (found != null) list.add(found);
  }

  /** The newest by the time in the names of the folders, that of a clock which Flink's storage does not have. */
  private static String newest(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : folders(folder)) if (name.matches("(.*-)?[0-9]{8}T[0-9]{6}Z-.*")) names.add(name);
    names.sort((one, other) -> time(other).compareTo(time(one)));
    for (String name : names) {
      for (String savepoint : folders(folder + "/" + name)) {
        String path = folder + "/" + name + "/" + savepoint;
        if (savepoint.startsWith("savepoint-") && complete(path) != null) return path;
      }
    }
    return "";
  }

  private static String time(String name) {
    return name.replaceFirst("^(?:.*-)?([0-9]{8}T[0-9]{6}Z)-.*$", "$1");
  }

  private static void copy(String from, String to) throws IOException {
    Path path = new Path(from);
    try (InputStream in = FileSystem.get(URI.create(from)).open(path)) {
      Files.copy(in, Paths.get(to), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The names of the folders that lie right there; none when there is no such place. */
  private static List<String> folders(String uri) throws IOException {
    List<String> names = new ArrayList<>();
    Path path = new Path(uri);
    FileSystem system = FileSystem.get(path.toUri());
    FileStatus[] found;
    try {
      found = system.listStatus(path);
    } catch (FileNotFoundException none) {
      return names;
    }
    // Of a folder of this pod that may not be read it says the same as of none.
    if (found == null && system.isDistributedFS()) throw new IOException("It does not list " + uri);
    if (found == null && Files.exists(Paths.get(path.getPath()))) throw new AccessDeniedException(uri);
    if (found != null) for (FileStatus each : found) if (each.isDir()) names.add(each.getPath().getName());
    return names;
  }

  /** Flink writes this file last. Null: the state is not complete. */
  private static Found complete(String uri) throws IOException {
    Path metadata = new Path(uri + "/_metadata");
    try {
      FileStatus status = FileSystem.get(metadata.toUri()).getFileStatus(metadata);
      return status.getLen() > 0 ? new Found(uri, status.getModificationTime()) : null;
    } catch (FileNotFoundException none) {
      return null;
    }
  }

  private static final class Found {
    final String path;
    final long time;

    Found(String path, long time) {
      this.path = path;
      this.time = time;
    }

    Map<String, Object> state(long number, boolean savepoint) {
      Map<String, Object> state = new LinkedHashMap<>();
      state.put("path", Surroundings.canonical(path));
      state.put("number", number);
      state.put("savepoint", savepoint);
      state.put("time", time);
      return state;
    }

    long number() throws IOException {
      Path metadata = new Path(path + "/_metadata");
      try (DataInputStream in = new DataInputStream(FileSystem.get(metadata.toUri()).open(metadata))) {
        return Checkpoints.loadCheckpointMetadata(in, StoreLook.class.getClassLoader(), path).getCheckpointId();
      }
    }
  }

  /** Whether this account may not look, or the store is away. */
  static Kind kind(Throwable failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof FileNotFoundException || cause instanceof java.nio.file.NoSuchFileException) return Kind.NOT_FOUND;
      String text = cause.getClass().getSimpleName() + " " + cause.getMessage();
      // There is no plugin for it, or Hadoop is not there.
      if (cause instanceof LinkageError || text.startsWith("UnsupportedFileSystemSchemeException")) return Kind.REFUSED;
      if (text.matches("(?s).*(AccessDenied|AccessControl|Forbidden|Status Code: 403|HTTP 403|InvalidAccessKeyId|SignatureDoesNotMatch|Permission denied|NoCredentials|NoAuthWithAWS).*")) return Kind.REFUSED;
    }
    return Kind.UNCLEAR;
  }

  private static String problem(Throwable failed) {
    Throwable cause = failed;
    while (cause.getCause() != null && cause.getCause() != cause) cause = cause.getCause();
    String text = cause.getClass().getSimpleName() + ": " + String.valueOf(cause.getMessage()).split("\n")[0];
    return text.length() > 500 ? text.substring(0, 500) + "..." : text;
  }
}
