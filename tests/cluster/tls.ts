import assert from "node:assert/strict";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import { testImage } from "../support/image";
import { type S3Server, startS3 } from "../support/s3";
import { makeStores, secretData, type Stores } from "../support/stores";
import {
  TestStack,
  component,
  core,
  eventually,
  helloWorld,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  printed,
  smallCluster,
} from "./support";

const GREETING = /^Hello, World! \d+$/;

/** What Flink says of a connection that breaks off in the handshake, or is no TLS. */
const complaint = / (WARN|ERROR) .*(SSL|handshake|Unhandled exception|BLOB connection|consuming partitions)/;

type Identity = Pick<Stores, "tls.crt" | "tls.key">;

/** The same for each version, of the two ways to guard the REST API each has one; a file each, so that they run at the same time. */
export function describeTls(flinkVersion: string, clientAuthentication: boolean): void {
  describe(`TLS on a real Kubernetes, Flink ${flinkVersion}${clientAuthentication ? " with client certificates" : ""}`, function () {
    this.timeout(600_000);
    const namespace = `tls-${flinkVersion.replaceAll(".", "-")}`;
    const stack = new TestStack(namespace);
    const host = `hello-rest.${namespace}.svc`;
    const hosts = [host, `hello-jobmanager.${namespace}.svc`];
    const internal = makeStores("internal", ["flink"], "first password: it's 'quoted'");
    const rest = makeStores("rest", hosts, "rest-password");
    const stranger = makeStores("internal", ["flink"], "stranger");
    let image = "";
    let s3: S3Server;

    const values = (rotation?: string) => ({
      cluster: smallCluster(namespace, {
        namespace: { name: namespace, create: false },
        flinkVersion,
        image,
        storage: {
          directory: `s3://${s3.bucket}/${namespace}`,
          s3: {
            endpoint: s3.endpoint,
            accessKey: { name: "s3", key: "access" },
            secretKey: { name: "s3", key: "secret" },
          },
        },
        checkpointing: { interval: "1 s" },
        highAvailability: {},
        tls: {
          internal: { secret: { name: "internal-stores" } },
          rest: { secret: { name: "rest-stores" }, clientAuthentication },
          ...(rotation ? { rotation } : {}),
        },
      }),
      jobs: [helloWorld({ parallelism: 2 })],
    });

    before(function () {
      needsNode(this);
    });
    before("make the Secrets, and bring it up", async function () {
      this.timeout(900_000);
      image = await testImage(flinkVersion);
      await core.createNamespace({ body: { metadata: { name: namespace } } });
      s3 = await startS3();
      const stringData = { access: s3.accessKey, secret: s3.secretKey };
      await core.createNamespacedSecret({ namespace, body: { metadata: { name: "s3" }, stringData } });
      await putSecret("internal-stores", internal);
      await putSecret("rest-stores", rest);
      await stack.up(values());
    });
    after("take it down", async function () {
      if (kubeconfig === "") return;
      await stack.down();
      await core.deleteNamespace({ name: namespace }).catch(() => undefined);
      await s3?.stop();
    });

    async function putSecret(name: string, stores: Stores): Promise<void> {
      const body = { metadata: { name }, data: secretData(stores) };
      await core.deleteNamespacedSecret({ namespace, name }).catch(() => undefined);
      await core.createNamespacedSecret({ namespace, body });
    }

    const service = async () => {
      const { spec } = await core.readNamespacedService({ namespace, name: "hello-rest" });
      return spec!.clusterIP!;
    };
    const ask = async (route: string, stores: Stores, as?: Identity): Promise<unknown> =>
      get(await service(), host, route, stores["ca.crt"], as);
    /** What the TaskManagers that are there have counted. */
    const greetings = async () => {
      const all = await pods(namespace, component("taskmanager"));
      const live = all.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
      const lines = await Promise.all(live.map((pod) => printed(namespace, pod.metadata!.name!, GREETING)));
      return lines
        .flat()
        .map((line) => Number(/\d+$/.exec(line)))
        .sort((a, b) => a - b);
    };
    const largest = async () => (await greetings()).at(-1) ?? -1;
    const client = clientAuthentication ? rest : undefined;

    it("runs a job that was submitted over https", async () => {
      const { jobs } = (await ask("/jobs/overview", rest, client)) as {
        jobs: { jid: string; state: string }[];
      };
      assert.deepEqual(
        jobs.map(({ state }) => state),
        ["RUNNING"],
      );
      assert.equal((await ledger(namespace)).jobId, jobs[0]!.jid);
      assert.equal((await ledger(namespace)).phase, "running");
    });

    it("is probed without a word in the log", async () => {
      for (const role of ["jobmanager", "taskmanager"]) {
        const name = await eventually(`three rounds of liveness probes of the ${role}`, 90, async () => {
          const [pod] = await pods(namespace, component(role));
          const [status] = pod!.status!.containerStatuses!;
          assert.deepEqual([status!.ready, status!.restartCount], [true, 0]);
          const age = Date.now() - status!.state!.running!.startedAt!.getTime();
          return age > 50_000 ? pod!.metadata!.name! : undefined;
        });
        assert.deepEqual(await printed(namespace, name, complaint), []);
      }
    });

    it("says nothing over plain http", async () => {
      const address = await service();
      await assert.rejects(fetch(`http://${address}:8081/overview`, { signal: AbortSignal.timeout(10_000) }));
    });

    if (clientAuthentication) {
      it("answers no client without a certificate, or with a foreign one", async () => {
        await assert.rejects(ask("/overview", rest), /alert|hang up|ECONNRESET/);
        await assert.rejects(ask("/overview", rest, stranger), /alert|hang up|ECONNRESET/);
      });
    }

    const ports = [
      ["jobmanager", 6123, "RPC"],
      ["jobmanager", 6124, "jars"],
      ["jobmanager", 50100, "metrics"],
      ["taskmanager", 6122, "RPC"],
      ["taskmanager", 6121, "records"],
      ["taskmanager", 50100, "metrics"],
    ] as const;
    for (const [role, port, purpose] of ports) {
      it(`admits nobody to port ${port} of a ${role} (${purpose}) but the cluster's own processes`, async () => {
        const [pod] = await pods(namespace, component(role));
        const address = pod!.status!.podIP!;
        assert.equal(await admitted(address, port), "refused", "without a certificate");
        assert.equal(
          await admitted(address, port, stranger),
          "refused",
          "with a certificate of somebody else",
        );
        assert.equal(await admitted(address, port, internal), "admitted", "with the cluster's own");
        assert.equal(await speaksPlain(address, port), false, "without TLS");
      });
    }

    it("takes new certificates of a new authority with the next rotation", async () => {
      const newInternal = makeStores("internal", ["flink"], "second password");
      const newRest = makeStores("rest", hosts, "second rest password");
      await putSecret("internal-stores", newInternal);
      await putSecret("rest-stores", newRest);
      const before = (await ledger(namespace)).jobId;
      const counted = await largest();
      const began = Date.now();
      await stack.up(values("2"));
      const newClient = clientAuthentication ? newRest : undefined;
      await eventually("the job runs with the new certificates", 240, async () => {
        const { jobs } = (await ask("/jobs/overview", newRest, newClient)) as {
          jobs: { jid: string; state: string }[];
        };
        assert.deepEqual(
          jobs.map(({ jid }) => jid),
          [before],
        );
        return jobs[0]!.state === "RUNNING" ? true : undefined;
      });
      const numbers = await eventually("it counts on", 60, async () => {
        const found = await greetings();
        return found.length > 10 ? found : undefined;
      });
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      console.log(
        `      rotated in ${seconds} s; the job had counted to ${counted}, and goes on from ${numbers[0]}`,
      );
      assert.ok(
        numbers[0]! > 0 && numbers[0]! >= counted - 30,
        "from its last checkpoint, not from the beginning",
      );
      assert.equal((await ledger(namespace)).jobId, before);
      for (const [role, port] of ports) {
        const [pod, ...others] = (await pods(namespace, component(role))).filter(
          ({ metadata }) => metadata?.deletionTimestamp === undefined,
        );
        assert.deepEqual(others, []);
        assert.equal(
          await admitted(pod!.status!.podIP!, port, internal),
          "refused",
          `${role}:${port} and the old one`,
        );
        assert.equal(await admitted(pod!.status!.podIP!, port, newInternal), "admitted", `${role}:${port}`);
      }
    });
  });
}

