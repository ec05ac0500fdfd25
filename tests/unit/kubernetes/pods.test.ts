import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import { normaliseCluster } from "../../../components/args/normalise";
import { parseStorage } from "../../../components/args/quantity";
import { roleConfigMap } from "../../../components/kubernetes/configuration";
import { clusterArguments, deploymentsOf, modelOf } from "./arguments";

function forAll(check: (deployments: ReturnType<typeof deploymentsOf>, args: FlinkClusterArgs) => void) {
  fc.assert(
    fc.property(clusterArguments, (args) => {
      const { model, problems } = normaliseCluster("orders", args);
      assert.ok(model, JSON.stringify(problems));
      check(deploymentsOf(model), args);
    }),
    { numRuns: 60 },
  );
}

describe("pods of a cluster", () => {
  it("have a memory limit and request equal to the Flink process size", () => {
    forAll((deployments) => {
      for (const { role, deployment } of deployments) {
        const { resources } = deployment.spec.template.spec.containers[0];
        assert.equal(parseStorage(resources.limits.memory), role.memory.processSize);
        assert.deepEqual(resources.requests.memory, resources.limits.memory);
      }
    });
  });

  it("request and limit CPU and disk too", () => {
    forAll((deployments) => {
      for (const { deployment } of deployments) {
        const { requests, limits } = deployment.spec.template.spec.containers[0].resources;
        assert.deepEqual(Object.keys(requests).sort(), ["cpu", "ephemeral-storage", "memory"]);
        assert.deepEqual(Object.keys(limits).sort(), ["cpu", "ephemeral-storage", "memory"]);
      }
    });
  });

  it("pass the Pod Security Standard restricted, in every container", () => {
    forAll((deployments) => {
      for (const { deployment } of deployments) {
        const { spec } = deployment.spec.template;
        assert.equal(spec.automountServiceAccountToken, false);
        assert.equal(spec.securityContext.runAsNonRoot, true);
        assert.equal(spec.securityContext.runAsUser, 9999);
        for (const { securityContext } of spec.containers) {
          assert.equal(securityContext.allowPrivilegeEscalation, false);
          assert.equal(securityContext.readOnlyRootFilesystem, true);
          assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
          assert.deepEqual(securityContext.seccompProfile, { type: "RuntimeDefault" });
        }
        for (const volume of spec.volumes) {
          const [source] = Object.keys(volume).filter((key) => key !== "name");
          assert.ok(["configMap", "secret", "emptyDir"].includes(source), source);
        }
      }
    });
  });

  it("carry the labels that their Deployment selects, whatever labels are added", () => {
    forAll((deployments) => {
      for (const { deployment } of deployments) {
        const { labels } = deployment.spec.template.metadata;
        for (const [label, value] of Object.entries(deployment.spec.selector.matchLabels)) {
          assert.equal(labels[label], value);
        }
      }
    });
  });

  it("can write where Flink writes, on a read-only root file system", () => {
    for (const { deployment } of deploymentsOf(modelOf())) {
      const { containers, volumes } = deployment.spec.template.spec;
      const writable = volumes.flatMap((volume) => ("emptyDir" in volume ? [volume.name] : []));
      const paths = containers[0].volumeMounts.filter((mount) => writable.includes(mount.name));
      assert.deepEqual(
        paths.map(({ mountPath }) => mountPath),
        ["/opt/flink-kubernetes/run", "/opt/flink/log", "/tmp"],
      );
    }
  });

  it("are probed: a JobManager is ready when it leads, a TaskManager when it listens", () => {
    const [jobManager, taskManager] = deploymentsOf(modelOf()).map(
      ({ deployment }) => deployment.spec.template.spec.containers[0],
    );
    assert.deepEqual((jobManager.readinessProbe as { httpGet: unknown }).httpGet, {
      path: "/overview",
      port: "rest",
    });
    assert.deepEqual((jobManager.livenessProbe as { tcpSocket: unknown }).tcpSocket, { port: "rpc" });
    const rpc = taskManager.ports.find(({ name }) => name === "rpc");
    assert.equal(rpc?.containerPort, 6122);
    for (const probe of [taskManager.startupProbe, taskManager.livenessProbe, taskManager.readinessProbe]) {
      assert.deepEqual((probe as { tcpSocket: unknown }).tcpSocket, { port: "rpc" });
    }
  });
});

