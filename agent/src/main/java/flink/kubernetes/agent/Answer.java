package flink.kubernetes.agent;

/** What came of one request. There is one place that says what a status means: here. */
final class Answer<T> {
  enum Kind {
    OK,
    /** There is no such thing, says who must know. */
    NOT_FOUND,
    /** Somebody else wrote in between, or it is there already. */
    CONFLICT,
    /** The request itself is wrong, or may not be made: the same request is refused again. */
    REFUSED,
    /** Silence, or whoever answered cannot tell now. Nothing is known: it may have been done, or be done later. */
    UNCLEAR
  }

  final Kind kind;
  final T value;
  /** What is wrong, for people; never null. */
  final String problem;

  private Answer(Kind kind, T value, String problem) {
    this.kind = kind;
    this.value = value;
    this.problem = problem;
  }

  static <T> Answer<T> ok(T value) {
    return new Answer<>(Kind.OK, value, "");
  }

  static <T> Answer<T> none(Kind kind, String problem) {
    return new Answer<>(kind, null, problem);
  }

  /** By HTTP status; 0 is no whole answer. An account may be unknown for a moment (401), and 408 and 429 ask for patience. */
  static Kind kind(int status) {
    if (status >= 200 && status < 300) return Kind.OK;
    if (status == 404 || status == 410) return Kind.NOT_FOUND;
    if (status == 409 || status == 412) return Kind.CONFLICT;
    if (status == 401 || status == 408 || status == 425 || status == 429) return Kind.UNCLEAR;
    return status >= 400 && status < 500 ? Kind.REFUSED : Kind.UNCLEAR;
  }

  boolean ok() {
    return kind == Kind.OK;
  }

  boolean is(Kind other) {
    return kind == other;
  }

  @Override
  public String toString() {
    return ok() ? "ok " + value : kind + (problem.isEmpty() ? "" : " (" + problem + ")");
  }
}
