import assert from "node:assert/strict";
import { normaliseCluster } from "../../../components/args/normalise";
import {
  prepareBinding,
  prepareDeadline,
  prepareJob,
  prepareProgram,
  prepareRole,
} from "../../../components/kubernetes/prepare";
import { jobManagerDeployment } from "../../../components/kubernetes/deployments";
import { modelOf } from "./arguments";

describe("the Job that prepares changes of a cluster", () => {
  const model = modelOf({ namespace: { name: "prod" } });
  const podOf = (of = model) => prepareJob(of, "0a1b2c3d").spec.template.spec;
  const environment = (of = model) =>
    new Map(podOf(of).containers[0].env.map(({ name, value }) => [name, value]));

  it("is named by what restarts the JobManager, and compares it with the Deployment", () => {
    assert.equal(prepareJob(model, "0a1b2c3d").metadata.name, `${model.name}-prepare-0a1b2c3d`);
    assert.equal(environment().get("RESTART_HASH"), "0a1b2c3d");
    const { metadata } = jobManagerDeployment(model, {}, "0a1b2c3d");
    assert.equal(metadata.annotations["flink-kubernetes/restart-hash"], "0a1b2c3d");
    assert.equal(environment().get("JOBMANAGER_DEPLOYMENT"), metadata.name);
  });

  it("may look at one Deployment, and read and write ConfigMaps", () => {
    const { rules } = prepareRole(model);
    assert.deepEqual(
      rules.map(({ resources, verbs }) => [resources, verbs]),
      [
        [["configmaps"], ["get", "list", "patch"]],
        [["deployments"], ["get"]],
      ],
    );
    assert.deepEqual(rules[1]!.resourceNames, [`${model.name}-jobmanager`]);
    assert.equal(prepareBinding(model).subjects[0]!.name, podOf().serviceAccountName);
  });

  it("comes to its verdict before Kubernetes ends it, and is tried again by the next update", () => {
    const { spec, metadata } = prepareJob(modelOf({ prepare: { timeout: 1000 } }), "0a1b2c3d");
    assert.equal(spec.backoffLimit, 0);
    assert.ok(spec.activeDeadlineSeconds > 1000);
    assert.equal(spec.activeDeadlineSeconds, prepareDeadline(modelOf({ prepare: { timeout: 1000 } })));
    assert.equal(metadata.annotations["pulumi.com/replaceUnready"], "true");
  });

  it("runs under the restricted standard, where a JobManager may run, with the cluster's image or its own", () => {
    const given = modelOf({ jobManager: { nodeSelector: { pool: "flink" } }, image: "flink:mine" });
    const [container] = podOf(given).containers;
    assert.deepEqual((podOf(given) as { nodeSelector?: object }).nodeSelector, { pool: "flink" });
    assert.equal(container.image, "flink:mine");
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
    assert.equal(podOf(modelOf({ prepare: { image: "small:1" } })).containers[0].image, "small:1");
  });

  it("verifies the REST API as a submission does, and does not wait for certificates that are still to be made", () => {
    const tls = modelOf({ tls: { rest: { certManager: {} } } });
    const [volume] = podOf(tls).volumes.filter(({ name }) => name === "tls-client");
    assert.equal((volume as { secret: { optional: boolean } }).secret.optional, true);
    assert.ok(environment(tls).get("FLINK_TLS"));
    const { annotations } = jobManagerDeployment(tls, {}, "x").metadata;
    assert.equal(annotations["flink-kubernetes/rest-scheme"], "https");
  });

  it("holds the program whole", () => {
    const { data } = prepareProgram(model);
    const sourced = /for part in (.*); do/.exec(data["prepare.sh"])![1]!.split(" ");
    for (const part of sourced) assert.match(data[`${part}.sh`]!, /\w/);
    assert.match(data["json.awk"]!, /\w/);
  });

  it("says what is wrong with its arguments", () => {
    const { problems } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      prepare: { timeout: 5, image: "no name" },
    });
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["prepare.timeout", "prepare.image"],
    );
  });
});
