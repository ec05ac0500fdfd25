import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { FlinkCluster } from "../../components/index";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { normaliseCluster } from "../../components/args/normalise";
import { describeWarning } from "../../components/problems";
import { productionArgs } from "../support/production";
import { record, type Recorded, secretMark, unknownMark, valueOf } from "./kubernetes/recorder";

type Path = (string | number)[];

/** Every place in the arguments where a text or a number stands. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => leaves(inner, [...path, index]));
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** Another cluster: what the first has in one way, this has in the other, and Kubernetes' own forms go deeper. */
function otherArgs(): FlinkClusterArgs {
  const secretKeyRef = { name: "proxy", key: "token" };
  return {
    flinkVersion: "1.20.4",
    namespace: { name: "shared", create: false },
    javaVersion: 17,
    jobManager: {
      serviceAccount: { name: "flink" },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] }],
          },
        },
      },
      podAnnotations: { "example.com/team": "orders" },
      envFrom: [{ secretRef: { name: "settings" } }],
    },
    taskManager: {
      memory: "4g",
      slots: 2,
      localRecovery: { size: "10Gi", storageClass: "fast" },
      initContainers: [
        { name: "fetch", image: "fetch:1", args: ["all"], env: [{ name: "FROM", value: "https://a" }] },
      ],
      sidecars: [
        {
          name: "proxy",
          image: "proxy:1",
          env: [
            { name: "TARGET", value: "https://b" },
            { name: "TOKEN", valueFrom: { secretKeyRef } },
          ],
          ports: [{ name: "proxy", containerPort: 9000 }],
          resources: { limits: { memory: "64Mi", cpu: "100m" } },
          volumeMounts: [{ name: "settings", mountPath: "/settings" }],
        },
      ],
      volumes: [
        {
          name: "settings",
          projected: { sources: [{ configMap: { name: "a" } }, { secret: { name: "b" } }] },
        },
      ],
      scaleDownCheckpointSeconds: 10,
    },
    autoscaling: {
      maxReplicas: 4,
      keda: {
        triggers: [
          {
            type: "kafka",
            metadata: {
              bootstrapServers: "kafka:9092",
              consumerGroup: "orders",
              topic: "orders",
              lagThreshold: "100",
            },
          },
        ],
      },
    },
    storage: { directory: "file:///state", volume: { claimName: "state" } },
    checkpointing: { interval: "1 min" },
    highAvailability: { generation: 2 },
    tls: {
      internal: { secret: { name: "internal" } },
      rest: { secret: { name: "rest" }, clientAuthentication: true },
      rotation: "1",
    },
    historyServer: { env: [{ name: "REGION", value: "eu" }] },
    sqlGateway: { memory: "1g" },
    monitoring: { prometheus: {}, logLevels: { "org.example": "DEBUG" } },
    network: {
      prometheus: { podLabels: { app: "prometheus" } },
      sqlGateway: [{ podLabels: { app: "notebook" } }],
      egress: [{ roles: ["taskManager"], podLabels: { app: "kafka" }, ports: [9092] }],
    },
    config: { "parallelism.default": "4" },
  };
}

/** Arguments with one value replaced. */
function replaced(args: FlinkClusterArgs, path: Path, value: unknown): FlinkClusterArgs {
  let at = args as unknown as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path.at(-1)!] = value;
  return args;
}

const show = (path: Path) => path.join(".");

/** What is left of registrations when everything that is marked as secret is taken out. */
function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value) return "(secret)";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inClear(inner)]));
}

const isObject = ({ type }: Recorded) => type.startsWith("kubernetes:");

