package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTest {
  private static Http.Reply send(Fake server, String method, String body, long patience) {
    return new Http(null).send(method, server.url() + "/x", Collections.emptyMap(), body == null ? null : Http.body("text/plain", body.getBytes(StandardCharsets.UTF_8)), patience);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 202, 400, 401, 403, 404, 408, 409, 410, 412, 413, 429, 500, 503})
  void everyStatusIsToldAsItIs(int status) {
    for (String body : new String[] {null, "body"}) {
      try (Fake server = new Fake(request -> Fake.answer(status, "{\"a\":1}"))) {
        assertEquals(status, send(server, body == null ? "GET" : "PATCH", body, 5000).status);
        assertEquals(1, server.asked.size());
      }
    }
  }

  @Test
  void whatJavaDoesNotKnowIsSentAsItIs() {
    try (Fake server = new Fake(request -> Fake.answer(200, "{}"))) {
      assertEquals(200, send(server, "PATCH", "what to change", 5000).status);
      assertEquals("PATCH /x", server.asked.get(0).toString());
      assertEquals("what to change", server.asked.get(0).body);
    }
  }

  @Test
  void silenceIsNoAnswerAndSaysWhy() {
    try (Fake server = new Fake(request -> Fake.silence())) {
      Http.Reply reply = send(server, "GET", null, 200);
      assertEquals(0, reply.status);
      assertTrue(reply.silence.contains("timed out"), reply.silence);
    }
  }

  @Test
  void halfAnAnswerIsNone() {
    try (Fake server = new Fake(request -> Fake.cut("{\"jobs\":[]}"))) {
      assertEquals(0, send(server, "GET", null, 5000).status);
    }
  }

  @Test
  void nobodyThereIsNoAnswer() {
    Fake server = new Fake(request -> Fake.answer(200, ""));
    server.close();
    Http.Reply reply = send(server, "GET", null, 5000);
    assertEquals(0, reply.status);
    assertTrue(reply.silence.startsWith("ConnectException"), reply.silence);
  }

  @Test
  void whoeverIsToldToStopWaitsForNoAnswer() throws Exception {
    try (Fake server = new Fake(request -> Fake.silence())) {
      Http http = new Http(null);
      CompletableFuture<Http.Reply> reply = CompletableFuture.supplyAsync(() -> http.send("GET", server.url(), Collections.emptyMap(), null, 60_000));
      while (server.asked.isEmpty()) Thread.onSpinWait();
      http.abort();
      assertEquals(0, reply.get(30, TimeUnit.SECONDS).status);
    }
  }
}
