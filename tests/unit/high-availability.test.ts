import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import type { FlinkConnection } from "../../components/args/connection";
import { normaliseCluster } from "../../components/args/normalise";
import { FlinkCluster } from "../../components/cluster";
import { highAvailabilityBinding, highAvailabilityRole } from "../../components/kubernetes/high-availability";
import { networkPolicies } from "../../components/kubernetes/network";
import { jobManagerService } from "../../components/kubernetes/services";
import { clusterNames, deploymentsOf, modelOf } from "./kubernetes/arguments";
import { record, valueOf } from "./kubernetes/recorder";

const storage = { directory: "s3://bucket/flink" };
const safe = { storage, highAvailability: {}, checkpointing: { interval: "1 min" } };
const roles = ["jobmanager", "taskmanager"] as const;

describe("high availability", () => {
  const model = modelOf({ ...safe, namespace: { name: "prod" }, jobManager: { replicas: 3 } });

  it("gives both roles all of its options, also those that Flink's documentation leaves out", () => {
    for (const { role } of deploymentsOf(model)) {
      const id = role.options["kubernetes.cluster-id"]!;
      assert.match(id, /^orders-[0-9a-f]{8}$/);
      assert.equal(role.options["high-availability.cluster-id"], id);
      assert.equal(role.options["high-availability.type"], "kubernetes");
      assert.equal(role.options["high-availability.storageDir"], "s3://bucket/flink/ha");
      assert.equal(role.options["kubernetes.namespace"], "prod");
      assert.equal(role.options["rest.address"], undefined, "a standby one would announce it as its own");
    }
  });

  it("lets a leader stop before another may begin", () => {
    const seconds = (name: string) =>
      parseInt(model.jobManager.options[`high-availability.kubernetes.leader-election.${name}`]!);
    assert.ok(seconds("renew-deadline") < seconds("lease-duration"));
    const option = "high-availability.kubernetes.leader-election.lease-duration";
    const slow = modelOf({ ...safe, config: { [option]: "60 s" } });
    assert.equal(slow.jobManager.options[option], "60 s");
  });

  it("gives the JobManager what its client uses, TaskManagers leave to read, nobody anything else", () => {
    const rules = roles.map((role) => highAvailabilityRole(model, role).rules);
    assert.deepEqual(rules, [
      [
        {
          apiGroups: [""],
          resources: ["configmaps"],
          verbs: ["get", "list", "watch", "create", "update", "patch", "delete"],
        },
      ],
      [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] }],
    ]);
  });

  it("binds the rights to the accounts that the pods have, also to one that exists", () => {
    const jobManager = { serviceAccount: { name: "cloud" } };
    for (const made of [model, modelOf({ ...safe, jobManager })]) {
      deploymentsOf(made).forEach(({ deployment }, index) => {
        const { roleRef, subjects } = highAvailabilityBinding(made, roles[index]!);
        assert.equal(roleRef.name, highAvailabilityRole(made, roles[index]!).metadata.name);
        const account = deployment.spec.template.spec.serviceAccountName;
        assert.deepEqual(subjects, [
          { kind: "ServiceAccount", name: account, namespace: made.namespace.name },
        ]);
      });
    }
  });

  it("makes roles and tokens only when it is on", async () => {
    const kindsOf = async (args: Partial<FlinkClusterArgs>) => {
      const { recorded } = await record(() => new FlinkCluster("orders", { flinkVersion: "2.2.1", ...args }));
      const flinks = recorded.filter(({ name }) => !name.endsWith("-prepare"));
      return flinks.map(({ type }) => type.split(":").at(-1)!).filter((kind) => kind.startsWith("Role"));
    };
    assert.deepEqual((await kindsOf(safe)).sort(), ["Role", "Role", "RoleBinding", "RoleBinding"]);
    assert.deepEqual(await kindsOf({ storage }), []);
    for (const [args, token] of [
      [safe, true],
      [{ storage }, false],
    ] as const) {
      for (const { deployment } of deploymentsOf(modelOf(args)))
        assert.equal(deployment.spec.template.spec.automountServiceAccountToken, token);
    }
  });

  it("opens the way to the API server for both roles when egress is closed", () => {
    const opens = (args: Partial<FlinkClusterArgs>) => {
      const policies = networkPolicies(modelOf({ ...args, network: { egress: [] } }));
      return roles.map((role) => JSON.stringify(policies[role].spec.egress).includes("6443"));
    };
    assert.deepEqual(opens(safe), [true, true]);
    assert.deepEqual(opens({ storage }), [false, false]);
  });

  it("has standby JobManagers, on other nodes where there are any, and the next before the last goes", () => {
    const [{ deployment }] = deploymentsOf(model);
    assert.equal(deployment.spec.replicas, 3);
    assert.deepEqual(deployment.spec.strategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
    const { topologySpreadConstraints: spread } = deployment.spec.template.spec as {
      topologySpreadConstraints: { whenUnsatisfiable: string; labelSelector: object }[];
    };
    assert.equal(spread[0]!.whenUnsatisfiable, "ScheduleAnyway");
    assert.deepEqual(spread[0]!.labelSelector, deployment.spec.selector);
  });

  it("restarts nothing when the number of JobManagers changes", () => {
    const templates = [1, 3].map((replicas) =>
      deploymentsOf(modelOf({ ...safe, jobManager: { replicas } })).map(
        ({ deployment }) => deployment.spec.template,
      ),
    );
    assert.deepEqual(templates[0], templates[1]);
  });

  it("lets the submission find only JobManagers that serve", () => {
    assert.equal(jobManagerService(model).spec.publishNotReadyAddresses, false);
    assert.equal(jobManagerService(modelOf()).spec.publishNotReadyAddresses, true);
  });

  describe("ids", () => {
    const idOf = (args: Partial<FlinkClusterArgs>, name = "orders", stack = "project/dev") => {
      const given = { flinkVersion: "2.2.1", ...safe, ...args };
      return normaliseCluster(name, given, stack).model!.highAvailability!.clusterId;
    };

    it("stay the same whatever else changes", () => {
      const others: Partial<FlinkClusterArgs>[] = [
        { flinkVersion: "2.2.0" },
        { image: "registry.example.com/flink:2" },
        { taskManager: { memory: "4g", replicas: 4 } },
        { config: { "parallelism.default": "2" } },
        { storage: { ...storage, savepointDirectory: "s3://other" } },
      ];
      for (const args of others) assert.equal(idOf(args), idOf({}));
    });

    it("are others for another stack, namespace, name, directory, generation and minor version of Flink", () => {
      const ids = [
        idOf({}),
        idOf({}, "orders", "project/prod"),
        idOf({}, "payments"),
        idOf({ namespace: { name: "prod" } }),
        idOf({ highAvailability: { generation: 2 } }),
        idOf({ flinkVersion: "2.1.2" }),
        idOf({ storage: { directory: "s3://other" } }),
      ];
      assert.equal(new Set(ids).size, ids.length);
    });

    it("are at most 45 letters, of a form that Kubernetes takes", () => {
      fc.assert(
        fc.property(clusterNames, (name) => {
          const id = idOf({}, name);
          return id.length <= 45 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(id);
        }),
      );
    });
  });

  describe("jobs", () => {
    const connectionOf = async (args: Partial<FlinkClusterArgs>): Promise<FlinkConnection> => {
      const { result } = await record(() => new FlinkCluster("orders", { flinkVersion: "2.2.1", ...args }));
      return (await valueOf(result.connection))!;
    };

    it("are told that they survive, and where their state is", async () => {
      const connection = await connectionOf(safe);
      assert.equal(connection.highAvailability, true);
      assert.equal(connection.savepointDirectory, "s3://bucket/flink/savepoints");
      assert.equal(connection.checkpointDirectory, "s3://bucket/flink/checkpoints");
      assert.equal((await connectionOf({})).checkpointDirectory, undefined);
    });

    it("are submitted again when the ids change, and not when the JobManager restarts", async () => {
      const hash = async (args: Partial<FlinkClusterArgs>) => (await connectionOf(args)).restartHash;
      const before = await hash(safe);
      assert.equal(await hash({ ...safe, jobManager: { memory: "2g" } }), before);
      assert.notEqual(await hash({ ...safe, highAvailability: { generation: 2 } }), before);
      assert.notEqual(await hash({ ...safe, flinkVersion: "2.1.2" }), before);
      assert.notEqual(
        await hash({ ...safe, highAvailability: { storageDirectory: "s3://bucket/x" } }),
        before,
      );
    });
  });

  describe("mistakes", () => {
    const election = "high-availability.kubernetes.leader-election.";
    const mistakes: [what: string, args: object, path: string, fix: RegExp][] = [
      ["no storage", { highAvailability: {} }, "highAvailability", /storage\.directory/],
      [
        "standby JobManagers without it",
        { jobManager: { replicas: 2 } },
        "jobManager.replicas",
        /highAvailability/,
      ],
      [
        "a path",
        { ...safe, highAvailability: { storageDirectory: "/ha" } },
        "highAvailability.storageDirectory",
        /URI/,
      ],
      [
        "another file system",
        { ...safe, highAvailability: { storageDirectory: "hdfs://n:1/ha" } },
        "highAvailability.storageDirectory",
        /s3:\/\//,
      ],
      [
        "a path that one pod sees",
        { ...safe, highAvailability: { storageDirectory: "file:///ha" } },
        "highAvailability.storageDirectory",
        /s3:\/\//,
      ],
      [
        "half a generation",
        { ...safe, highAvailability: { generation: 1.5 } },
        "highAvailability.generation",
        /whole/,
      ],
      [
        "its option without the argument",
        { config: { "high-availability.type": "kubernetes" } },
        'config["high-availability.type"]',
        /highAvailability/,
      ],
      [
        "its option by an old name",
        { ...safe, config: { "high-availability": "zookeeper" } },
        'config["high-availability"]',
        /highAvailability/,
      ],
      [
        "an id of one's own",
        { ...safe, config: { "high-availability.cluster-id": "/orders" } },
        'config["high-availability.cluster-id"]',
        /highAvailability/,
      ],
      [
        "ConfigMaps of another name",
        { ...safe, config: { "kubernetes.cluster-id": "orders" } },
        'config["kubernetes.cluster-id"]',
        /highAvailability/,
      ],
      [
        "a leader that outlives its lease",
        { ...safe, config: { [`${election}lease-duration`]: "5 s" } },
        `config["${election}renew-deadline"]`,
        /less/,
      ],
      [
        "a leader that tries once",
        { ...safe, config: { [`${election}retry-period`]: "10 s" } },
        `config["${election}retry-period"]`,
        /fifth/,
      ],
    ];
    for (const [what, args, at, fix] of mistakes) {
      it(`${what}: reported once, at ${at}`, () => {
        const { problems, model: none } = normaliseCluster("orders", {
          flinkVersion: "2.2.1",
          ...args,
        } as never);
        assert.equal(none, undefined);
        assert.deepEqual(
          problems.map(({ path }) => path),
          [at],
          JSON.stringify(problems),
        );
        assert.match(problems[0]!.fix, fix);
      });
    }

    it("storage that is wrong is the only mistake, not also the lack of it", () => {
      const { problems } = normaliseCluster("orders", {
        flinkVersion: "2.2.1",
        ...safe,
        storage: { directory: "x" },
      });
      assert.deepEqual(
        problems.map(({ path }) => path),
        ["storage.directory"],
      );
    });
  });
});
