package flink.kubernetes.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class AnswerTest {
  @Test
  void onlyARefusalIsARefusal() {
    for (int status : new int[] {0, 401, 408, 425, 429, 500, 502, 503, 504}) assertEquals(Answer.Kind.UNCLEAR, Answer.kind(status), "HTTP " + status);
    for (int status : new int[] {400, 403, 413, 422}) assertEquals(Answer.Kind.REFUSED, Answer.kind(status), "HTTP " + status);
    assertEquals(Answer.Kind.NOT_FOUND, Answer.kind(404));
    assertEquals(Answer.Kind.CONFLICT, Answer.kind(409));
    assertEquals(Answer.Kind.OK, Answer.kind(201));
  }
}