describe("configuration of a role", () => {
  const options = (args: Partial<FlinkClusterArgs>, role: "jobmanager" | "taskmanager" = "jobmanager") =>
    parse(roleConfigMap(modelOf(args), role).data["config.yaml"]) as Record<string, unknown>;

  it("pins addresses and ports, and sets adaptive scheduler and restart strategy", () => {
    const config = options({ namespace: { name: "prod" } });
    assert.match(
      String(config["jobmanager.rpc.address"]),
      /^jobmanager-[0-9a-f]{8}\.orders-jobmanager\.prod\.svc$/,
    );
    assert.equal(config["blob.server.port"], 6124);
    assert.equal(config["taskmanager.data.port"], 6121);
    assert.equal(config["jobmanager.scheduler"], "adaptive");
    assert.equal(config["restart-strategy.type"], "exponential-delay");
  });

  it("lets the user choose another restart strategy and extend, not replace, the JVM flags", () => {
    const config = options({ config: { "restart-strategy.type": "none", "env.java.opts.all": "-Dx=1" } });
    assert.equal(config["restart-strategy.type"], "none");
    assert.match(
      String(config["env.java.opts.all"]),
      /--add-opens=java\.base\/java\.lang=ALL-UNNAMED .*-Dx=1$/,
    );
  });

  it("gives the process size as written, and leaves it out where config sizes the memory", () => {
    assert.equal(
      options({ taskManager: { memory: "2g" } }, "taskmanager")["taskmanager.memory.process.size"],
      "2g",
    );
    const sized = options({ config: { "taskmanager.memory.flink.size": "1280m" } }, "taskmanager");
    assert.equal(sized["taskmanager.memory.process.size"], undefined);
    assert.equal(
      modelOf({ config: { "taskmanager.memory.flink.size": "1280m" } }).taskManager.memory.processSize,
      1728 * 2 ** 20,
    );
  });

  it("never shows what Flink masks, nor Outputs", () => {
    const model = modelOf({ config: { "s3.secret-key": "hunter2", "s3.endpoint": "https://s3" } });
    for (const role of ["jobmanager", "taskmanager"] as const) {
      assert.ok(!JSON.stringify(roleConfigMap(model, role)).includes("hunter2"));
    }
    assert.deepEqual(Object.keys(model.secretOptions), ["s3.secret-key"]);
  });

  it("is immutable, and named by its content", () => {
    const one = roleConfigMap(modelOf(), "jobmanager");
    const other = roleConfigMap(modelOf({ config: { "s3.endpoint": "x" } }), "jobmanager");
    assert.equal(one.immutable, true);
    assert.match(one.metadata.name, /^orders-jobmanager-conf-[0-9a-f]{8}$/);
    assert.notEqual(one.metadata.name, other.metadata.name);
  });
});

describe("a change of the TaskManagers only", () => {
  const base: Partial<FlinkClusterArgs> = { taskManager: { memory: "2g", slots: 1 } };
  const changes: Record<string, Partial<FlinkClusterArgs>> = {
    memory: { taskManager: { memory: "4g", slots: 1 } },
    slots: { taskManager: { memory: "2g", slots: 4 } },
    replicas: { taskManager: { memory: "2g", slots: 1, replicas: 7 } },
    cpu: { taskManager: { memory: "2g", slots: 1, cpu: { limit: "3" } } },
    autoscaling: { ...base, autoscaling: { maxReplicas: 5 } },
    "managed memory": { ...base, config: { "taskmanager.memory.managed.fraction": "0.1" } },
    "an environment variable": { taskManager: { memory: "2g", slots: 1, env: [{ name: "A", value: "b" }] } },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`does not restart the JobManager: ${what}`, () => {
      const [before] = deploymentsOf(modelOf(base));
      const [after, taskManager] = deploymentsOf(modelOf(change));
      assert.deepEqual(after.deployment, before.deployment);
      assert.notDeepEqual(
        [taskManager.deployment, modelOf(change).scaling],
        [deploymentsOf(modelOf(base))[1].deployment, modelOf(base).scaling],
      );
    });
  }
});
