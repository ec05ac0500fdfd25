import assert from "node:assert/strict";
import { jobModel, type ResolvedJobArgs } from "../../../components/args/check-job";
import type { FlinkConnection, StateStorage } from "../../../components/args/connection";
import { guardDeployment } from "../../../components/kubernetes/guard";
import { periodicSavepoints } from "../../../components/kubernetes/periodic-savepoints";
import { submissionJob } from "../../../components/kubernetes/submission";
import { connection } from "./connection";

const keys = { accessKey: { name: "s3", key: "access" }, secretKey: { name: "s3", key: "secret" } };
const store: StateStorage = { s3: { endpoint: "http://s3:9000", pathStyleAccess: true, ...keys } };

describe("where state is stored", () => {
  const model = (stateStorage: StateStorage | undefined, more: Partial<ResolvedJobArgs> = {}) => {
    const cluster: FlinkConnection = { ...connection, stateStorage };
    return jobModel("count", { cluster, jar: "/opt/flink/usrlib/count.jar", ...more });
  };

  const pods = {
    submissions: () => submissionJob(model(store)).spec.template,
    // One that brings a lost job back must not go behind a checkpoint that it did not see.
    guards: () => guardDeployment(model(store)).spec.template,
  };
  for (const [who, template] of Object.entries(pods)) {
    it(`can be looked at by ${who}, with the keys as files`, () => {
      const { spec } = template();
      const volume = spec.volumes.find(({ name }) => name === "state-keys");
      assert.deepEqual(volume, {
        name: "state-keys",
        projected: {
          defaultMode: 0o440,
          sources: [
            { secret: { name: "s3", items: [{ key: "access", path: "access-key" }] } },
            { secret: { name: "s3", items: [{ key: "secret", path: "secret-key" }] } },
          ],
        },
      });
      const [{ env, volumeMounts }] = spec.containers;
      assert.ok(volumeMounts.some(({ name, readOnly }) => name === "state-keys" && readOnly));
      assert.doesNotMatch(JSON.stringify(env), /secretKeyRef/);
    });
  }

  it("can be looked at on a volume, for reading only, unless it is mounted there anyway", () => {
    const volume = { claimName: "state", mountPath: "/flink-storage" };
    const mountsOf = (more?: Partial<ResolvedJobArgs>) =>
      submissionJob(model(volume, more)).spec.template.spec.containers[0].volumeMounts.filter(
        ({ mountPath }) => mountPath === "/flink-storage",
      );
    assert.deepEqual(mountsOf(), [{ name: "state", mountPath: "/flink-storage", readOnly: true }]);
    const submitter = {
      volumes: [{ name: "mine", persistentVolumeClaim: { claimName: "state" } }],
      volumeMounts: [{ name: "mine", mountPath: "/flink-storage" }],
    };
    assert.deepEqual(
      mountsOf({ submitter }).map(({ name }) => name),
      ["mine"],
    );
  });

  it("is nothing to the clock's savepoints, and changes nothing where it is unknown", () => {
    for (const text of [
      JSON.stringify(periodicSavepoints(model(store), { schedule: "0 3 * * *" })),
      JSON.stringify(submissionJob(model(undefined))),
    ]) {
      assert.doesNotMatch(text, /state-keys|STATE_|state-storage/);
    }
  });
});