for (const [which, argsOf] of [
  ["a production cluster", productionArgs],
  ["another cluster", otherArgs],
] as const)
  describe(`a value that is secret or known only later, in every place of ${which}`, function () {
    this.timeout(180_000);
    const all = leaves(argsOf());
    const withValue = (path: Path, value: unknown) => replaced(argsOf(), path, value);
    const make = (args: FlinkClusterArgs) => () => new FlinkCluster("orders", args);
    let refused = 0;
    let taken: Path[];

    before(() => {
      taken = all.filter(
        (path) => normaliseCluster("orders", withValue(path, pulumi.secret("x1y2z3"))).problems.length === 0,
      );
      refused = all.length - taken.length;
    });

    it("is right when every value is plain", () => {
      assert.deepEqual(normaliseCluster("orders", argsOf()).problems, []);
      console.log(
        `      ${all.length} places; ${taken.length} take a value that comes later: ${taken.map(show).join(", ")}`,
      );
    });

    it("is refused where the structure depends on it, by the place's name and without showing it", () => {
      assert.ok(refused > 0);
      for (const path of all.filter((one) => !taken.includes(one))) {
        const { problems } = normaliseCluster("orders", withValue(path, pulumi.secret("x1y2z3")));
        const text = problems.map(describeWarning).join("\n");
        assert.ok(!text.includes("x1y2z3"), show(path));
        const [root] = path;
        assert.ok(
          problems.some((problem) => problem.path.startsWith(String(root))),
          `${show(path)}: ${text}`,
        );
      }
    });

    it("is taken in options and in the pods, never shows in clear, and leaves the names of objects plain", async () => {
      assert.ok(taken.length > 5);
      const plain = (await record(make(argsOf()))).recorded.filter(isObject).map(nameOf);
      for (const path of taken) {
        const secret = await record(make(withValue(path, pulumi.secret("x1y2z3"))));
        const others = secret.recorded.filter(isObject);
        assert.ok(!JSON.stringify(secret.recorded.map(inClear)).includes("x1y2z3"), show(path));
        const maps = others.filter(({ type }) => type.endsWith(":ConfigMap"));
        assert.ok(!JSON.stringify(maps).includes("x1y2z3"), `${show(path)} is in no ConfigMap`);
        for (const name of plain.filter((one) => !/-conf-[0-9a-f]{8}$/.test(one))) {
          assert.ok(others.map(nameOf).includes(name), `${show(path)}: ${name}`);
        }
        const connection = await valueOf(secret.result.connection);
        assert.match(connection?.restartHash ?? "", /^[0-9a-f]{8}$/, show(path));
      }
    });

    it("not known yet in a preview, makes only itself unknown", async () => {
      for (const path of taken) {
        const { recorded, result } = await record(
          () => {
            const unknown = new random.RandomId("later", { byteLength: 2 }).hex;
            return new FlinkCluster("orders", withValue(path, unknown));
          },
          {
            preview: true,
            unknown: ["random:index/randomId:RandomId", "random:index/randomPassword:RandomPassword"],
          },
        );
        for (const one of recorded.filter(isObject)) {
          assert.ok(!JSON.stringify(one.inputs.metadata).includes(unknownMark), `${show(path)}: ${one.name}`);
          assert.notEqual(one.inputs.spec, unknownMark, `${show(path)}: ${one.name}`);
        }
        const connection = await valueOf(result.connection);
        assert.match(connection?.restartHash ?? "", /^[0-9a-f]{8}$/, show(path));
      }
    });
  });

function nameOf({ inputs }: Recorded): string {
  return String((inputs.metadata as { name: unknown }).name);
}

describe("five mistakes at once", () => {
  it("are five problems of one error, each with its place, its value, why, and what to write", () => {
    const { problems } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      jobManager: { memory: "300m" },
      taskManager: { slots: 0, volumes: [{ name: "a", emtyDir: {} } as never] },
      storage: { directory: "s4://state" },
      config: { "heartbeat.timeout": "50 secnds" },
    });
    assert.deepEqual(problems.map(({ path }) => path).sort(), [
      'config["heartbeat.timeout"]',
      "jobManager.memory",
      "storage.directory",
      "taskManager.slots",
      "taskManager.volumes[0].emtyDir",
    ]);
    for (const { path, reason, fix } of problems) assert.ok(reason !== "" && fix !== "", path);
  });
});
