package flink.kubernetes.agent;

import flink.kubernetes.agent.Answer.Kind;
import flink.kubernetes.agent.Effects.Job;
import flink.kubernetes.agent.Effects.Jobs;
import flink.kubernetes.agent.Effects.Pod;
import flink.kubernetes.agent.Settings.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Before a change of a cluster that loses its jobs: {@link Programs#prepare} for each of its ledgers, first those whose jobs may not let themselves be stopped, while
 * nothing else is. Where one cannot be, the others go on where they were.
 */
final class Prepare {
  private static final int REFUSALS = 40;

  private final Surroundings around;
  private final Main all;
  private final long end;
  private String live = "";
  private String scheme = "";

  Prepare(Surroundings around) {
    this.around = around;
    this.all = new Main(around, around.settings(Program.PREPARE), "", true);
    this.end = System.currentTimeMillis() + around.seconds("PREPARE_TIMEOUT", 1800);
  }

  /** One ledger, as it was listed. */
  private static final class Listed {
    final Object object;
    final Ledger ledger;
    final String name;
    final String job;

    Listed(Object object) {
      this.object = object;
      this.ledger = Cluster.ledger(object);
      this.name = Json.text(object, "metadata", "name");
      this.job = Json.text(object, "metadata", "labels", "flink-kubernetes/job");
    }

    String asked(String annotation) {
      return Json.text(object, "metadata", "annotations", "flink-kubernetes/" + annotation);
    }

    Mode mode() {
      return Surroundings.mode(asked("upgrade-mode"));
    }
  }

  /** The end of the program, with its message. */
  private static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Failed(String why) {
      super(why, null, false, false);
    }
  }

  int run() {
    try {
      all.log().conclude(prepare());
      return 0;
    } catch (Failed failed) {
      all.log().conclude(failed.getMessage());
      return 1;
    }
  }

  private <T> T ask(String what, Supplier<Answer<T>> how) {
    for (int refused = 0; ; ) {
      Answer<T> answer = how.get();
      if (answer.ok()) return answer.value;
      if (answer.is(Kind.NOT_FOUND)) return null;
      // A Role that was made a moment ago may not be known everywhere yet.
      boolean rights = answer.is(Kind.REFUSED) || answer.problem.startsWith("HTTP 401");
      String why = "The cluster cannot be prepared for the change: the Kubernetes API does not give " + what + ": " + answer.problem + ".";
      if (rights && ++refused > REFUSALS) throw new Failed(why + " Run the update again: it makes the Role and the RoleBinding.");
      if (System.currentTimeMillis() > end) throw new Failed(why);
      Main.sleep(500);
    }
  }

  private List<Listed> ledgers() {
    List<Listed> ledgers = new ArrayList<>();
    List<?> found = ask("the ledgers of this cluster", all.cluster()::ledgers);
    if (found != null) for (Object object : found) ledgers.add(new Listed(object));
    return ledgers;
  }

  private String prepare() {
    Object jobManager = ask("deployments/" + around.get("JOBMANAGER_DEPLOYMENT"), all.cluster()::deployment);
    if (jobManager == null) return "There is no JobManager yet: nothing to prepare.";
    live = Json.text(jobManager, "metadata", "annotations", "flink-kubernetes/restart-hash");
    scheme = Json.text(jobManager, "metadata", "annotations", "flink-kubernetes/rest-scheme");
    List<Listed> concerned = new ArrayList<>();
    for (Listed each : ledgers()) {
      Phase phase = each.ledger.phase();
      // No restart is to come: only what was stopped for one that did not come about is of interest.
      if (!live.equals(around.get("RESTART_HASH")) || each.ledger.has("restart") && (phase == Phase.STOPPED || phase == Phase.UPGRADING)) concerned.add(each);
    }
    if (concerned.isEmpty()) return "No job has to be stopped.";
    if (!around.get("STORAGE_CLAIM").isEmpty() && !hasVolume(jobManager)) keepState(concerned);
    for (Listed each : inOrder(concerned)) {
      all.log().say("Job \"" + each.job + "\" is " + (each.ledger.phase() == Phase.NONE ? "not started" : each.ledger.phase().text) + ".");
      Runner runner = runner(each, around.get("RESTART_HASH"));
      if (Main.toTheEnd(runner) != 0) throw failed("Job \"" + each.job + "\" could not be stopped with its state: " + sentence(runner.end.message).replace(" Nothing of the cluster was changed.", "") + " " + wayOut(each));
    }
    return "Ready for the change: no job runs.";
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }

  private Main main(Listed of) {
    Settings settings = around.settings(Program.PREPARE);
    settings.job = of.job;
    settings.owner = around.get("FLINK_CLUSTER") + "/" + of.job;
    settings.prefix = around.prefix(of.job);
    settings.mode = of.mode();
    settings.fallback = !of.asked("fallback").equals("false");
    String seconds = of.asked("start-timeout");
    settings.startTimeout = Math.min((seconds.matches("[0-9]{1,9}") ? Long.parseLong(seconds) : 300) * 1000, Math.max(1000, end - System.currentTimeMillis()));
    Main main = new Main(around, settings, of.name, false);
    // As the JobManager that is there speaks, not as the changed one will. When TLS is being turned off nobody says any more how to verify it.
    if (!scheme.isEmpty()) main.rest().speak(scheme.equals("https"), true);
    return main;
  }

  private Runner runner(Listed of, String restartHash) {
    Runner runner = main(of).runner();
    runner.settings.restartHash = restartHash;
    return runner;
  }

  /** Those first whose tasks do not all run: they may not let themselves be stopped. */
  private List<Listed> inOrder(List<Listed> concerned) {
    List<Listed> ordered = new ArrayList<>(), well = new ArrayList<>();
    Answer<List<Pod>> pods = all.cluster().pods();
    for (Listed each : concerned) {
      Main main = main(each);
      Job job = null;
      main.cluster().pods();
      for (Pod pod : pods.ok() ? pods.value : new ArrayList<Pod>()) {
        Answer<Jobs> jobs = pod.running && job == null ? main.rest().jobs(pod) : null;
        if (jobs != null && jobs.ok()) job = jobs.value.byId.get(each.ledger.jobId());
      }
      (job == null || job.ended() || job.allRunning ? well : ordered).add(each);
    }
    ordered.addAll(well);
    return ordered;
  }

  /** The change does not come about: what was stopped for it goes on here. */
  private Failed failed(String why) {
    List<String> guarded = new ArrayList<>(), alone = new ArrayList<>();
    for (Listed each : ledgers()) {
      if (each.ledger.phase() != Phase.STOPPED || !each.ledger.has("restart")) continue;
      Main.toTheEnd(runner(each, live));
      (each.asked("guard").equals("false") ? alone : guarded).add(each.job);
    }
    String message = why + " Nothing of the cluster was changed.";
    if (!guarded.isEmpty()) message += " Stopped before it and started again by their guards, each from its state in the ledger: " + String.join(" ", guarded) + ".";
    if (!alone.isEmpty()) message += " Stopped before it, and without a guard to start them again: " + String.join(" ", alone) + ". Start each with: npx flink-kubernetes jobs resume NAME.";
    return new Failed(message);
  }

  /** Whether the JobManager that is there has the volume of the jobs' state at the same path as the changed one. */
  private boolean hasVolume(Object jobManager) {
    for (Object volume : Json.list(jobManager, "spec", "template", "spec", "volumes")) {
      if (!Json.text(volume, "persistentVolumeClaim", "claimName").equals(around.get("STORAGE_CLAIM"))) continue;
      for (Object container : Json.list(jobManager, "spec", "template", "spec", "containers")) {
        for (Object mount : Json.list(container, "volumeMounts")) {
          if (Json.text(mount, "name").equals(Json.text(volume, "name")) && Json.text(mount, "mountPath").equals(around.get("STORAGE_PATH"))) return true;
        }
      }
    }
    return false;
  }

  /** What one of these jobs saves now the changed cluster would not find. What a paused one has left a person can copy. */
  private void keepState(List<Listed> concerned) {
    for (Listed each : concerned) {
      Phase phase = each.ledger.phase();
      if (each.mode() == Mode.STATELESS || phase != Phase.RUNNING && phase != Phase.UPGRADING && phase != Phase.SUBMITTING) continue;
      throw failed("The state of job \"" + each.job + "\" would be lost: the changed cluster looks for it on claim " + around.get("STORAGE_CLAIM") + " at " + around.get("STORAGE_PATH")
          + ", where the JobManager that runs does not have it. Leave storage as it was; or pause the jobs (npx flink-kubernetes jobs pause NAME), copy what is on the volume, run the update again, and resume them; where the path has changed, with initialSavepoint and another restoreNonce. "
          + wayOut(each));
    }
  }

  /** What a person can do. The program's new arguments reach the ledger only after the change. */
  private String wayOut(Listed of) {
    return "To change the cluster without the state of job \"" + of.job + "\": kubectl annotate configmap --namespace " + around.get("NAMESPACE") + " " + of.name
        + " flink-kubernetes/upgrade-mode=stateless --overwrite, and run the update again.";
  }
}
