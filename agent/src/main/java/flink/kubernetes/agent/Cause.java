package flink.kubernetes.agent;

/** What a failure says. */
final class Cause {
  private static final String[] INFRASTRUCTURE = {
    "ConnectException", "UnknownHostException", "SocketTimeoutException", "SocketException", "NoRouteToHostException", "TimeoutException", "Service Unavailable", "SlowDown",
    "NoResourceAvailableException", "SSLException", "Unable to execute HTTP request"
  };

  private static final String[] MISSING = {"Cannot find checkpoint or savepoint", "Cannot find meta data file", "FileNotFoundException", "NoSuchFileException"};

  private Cause() {}

  /** It fails for what is around the program and may be well later: it is tried again for as long as it takes. */
  static boolean infrastructure(String cause) {
    return contains(cause, INFRASTRUCTURE) && !stateMissing(cause);
  }

  static boolean stateMissing(String cause) {
    return contains(cause, MISSING);
  }

  private static boolean contains(String cause, String[] words) {
    for (String word : words) if (cause.contains(word)) return true;
    return false;
  }
}
