package flink.kubernetes.agent;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What a program was made with. Plain data. */
final class Settings implements Cloneable {
  enum Mode { SAVEPOINT, LAST_STATE, STATELESS }

  Program program;
  /** UID of the Job object, or of the pod, that this program runs for. */
  String uid = "";
  String job = "";
  /** cluster/job, and what the ids of its jobs begin with. */
  String owner = "";
  String prefix = "";
  String revision = "";
  /** Of the revision, what is not of the cluster. */
  String definition = "";
  /** Of the JobManager that the revision is for; of a prepare Job the one that is to come. */
  String restartHash = "";
  Mode mode = Mode.SAVEPOINT;
  boolean highAvailability;
  /** The JobManager carries the job: application mode. */
  boolean carried;
  boolean bounded;
  boolean fallback = true;
  boolean rollback = true;
  /** A person asks that a paused, stopped or failed job runs again. */
  boolean resume;
  String restoreNonce = "";
  String initialSavepoint = "";
  /** Start as the program says, although the ledger knows of no job and the store has later states of one of this name. */
  boolean startAnyhow;
  String checkpoints = "";
  String savepoints = "";
  String request = "";
  /** Why the process before in this container ended, by the last error in its log. */
  String lastWords = "";
  /** Milliseconds. */
  long startTimeout = 300_000;
  /** How long after its end the pods of an application that has finished stay, in milliseconds; -1: for ever. */
  long ttl = -1;
  /** Who takes a savepoint: what its folder begins with. Of those by the clock, `periodic`, so many stay. */
  String kind = "periodic";
  int keep = 7;
  /** States that a person wants to be disposed of, a line each. */
  String dispose = "";

  /** The same, for another submission. */
  Settings as(String submission) {
    try {
      Settings other = (Settings) clone();
      other.uid = submission;
      return other;
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  String id(String of) {
    return prefix + hash(of, 16);
  }

  /** No id is used for two states. */
  String next(String id) {
    return id(id + "/again");
  }

  static String hash(String text, int length) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      StringBuilder hex = new StringBuilder();
      for (int i = 0; i < length / 2; i++) hex.append(Character.forDigit(sum[i] >> 4 & 15, 16)).append(Character.forDigit(sum[i] & 15, 16));
      return hex.toString();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
