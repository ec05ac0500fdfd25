package flink.kubernetes.agent;

/** What the ledger says of its job. */
enum Phase {
  /** No job was ever started. */
  NONE(""),
  /** The job is to be started, or was, and nobody has seen it run yet. */
  SUBMITTING("submitting"),
  RUNNING("running"),
  /** The job is being stopped. */
  UPGRADING("upgrading"),
  /** The job has ended on purpose, or before somebody came to start another; what the next one starts from is known. */
  STOPPED("stopped"),
  /** The job came to its end by itself: it left nothing to go on from. */
  FINISHED("finished"),
  /** Why it does not run is for a person, who finds it in the message. */
  FAILED("failed");

  private static final Phase[] ALL = values();

  final String text;

  Phase(String text) {
    this.text = text;
  }

  static Phase of(String text) {
    for (Phase phase : ALL) if (phase.text.equals(text)) return phase;
    throw new IllegalArgumentException("The ledger's phase is \"" + text + "\", which no version of this package writes.");
  }

  /** Nothing of the job runs, and what comes next is known. */
  boolean atRest() {
    return this == NONE || this == STOPPED || this == FINISHED;
  }
}
