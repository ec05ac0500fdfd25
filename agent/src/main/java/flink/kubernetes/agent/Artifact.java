package flink.kubernetes.agent;

import flink.kubernetes.agent.Answer.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What a job's program is sent as: a jar, or an archive of a program in Python. */
final class Artifact {
  private static final int MOST_REDIRECTS = 5;

  private final Surroundings around;
  private final Store store;
  private final String jar;
  private Path ready;

  Artifact(Surroundings around, Store store) {
    this.around = around;
    this.store = store;
    this.jar = around.get("JAR");
  }

  /** It cannot be had: REFUSED where a person has to do something, or else UNCLEAR. */
  static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1;
    final Kind kind;

    Unusable(Kind kind, String why) {
      super(why, null, false, false);
      this.kind = kind;
    }
  }

  private static Unusable refused(String why) {
    return new Unusable(Kind.REFUSED, why);
  }

  /** Where it is, for people. */
  String place() {
    if (jar.startsWith("/")) return "the file " + jar + " in the image " + around.get("IMAGE");
    return jar.isEmpty() ? around.has("PYTHON") ? "the program" : "an empty jar" : jar;
  }

  private String argument() {
    return around.has("PYTHON") ? "python.file" : "jar";
  }

  Path get() {
    if (ready != null && Files.exists(ready)) return ready;
    try {
      Path program = jar.isEmpty() ? null : jar.startsWith("/") ? file() : fetched();
      ready = around.has("PYTHON") ? python(program) : program != null ? program : own();
      return ready;
    } catch (IOException | UncheckedIOException failed) {
      throw new Unusable(Kind.UNCLEAR, place() + " could not be made ready: " + Http.why(failed));
    }
  }

  private Path file() throws IOException {
    Path file = Paths.get(jar);
    if (!Files.isRegularFile(file)) throw refused("there is no file " + jar + " in the image " + around.get("IMAGE") + " (or on a volume of its pod). Write in \"" + argument() + "\" where it is");
    if (!Files.isReadable(file)) throw refused("the file " + jar + " in the image " + around.get("IMAGE") + " cannot be read by this user. Make it readable for everybody when the image is built");
    return checked(file);
  }

  private Path checked(Path file) throws IOException {
    String wanted = around.get("JAR_CHECKSUM");
    if (wanted.isEmpty()) return file;
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] part = new byte[65536];
      for (int read = in.read(part); read >= 0; read = in.read(part)) digest.update(part, 0, read);
      StringBuilder sum = new StringBuilder();
      for (byte each : digest.digest()) sum.append(String.format("%02x", each));
      if (sum.toString().equals(wanted)) return file;
      throw refused(place() + " is not what jarChecksum says: its SHA-256 is " + sum + ", not " + wanted + ". It was changed since, or the checksum is that of another file");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Path fetched() throws IOException {
    Path to = around.temporary().resolve("artifact.jar");
    if (jar.startsWith("https://")) {
      download(to);
    } else {
      Answer<Void> copied = store.copy(jar, to);
      if (copied.is(Kind.REFUSED)) throw refused(jar + " may not be read: " + copied.problem + ". Check the credentials (jarStorage), and that they may read this one object");
      if (copied.is(Kind.NOT_FOUND)) throw refused("there is nothing at " + jar + ". Check \"" + argument() + "\", and that it was uploaded");
      if (!copied.ok()) throw new Unusable(Kind.UNCLEAR, jar + " could not be fetched: " + copied.problem);
    }
    return checked(to);
  }

  /** Over https only. Whoever is redirected elsewhere shows no login there. */
  private void download(Path to) throws IOException {
    URL url = new URL(jar);
    String origin = url.getAuthority();
    for (int hops = 0; hops <= MOST_REDIRECTS; hops++) {
      HttpURLConnection connection = Http.open(url.toString(), null);
      connection.setReadTimeout(60_000);
      if (url.getAuthority().equalsIgnoreCase(origin)) headers(connection);
      int status = connection.getResponseCode();
      if (status == 200) {
        try (InputStream in = connection.getInputStream()) {
          long size = Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
          if (size < connection.getContentLengthLong()) throw new IOException("the file was cut off");
        }
        return;
      }
      String next = connection.getHeaderField("Location");
      connection.disconnect();
      if (status == 401 || status == 403) throw refused(jar + " may not be read: HTTP " + status + ". Check the login and the headers (jarHttp), and that they may read this one file");
      if (status == 404 || status == 410) throw refused("there is nothing at " + jar + ": HTTP " + status + ". Check \"" + argument() + "\", and that it was uploaded");
      if (status / 100 != 3 || next == null) throw new Unusable(Kind.UNCLEAR, jar + " could not be fetched: HTTP " + status);
      url = new URL(url, next);
      if (!url.getProtocol().equals("https")) throw new Unusable(Kind.UNCLEAR, jar + " could not be fetched: it is redirected to a place without TLS");
    }
    throw new Unusable(Kind.UNCLEAR, jar + " could not be fetched: it is redirected too often");
  }

  private void headers(HttpURLConnection connection) {
    if (around.has("HTTP_USERNAME")) {
      String login = line(around.get("HTTP_USERNAME")) + ":" + line(around.get("HTTP_PASSWORD"));
      connection.setRequestProperty("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
    }
    String[] names = around.get("HTTP_HEADERS").trim().split(" +");
    for (int i = 0; i < names.length; i++) if (!names[i].isEmpty()) connection.setRequestProperty(names[i], line(around.get("HTTP_HEADER_" + i)));
  }

  /** A line break at the end is an editor's; one within would begin another header. */
  private static String line(String text) {
    return text.replaceFirst("\r?\n$", "").replaceAll("[\r\n]", " ");
  }

  /** The program comes with Flink, which runs none without a jar: one with nothing in it, or with what runs a script in SQL. */
  private Path own() throws IOException {
    Path script = around.beside("SqlScript.class");
    Map<String, byte[]> files = new LinkedHashMap<>();
    if (Files.exists(script)) files.put("flink/kubernetes/SqlScript.class", Files.readAllBytes(script));
    return zip("own.jar", files);
  }

  private Path zip(String name, Map<String, byte[]> files) throws IOException {
    Path archive = around.temporary().resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTime(315_532_800_000L);
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
    return archive;
  }

  private Path python(Path program) throws IOException {
    String command = around.get("PYTHON");
    if (!command.isEmpty()) tryPython(command);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("flink_kubernetes_job.py", Files.readAllBytes(around.beside("flink_kubernetes_job.py")));
    files.put("job.json", Json.write(withSecrets(Json.read(Files.readAllBytes(around.beside("job.json"))))));
    Path main = program != null ? program : Files.exists(around.beside("main.py")) ? around.beside("main.py") : secrets().resolve("main.py");
    if (Files.exists(main)) files.put("main.py", Files.readAllBytes(main));
    return zip("program.zip", files);
  }

  private void tryPython(String command) throws IOException {
    Path said = around.temporary().resolve("python");
    Process process;
    try {
      process = new ProcessBuilder(command, "-c", "import pyflink").redirectErrorStream(true).redirectOutput(said.toFile()).start();
    } catch (IOException missing) {
      throw cannotRun(command, Http.why(missing));
    }
    try (OutputStream nothing = process.getOutputStream()) {
      if (process.waitFor() == 0) return;
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
    String[] lines = Surroundings.text(said).split("\n");
    throw cannotRun(command, lines[lines.length - 1]);
  }

  private Unusable cannotRun(String command, String why) {
    return refused("the image " + around.get("IMAGE") + " cannot run a program in Python: " + why + ". Use an image with the command \"" + command + "\" and the package apache-flink of the cluster's version");
  }

  private Path secrets() {
    return Paths.get(around.get("SECRETS_DIR", "/opt/flink-kubernetes/secrets"));
  }

  /** What was read as JSON, with the secrets that it only names: {"$secret":"NAME"} is the text of that file or, when it is called NAME.json, the JSON in it. */
  Object withSecrets(Object json) throws IOException {
    if (json instanceof List) {
      List<Object> list = new ArrayList<>();
      for (Object item : (List<?>) json) list.add(withSecrets(item));
      return list;
    }
    if (!(json instanceof Map)) return json;
    Map<?, ?> map = (Map<?, ?>) json;
    Object name = map.get("$secret");
    if (map.size() == 1 && name instanceof String) return secret((String) name);
    Map<String, Object> filled = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) filled.put((String) entry.getKey(), withSecrets(entry.getValue()));
    return filled;
  }

  private Object secret(String name) throws IOException {
    Path file = secrets().resolve(Paths.get(name).getFileName());
    if (!Files.isRegularFile(file)) throw refused("an argument of the job stands in a Secret that does not have it. Run the update again: it writes the Secret");
    return name.endsWith(".json") ? Json.read(Files.readAllBytes(file)) : Surroundings.text(file);
  }
}
