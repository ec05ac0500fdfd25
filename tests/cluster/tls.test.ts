import assert from "node:assert/strict";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import { testImage } from "../support/image";
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
  smallCluster,
} from "./support";

type Identity = Pick<Stores, "tls.crt" | "tls.key">;

/** Old and new Flink; of the two ways to guard the REST API each has one. */
const variants = [
  { flinkVersion: "2.2.1", clientAuthentication: true },
  { flinkVersion: "1.20.4", clientAuthentication: false },
];

for (const { flinkVersion, clientAuthentication } of variants) {
  describe(`TLS on a real Kubernetes, Flink ${flinkVersion}${clientAuthentication ? " with client certificates" : ""}`, function () {
    this.timeout(420_000);
    const namespace = `tls-${flinkVersion.replaceAll(".", "-")}`;
    const stack = new TestStack(namespace);
    const host = `hello-rest.${namespace}.svc`;
    const hosts = [host, `hello-jobmanager.${namespace}.svc`];
    const internal = makeStores("internal", ["flink"], "first password: it's 'quoted'");
    const rest = makeStores("rest", hosts, "rest-password");
    const stranger = makeStores("internal", ["flink"], "stranger");
    let image = "";

    const values = (rotation?: string) => ({
      cluster: smallCluster(namespace, {
        namespace: { name: namespace, create: false },
        flinkVersion,
        image,
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
      await putSecret("internal-stores", internal);
      await putSecret("rest-stores", rest);
      await stack.up(values());
    });
    after("take it down", async function () {
      if (kubeconfig === "") return;
      await stack.down();
      await core.deleteNamespace({ name: namespace }).catch(() => undefined);
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

    it("is probed without a word in the log, and restarts nothing", async () => {
      for (const role of ["jobmanager", "taskmanager"]) {
        const [pod] = await pods(namespace, component(role));
        const [status] = pod!.status!.containerStatuses!;
        assert.deepEqual([status!.ready, status!.restartCount], [true, 0]);
      }
    });

    it("takes new certificates of a new authority with the next rotation", async () => {
      const newInternal = makeStores("internal", ["flink"], "second password");
      const newRest = makeStores("rest", hosts, "second rest password");
      await putSecret("internal-stores", newInternal);
      await putSecret("rest-stores", newRest);
      const before = (await ledger(namespace)).jobId;
      const began = Date.now();
      await stack.up(values("2"));
      const newClient = clientAuthentication ? newRest : undefined;
      await eventually("the job runs with the new certificates", 60, async () => {
        const { jobs } = (await ask("/jobs/overview", newRest, newClient)) as {
          jobs: { jid: string; state: string }[];
        };
        return jobs.length === 1 && jobs[0]!.state === "RUNNING" ? true : undefined;
      });
      const after = (await ledger(namespace)).jobId;
      console.log(
        `      rotated in ${((Date.now() - began) / 1000).toFixed(1)} s; the job ${before === after ? "went on" : "was submitted again"}`,
      );
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
