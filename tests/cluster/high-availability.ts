import assert from "node:assert/strict";
import { hasEnded } from "../../operations/flink";
import * as fs from "node:fs";
import * as path from "node:path";
import type { V1ConfigMap } from "@kubernetes/client-node";
import { testImage } from "../support/image";
import { type S3Server, startS3 } from "../support/s3";
import {
  batch,
  component,
  core,
  eventually,
  flink,
  jobs,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  smallCluster,
  TestStack,
} from "./support";

/** Timings of the adaptive scheduler, short enough for a test; each version has names of its own. */
const quick: Record<string, Record<string, string>> = {
  "1.20.4": {
    "jobmanager.adaptive-scheduler.resource-stabilization-timeout": "1 s",
    "jobmanager.adaptive-scheduler.scaling-interval.min": "5 s",
  },
  "2.2.1": {
    "jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout": "1 s",
    "jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling": "5 s",
    "jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout": "2 s",
  },
};

/** The same for each version; a file each, so that they run at the same time. `atOnce`: how many jobs are submitted at once, and then replaced. */
export function describeHighAvailability(version: string, atOnce: number): void {
  describe(`high availability of Flink ${version}, with checkpoints on S3`, function () {
    this.timeout(900_000);
    const stack = new TestStack(`high-availability-${version.replaceAll(".", "-")}`);
    const { namespace } = stack;
    let s3: S3Server;
    let cluster: (more?: Record<string, unknown>) => Record<string, unknown>;
    let jobId = "";

    const counting = (more: Record<string, unknown> = {}) => ({
      name: "counting",
      jar: "/opt/flink/usrlib/counting.jar",
      entryClass: "flink.kubernetes.tests.Counting",
      // What is looked at here is what Flink itself brings back; a guard would stop the job before its cluster goes.
      guard: false,
      arguments: ["--rate", "20", "--output", `s3://${s3.bucket}/numbers`],
      // More than one TaskManager has slots.
      parallelism: 7,
      ...more,
    });

    before(function () {
      needsNode(this);
    });
    before("bring up two JobManagers, two TaskManagers and a job that counts", async () => {
      const image = await testImage(version);
      s3 = await startS3();
      await core.createNamespace({ body: { metadata: { name: namespace } } });
      await core.createNamespacedSecret({
        namespace,
        body: { metadata: { name: "s3" }, stringData: { access: s3.accessKey, secret: s3.secretKey } },
      });
      const small = smallCluster(namespace);
      cluster = (more = {}) => ({
        ...small,
        namespace: { name: namespace, create: false },
        flinkVersion: version,
        image,
        jobManager: { ...(small.jobManager as object), memory: "1g", replicas: 2 },
        taskManager: { ...(small.taskManager as object), memory: "1200m", replicas: 2, slots: 6 },
        storage: {
          directory: `s3://${s3.bucket}/state`,
          s3: {
            endpoint: s3.endpoint,
            accessKey: { name: "s3", key: "access" },
            secretKey: { name: "s3", key: "secret" },
          },
        },
        checkpointing: { interval: "2 s" },
        highAvailability: {},
        config: quick[version],
        ...more,
      });
      await stack.up({ cluster: cluster(), jobs: [counting()] });
      jobId = (await ledger(namespace, "hello--counting-ledger")).jobId!;
    });
    after("take it down", async function () {
      if (kubeconfig === "") return;
      await stack.down();
      await core.deleteNamespace({ name: namespace });
      await s3?.stop();
    });
    afterEach("say what the processes said", async function () {
      if (this.currentTest?.state !== "failed") return;
      for (const pod of await pods(namespace, { "app.kubernetes.io/instance": "hello" })) {
        const { name } = pod.metadata!;
        const log = await core.readNamespacedPodLog({ namespace, name: name!, tailLines: 40 }).catch(String);
        console.log(`--- ${name} ${pod.status?.podIP}\n${log}`);
      }
    });

    it("keeps checkpoints and the data of the jobs on S3, and who leads in ConfigMaps", async () => {
      await eventually("a checkpoint", 60, async () => ((await completed()) > 0 ? true : undefined));
      const kept = fs.readdirSync(path.join(s3.directory, "state")).sort();
      assert.deepEqual(kept, ["checkpoints", "ha"]);
      const maps = (await core.listNamespacedConfigMap({ namespace })).items.map(
        (map) => map.metadata!.name!,
      );
      assert.ok(
        maps.some((name) => /^hello-[0-9a-f]{8}-cluster-config-map$/.test(name)),
        maps.join(),
      );
      assert.ok(
        maps.some((name) => name.includes(jobId)),
        maps.join(),
      );
    });

    it("goes on with the same job when the leader is killed hard", async () => {
      const led = await leader();
      await goesOn("leader killed hard", async () => kill(led), true);
    });

    it("goes on with the same job when the leader's pod is deleted", async () => {
      const name = await leader();
      const remove = async () => void (await core.deleteNamespacedPod({ namespace, name }));
      await goesOn("leader's pod deleted", remove, true);
    });

    it("goes on with the same job when a TaskManager is killed hard", async () => {
      await goesOn("TaskManager killed hard", async () => {
        const [taskManager] = await pods(namespace, component("taskmanager"));
        kill(taskManager!.metadata!.name!);
      });
    });

    it("goes on with the same job when a change of the configuration rolls JobManagers and TaskManagers", async () => {
      const before = new Set(await names());
      await goesOn("configuration change rolled", async () => {
        const config = { ...quick[version], "metrics.fetcher.update-interval": "5 s" };
        await stack.up({ cluster: cluster({ config }), jobs: [counting()] });
        // The old pods are on their way out when the update ends.
        await eventually("only new pods", 90, async () =>
          (await names()).some((name) => before.has(name)) ? undefined : true,
        );
      });
      assert.ok(
        (await names()).every((name) => !before.has(name)),
        "every pod is new",
      );
    });

    it(`takes all ${2 * atOnce} submissions with three JobManagers, also while the leader is killed`, async () => {
      const config = { ...quick[version], "metrics.fetcher.update-interval": "5 s" };
      const { jobManager } = cluster() as { jobManager: object };
      const three = cluster({ config, jobManager: { ...jobManager, replicas: 3 } });
      const before = await names();
      const numbered = Array.from({ length: atOnce }, (_, index) => `other-${index + 1}`);
      const others = (rate: number) =>
        numbered.map((name) => counting({ name, parallelism: 1, arguments: ["--rate", String(rate)] }));
      await stack.up({ cluster: three, jobs: [counting(), ...others(1)] });
      const after = await names();
      assert.ok(
        before.every((name) => after.includes(name)),
        "a standby JobManager more restarts nothing",
      );
      assert.equal((await pods(namespace, component("jobmanager"))).length, 3);
      const first = await running();
      say(`${atOnce} at once: started after ${(await submissionSeconds()).join(", ")} s`);

      const done = stack.up({ cluster: three, jobs: [counting(), ...others(2)] });
      const killed = eventually("a submission", 300, async () => {
        const { phase } = await ledger(namespace, "hello--other-1-ledger");
        if (phase === "running") return undefined;
        kill(await leader());
        return true;
      });
      await Promise.all([done, killed]);
      const second = await running();
      assert.ok(
        first.every((id) => !second.includes(id)),
        "each was replaced",
      );
      say(
        `${atOnce} at once while the leader is killed: started after ${(await submissionSeconds()).join(", ")} s`,
      );
      await intact();

      /** Ids of the jobs that the ledgers name; nothing else runs. */
      async function running(): Promise<string[]> {
        const ledgers = await Promise.all(numbered.map((name) => ledger(namespace, `hello--${name}-ledger`)));
        assert.deepEqual([...new Set(ledgers.map(({ phase }) => phase))], ["running"]);
        const ids = ledgers.map((one) => one.jobId!);
        const active = (await jobs(namespace)).filter(({ state }) => !hasEnded(state));
        assert.deepEqual(active.map(({ jid }) => jid).sort(), [jobId, ...ids].sort());
        return ids;
      }

      /** How long each submission of these jobs took, from its Job to its end. */
      async function submissionSeconds(): Promise<number[]> {
        const { items } = await batch.listNamespacedJob({ namespace });
        return items
          .filter(({ metadata }) => numbered.includes(metadata?.labels?.["flink-kubernetes/job"] ?? ""))
          .map(({ status }) => (+status!.completionTime! - +status!.startTime!) / 1000);
      }
    });

    it("takes up the job again when the cluster is deleted and made again in the same namespace", async () => {
      const before = await electionMap();
      await stack.down();
      const labelSelector = `app=${before!.metadata!.name!.replace("-cluster-config-map", "")}`;
      const kept = (await core.listNamespacedConfigMap({ namespace, labelSelector })).items;
      const left = kept.map(({ metadata }) => metadata!.name!);
      assert.ok(left.includes(before!.metadata!.name!), left.join());
      assert.ok(
        left.some((name) => name.includes(jobId)),
        left.join(),
      );
      const written = numbers().length;
      const start = Date.now();
      await stack.up({ cluster: cluster(), jobs: [counting()] });
      say(`made again: ${((Date.now() - start) / 1000).toFixed(1)} s`);
      await eventually("further numbers", 120, async () => (numbers().length > written ? true : undefined));
      await intact();
    });

    /** Does something to the cluster, and sees that the job goes on from a checkpoint, with every number once. */
    async function goesOn(what: string, disturb: () => Promise<void>, elected = false): Promise<void> {
      const [before, led] = [await restored(), await holder()];
      const start = Date.now();
      const since = () => ((Date.now() - start) / 1000).toFixed(1);
      await disturb();
      const disturbed = since();
      if (elected) {
        await eventually("another leader", 90, async () => ((await holder()) === led ? undefined : true));
      }
      const changed = since();
      await eventually("the job restored from a checkpoint", 180, async () =>
        (await restored()) > before ? true : undefined,
      );
      await eventually("every task running", 180, async () => ((await everyTaskRuns()) ? true : undefined));
      const running = since();
      const seen = numbers().length;
      await eventually("further numbers", 120, async () => (numbers().length > seen ? true : undefined));
      say(
        `${what}: ${Number(disturbed) > 3 ? `done after ${disturbed} s, ` : ""}${elected ? `another leader after ${changed} s, ` : ""}` +
          `every task running after ${running} s, further output after ${since()} s`,
      );
      await eventually("the job running", 60, async () => {
        const all = await jobs(namespace);
        assert.deepEqual(
          all.map(({ jid }) => jid),
          [jobId],
        );
        // It restarts once more on purpose when the TaskManager that was lost is back.
        return all[0]!.state === "RUNNING" ? true : undefined;
      });
      await intact();
    }

    /** Every number up to the greatest is there once; and the job itself noticed nothing. */
    async function intact(): Promise<void> {
      const greatest = numbers().at(-1);
      assert.ok(greatest !== undefined);
      const wanted = Array.from({ length: greatest + 1 }, (_, index) => index);
      // Each of the writing tasks shows its numbers when it hears of the checkpoint, one a little before the other.
      const all = await eventually("every number once", 60, async () => {
        const found = numbers().filter((number) => number <= greatest);
        return found.length >= wanted.length ? found : undefined;
      });
      assert.deepEqual(all, wanted, "every number once");
      for (const pod of await pods(namespace, component("taskmanager"))) {
        const log = await core.readNamespacedPodLog({ namespace, name: pod.metadata!.name! });
        assert.deepEqual(
          log.split("\n").filter((line) => line.startsWith("WRONG")),
          [],
        );
      }
    }

    /** What the job has written so far, in order. */
    function numbers(): number[] {
      const folder = path.join(s3.directory, "numbers");
      if (!fs.existsSync(folder)) return [];
      const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
      return files
        .filter((file) => /(^|\/)part-[^/]*$/.test(file))
        .flatMap((file) => fs.readFileSync(path.join(folder, file), "utf8").split("\n"))
        .filter((line) => line !== "")
        .map(Number)
        .sort((a, b) => a - b);
    }

    interface Checkpoints {
      counts: { completed: number };
      latest: { restored?: { restore_timestamp: number } };
    }

    async function completed(): Promise<number> {
      return (await flink<Checkpoints>(namespace, `/jobs/${jobId}/checkpoints`)).counts.completed;
    }

    /** When the job was last restored, 0 for never. */
    async function restored(): Promise<number> {
      const { latest } = await flink<Checkpoints>(namespace, `/jobs/${jobId}/checkpoints`);
      return latest.restored?.restore_timestamp ?? 0;
    }

    async function everyTaskRuns(): Promise<boolean> {
      const job = await flink<{
        state: string;
        vertices: { parallelism: number; tasks: { RUNNING: number } }[];
      }>(namespace, `/jobs/${jobId}`);
      const all = job.vertices.every(({ parallelism, tasks }) => tasks.RUNNING === parallelism);
      return job.state === "RUNNING" && all;
    }

    async function names(): Promise<string[]> {
      const all = await pods(namespace, { "app.kubernetes.io/instance": "hello" });
      const found = all.map(({ metadata }) => metadata!.name!);
      return found.filter((name) => /^hello-(job|task)manager-/.test(name));
    }

    async function electionMap(): Promise<V1ConfigMap | undefined> {
      const maps = (await core.listNamespacedConfigMap({ namespace })).items;
      return maps.find(({ metadata }) => metadata!.name!.endsWith("-cluster-config-map"));
    }

    /** Who leads, as a word that is new for every process. */
    async function holder(): Promise<string> {
      const lock = (await electionMap())?.metadata?.annotations?.["control-plane.alpha.kubernetes.io/leader"];
      return (JSON.parse(lock ?? "{}") as { holderIdentity?: string }).holderIdentity ?? "";
    }

    /** Name of the pod that leads: the one whose address stands in the ConfigMap. */
    async function leader(): Promise<string> {
      return eventually("a leader", 60, async () => {
        const map = await electionMap();
        const address = /\/\/([0-9.]+):8081/.exec(JSON.stringify(map?.data ?? {}))?.[1];
        const all = await pods(namespace, component("jobmanager"));
        return all.find(({ status }) => status?.podIP === address)?.metadata!.name;
      });
    }

    function say(text: string): void {
      console.log(`      Flink ${version}: ${text}`);
    }
  });
}

/** Ends the JVM of a pod as a crash of the machine would: it gets no chance to say good-bye. */
function kill(pod: string): void {
  const processes = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const ours = processes.filter((id) => {
    try {
      const environment = fs.readFileSync(`/proc/${id}/environ`, "utf8").split("\0");
      const [command] = fs.readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
      return environment.includes(`POD_NAME=${pod}`) && command!.endsWith("java");
    } catch {
      return false; // it has just ended
    }
  });
  assert.equal(ours.length, 1, `one JVM in ${pod}`);
  process.kill(Number(ours[0]), "SIGKILL");
}
