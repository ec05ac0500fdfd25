package flink.kubernetes.agent;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What stands in a job's ledger ConfigMap, as it was read once. Entries and their meaning are those of components/submitter/ledger.sh, whose programs read what is
 * written here; they pass over the entries that are new:
 *
 * <ul>
 *   <li>self: UID of the ConfigMap that this was written to. Another one is a copy, or was put back from a backup.
 *   <li>until: when whoever stopped the job, or is stopping it, will have gone on (epoch seconds). After that its guard may.
 *   <li>pausing: "true" while a person's pause stops the job; `paused` is written with `stopped` and never before.
 *   <li>checkpointed: when `checkpoint` was noted (epoch seconds), and the milliseconds between checkpoints.
 *   <li>nonce: the restoreNonce of the revision that was claimed; it is `restoreNonce` from when its job runs, or has made a state.
 *   <li>launch: when an application's launcher last started the job; idle: a job, and the pods whose launchers have said that they start nothing of it.
 *   <li>tries: an x for each time that a guard started in vain what may be at fault itself.
 *   <li>retry: "true" when what failed was the infrastructure: it is tried again.
 *   <li>finishedAt, asleep: as in components/submitter/ttl.sh. The id of the finished job, and when that was seen first; how many JobManagers and TaskManagers there
 *       were. The last stays for a minute after they are back.
 * </ul>
 */
final class Ledger {
  final String uid;
  final String version;
  /** The revision that the program asks for: an annotation, which Pulumi owns. Empty: it does not say. */
  final String wanted;
  /** cluster/job, by the labels. */
  final String owner;
  private final Map<String, String> data;

  Ledger(String uid, String version, String wanted, String owner, Map<String, String> data) {
    this.uid = uid;
    this.version = version;
    this.wanted = wanted;
    this.owner = owner;
    this.data = data;
  }

  String get(String key) {
    return data.getOrDefault(key, "");
  }

  boolean has(String key) {
    return !get(key).isEmpty();
  }

  boolean is(String key, String value) {
    return get(key).equals(value);
  }

  Phase phase() {
    return Phase.of(get("phase"));
  }

  String jobId() {
    return get("jobId");
  }

  /** A number of seconds as milliseconds; 0 when there is none. Nothing that somebody wrote there is trusted to be one. */
  long time(String key) {
    return Math.max(0, number(get(key))) * 1000;
  }

  /** Decimal digits, at most 15, as a number; -1 for any other text. */
  static long number(String text) {
    if (text.isEmpty() || text.length() > 15) return -1;
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9') return -1;
      number = 10 * number + digit - '0';
    }
    return number;
  }

  Map<String, String> data() {
    return Collections.unmodifiableMap(data);
  }

  @Override
  public String toString() {
    return data.toString();
  }

  /** The entries after these were written. */
  static Map<String, String> merge(Map<String, String> data, Map<String, String> entries) {
    Map<String, String> merged = new LinkedHashMap<>(data);
    entries.forEach((key, value) -> {
      if (value.isEmpty()) merged.remove(key);
      else merged.put(key, value);
    });
    return merged;
  }

  /** The entry `states` with one more state that was made for this job. */
  String made(String kind, String path, long now) {
    String states = get("states");
    if (("\n" + states + "\n").contains(" " + path + "\n")) return states;
    return (states.isEmpty() ? "" : states + "\n") + kind + " " + now / 1000 + " " + path;
  }

  String unmade(String path) {
    StringBuilder left = new StringBuilder();
    for (String line : get("states").split("\n")) {
      if (line.isEmpty() || line.endsWith(" " + path)) continue;
      left.append(left.length() == 0 ? "" : "\n").append(line);
    }
    return left.toString();
  }

  /** Whether a start, a rollback or the running job needs a state, or may try it. */
  boolean needs(String path) {
    for (String key : new String[] {"savepoint", "checkpoint", "restoredFrom", "previousSavepoint"}) if (is(key, path)) return true;
    return has("target") && path.startsWith(get("target")) || ("\n" + get("atLeast") + "\n").contains("\n" + path + "\n");
  }
}
