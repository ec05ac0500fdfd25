package flink.kubernetes.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on the loopback that answers as a test tells it. */
final class Fake implements AutoCloseable {
  interface Answers {
    Answered to(Asked request);
  }

  static final class Asked {
    final String method;
    final String path;
    final String body;
    final String authorization;
    final String type;

    Asked(HttpExchange exchange) throws IOException {
      method = exchange.getRequestMethod();
      path = exchange.getRequestURI().toString();
      body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1);
      authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  static final class Answered {
    final int status;
    final String body;
    /** Only half of it is sent. */
    final boolean cut;

    private Answered(int status, String body, boolean cut) {
      this.status = status;
      this.body = body;
      this.cut = cut;
    }
  }

  final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);

  static Answered answer(int status, String body) {
    return new Answered(status, body, false);
  }

  static Answered cut(String body) {
    return new Answered(200, body, true);
  }

  /** Says nothing as long as the server lives. */
  static Answered silence() {
    return null;
  }

  Fake(Answers answers) {
    this(answers, null);
  }

  /** @param tls null: none */
  Fake(Answers answers, HttpsConfigurator tls) {
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      server = tls == null ? HttpServer.create(address, 0) : HttpsServer.create(address, 0);
    } catch (IOException noPort) {
      throw new UncheckedIOException(noPort);
    }
    if (tls != null) ((HttpsServer) server).setHttpsConfigurator(tls);
    server.setExecutor(threads);
    server.createContext("/", exchange -> {
      Asked request = new Asked(exchange);
      asked.add(request);
      Answered answered = answers.to(request);
      if (answered == null) {
        try {
          closed.await();
        } catch (InterruptedException over) {
          // The server ends.
        }
        exchange.close();
        return;
      }
      byte[] body = answered.body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answered.status, body.length == 0 ? -1 : body.length);
      try (exchange) {
        exchange.getResponseBody().write(body, 0, answered.cut ? body.length / 2 : body.length);
        exchange.getResponseBody().flush();
      }
    });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + port();
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