function get(address: string, host: string, route: string, ca: string, as?: Identity): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = https.get(
      {
        ...{ host: address, port: 8081, path: route, servername: host, headers: { host }, ca, agent: false },
        ...(as ? { cert: as["tls.crt"], key: as["tls.key"] } : {}),
        checkServerIdentity: (_name: string, certificate: tls.PeerCertificate) =>
          tls.checkServerIdentity(host, certificate),
        timeout: 10_000,
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () =>
          response.statusCode === 200
            ? resolve(JSON.parse(text))
            : reject(new Error(`${route}: HTTP ${response.statusCode} ${text}`)),
        );
      },
    );
    request.on("timeout", () => request.destroy(new Error(`${route}: no answer`)));
    request.on("error", reject);
  });
}

/** Whether a server ends a connection for the certificate that it is shown. */
function admitted(address: string, port: number, as?: Identity): Promise<"admitted" | "refused"> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      ...{ host: address, port, rejectUnauthorized: false, maxVersion: "TLSv1.2" },
      ...(as ? { cert: as["tls.crt"], key: as["tls.key"] } : {}),
    });
    const finish = (verdict: "admitted" | "refused") => {
      socket.destroy();
      resolve(verdict);
    };
    // In TLS 1.2 the server has looked at the certificate before the handshake is over.
    socket.once("secureConnect", () => finish("admitted"));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNREFUSED" || error.code === "ETIMEDOUT" ? reject(error) : finish("refused"),
    );
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer")));
  });
}

/** Whether a server says anything to one who does not speak TLS. */
function speaksPlain(address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: address, port }, () => socket.write("GET / HTTP/1.0\r\n\r\n"));
    let said = "";
    socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    // An alert of TLS (type 21) is the only answer there is.
    socket.on("close", () => resolve(said !== "" && said.charCodeAt(0) !== 21));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve(false) : reject(error),
    );
    socket.setTimeout(15_000, () => socket.destroy());
  });
}
