package flink.kubernetes.agent;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/** Requests over HTTP, one at a time, past every proxy. */
final class Http {
  private static final int CONNECT = 5_000;

  static {
    // A request that may have arrived is not sent anew behind the back of whoever asked.
    System.setProperty("sun.net.http.retryPost", "false");
    patch();
  }

  private final Tls tls;
  private volatile HttpURLConnection current;

  Http(Tls tls) {
    this.tls = tls;
  }

  /** What was answered. */
  static final class Reply {
    /** 0: there was no whole answer. */
    final int status;
    final byte[] body;
    /** Why there was no whole answer. */
    final String silence;
    private Object json;

    Reply(int status, byte[] body, String silence) {
      this.status = status;
      this.body = body;
      this.silence = silence;
    }

    boolean ok() {
      return status >= 200 && status < 300;
    }

    /** Null when it is none. */
    Object json() {
      if (json != null || body.length == 0) return json;
      try {
        json = Json.read(body);
      } catch (IOException noJson) {
        return null;
      }
      return json;
    }
  }

  /** What is sent. */
  interface Body {
    String type();

    long length();

    void write(OutputStream to) throws IOException;
  }

  static Body body(String type, byte[] content) {
    return new Body() {
      @Override
      public String type() {
        return type;
      }

      @Override
      public long length() {
        return content.length;
      }

      @Override
      public void write(OutputStream to) throws IOException {
        to.write(content);
      }
    };
  }

  static Body json(Object content) {
    return body("application/json", Json.write(content));
  }

  /** @param body null: none; @param patience milliseconds without a byte of the answer */
  Reply send(String method, String url, Map<String, String> headers, Body body, long patience) {
    HttpURLConnection connection = null;
    try {
      connection = open(url, tls == null ? null : tls.factory());
      current = connection;
      connection.setRequestMethod(method);
      connection.setReadTimeout((int) Math.min(patience, Integer.MAX_VALUE));
      headers.forEach(connection::setRequestProperty);
      if (body != null) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", body.type());
        connection.setFixedLengthStreamingMode(body.length());
        try (OutputStream out = connection.getOutputStream()) {
          body.write(out);
        }
      }
      int status = connection.getResponseCode();
      if (status <= 0) throw new IOException("the answer is not HTTP");
      return new Reply(status, answer(connection, status), "");
    } catch (IOException | RuntimeException silence) {
      if (connection != null) connection.disconnect();
      return new Reply(0, new byte[0], why(silence));
    } finally {
      current = null;
    }
  }

  /** A connection that is not made yet, to be read from by whoever asks for it. */
  static HttpURLConnection open(String url, SSLSocketFactory factory) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection(Proxy.NO_PROXY);
    if (factory != null && connection instanceof HttpsURLConnection) ((HttpsURLConnection) connection).setSSLSocketFactory(factory);
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setConnectTimeout(CONNECT);
    return connection;
  }

  private static byte[] answer(HttpURLConnection connection, int status) throws IOException {
    byte[] body;
    try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
      // Java keeps to itself what is said with 401 to a request with a body.
      if (in == null) return new byte[0];
      body = in.readAllBytes();
    }
    // Java takes an answer that was cut off for a short one.
    if (body.length < connection.getContentLengthLong()) throw new EOFException("the answer was cut off");
    return body;
  }

  static String why(Exception silence) {
    Throwable cause = silence;
    while (cause.getCause() != null && cause.getCause() != cause) cause = cause.getCause();
    String text = cause.getMessage() == null ? "" : cause.getMessage();
    return cause.getClass().getSimpleName() + (text.isEmpty() ? "" : ": " + text.split("\n")[0]);
  }

  /** Ends the request that is under way: nobody waits for its answer any more. */
  void abort() {
    HttpURLConnection connection = current;
    if (connection != null) connection.disconnect();
  }

  /** Java's own class does not know this method. It sends whatever it has in its list. */
  private static void patch() {
    try {
      Field field = HttpURLConnection.class.getDeclaredField("methods");
      field.setAccessible(true);
      String[] methods = (String[]) field.get(null);
      for (int i = 0; i < methods.length; i++) if (methods[i].equals("TRACE")) methods[i] = "PATCH";
    } catch (ReflectiveOperationException | RuntimeException closed) {
      throw new IllegalStateException("Java was started without --add-opens=java.base/java.net=ALL-UNNAMED, which requests with the method PATCH need.", closed);
    }
  }
}
