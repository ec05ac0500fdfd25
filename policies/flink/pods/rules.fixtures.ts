import type { Fixtures } from "../../core/fixtures";
import { config, flinkDeployment, jobManager, object, resources, taskManager } from "../manifests";

const running = (image: string) => ({ container: { image } });
const claim = object("v1", "PersistentVolumeClaim", { spec: {} }, { name: "state" });
const scratch = [
  { name: "tmp", mountPath: "/tmp" },
  { name: "log", mountPath: "/opt/flink/log" },
];
const readOnly = { securityContext: { readOnlyRootFilesystem: true } };

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "flink-version": {
    fails: [
      { manifests: [jobManager(running("flink:2.2.0-java17"))] },
      { manifests: [jobManager(running("registry.example/team/flink:1.20.3"))] },
      { about: "no longer maintained", manifests: [jobManager(running("flink:1.14.6"))] },
      { manifests: [flinkDeployment({ image: "flink:1.17.2" })] },
      {
        about: "an image that does not say it, and an annotation that does",
        manifests: [
          jobManager({
            ...running("registry.example/orders:7"),
            annotations: { "flink-kubernetes/flink-version": "2.2.0" },
          }),
        ],
      },
    ],
    passes: [
      { manifests: [jobManager()] },
      {
        about: "a version of something else",
        manifests: [jobManager(running("registry.example/shop/orders:1.4.2"))],
      },
      {
        manifests: [jobManager(running("flink:2.2.0"))],
        config: { acceptedVulnerabilities: ["CVE-2026-35194"] },
      },
    ],
  },
  "flink-image": {
    fails: [
      { manifests: [jobManager(running("flink:2.2"))] },
      { manifests: [jobManager(running("flink:java17"))] },
      { manifests: [jobManager(running("flink"))] },
      { manifests: [flinkDeployment({ image: "flink:2.2" })] },
      {
        about: "the operator is told another version",
        manifests: [flinkDeployment({ flinkVersion: "v1_20" })],
        at: ["spec.flinkVersion"],
      },
    ],
    passes: [
      { manifests: [jobManager()] },
      { manifests: [jobManager(running(`flink:2.2@sha256:${"0".repeat(64)}`))] },
    ],
  },
  "flink-same-image": {
    fails: [
      { manifests: [jobManager(), taskManager(running("flink:2.1.2-java17"))] },
      {
        about: "without a label that says which cluster it is, in a namespace with one JobManager",
        manifests: [
          jobManager({ labels: { app: undefined } }),
          taskManager({ ...running("flink:2.1.2-java17"), labels: { app: undefined } }),
        ],
      },
    ],
    passes: [{ manifests: [jobManager(), taskManager()] }],
  },
  "flink-writable-directories": {
    fails: [
      {
        about: "the entrypoint cannot write the options",
        manifests: [
          taskManager({
            container: {
              ...readOnly,
              volumeMounts: scratch,
              env: [{ name: "FLINK_PROPERTIES", value: "a: b" }],
            },
          }),
        ],
      },
      { manifests: [taskManager({ container: readOnly })] },
      {
        about: "logs have no place",
        manifests: [
          taskManager({
            container: { ...readOnly, volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] },
            pod: { volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }] },
          }),
        ],
      },
    ],
    passes: [
      {
        manifests: [
          taskManager({
            container: {
              ...readOnly,
              volumeMounts: [
                { name: "tmp", mountPath: "/tmp" },
                { name: "log", mountPath: "/opt/flink/log" },
              ],
            },
            pod: {
              volumes: [
                { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
                { name: "log", emptyDir: { sizeLimit: "1Gi" } },
              ],
            },
          }),
        ],
      },
      { manifests: [taskManager()] },
      {
        about: "options in a variable, and a volume for the file",
        manifests: [
          taskManager({
            container: {
              ...readOnly,
              volumeMounts: [...scratch, { name: "conf", mountPath: "/opt/flink/conf" }],
              env: [{ name: "FLINK_PROPERTIES", value: "a: b" }],
            },
          }),
        ],
      },
    ],
  },
  "flink-temporary-files": {
    fails: [{ manifests: [taskManager({ container: { resources: resources("2Gi") } })] }],
    passes: [
      { manifests: [taskManager({ container: { resources: { limits: { "ephemeral-storage": "10Gi" } } } })] },
      { manifests: [taskManager({ pod: { volumes: [{ name: "tmp", emptyDir: { sizeLimit: "10Gi" } }] } })] },

      { manifests: [taskManager({ pod: { volumes: [{ name: "tmp", ephemeral: {} }] } })] },
      {
        manifests: [
          taskManager({ pod: { volumes: [{ name: "tmp", persistentVolumeClaim: { claimName: "tmp" } }] } }),
        ],
      },
      {
        about: "one volume of several",
        manifests: [
          taskManager({
            pod: {
              volumes: [
                { name: "conf", configMap: { name: "flink-config" } },
                { name: "tmp", emptyDir: { sizeLimit: "10Gi" } },
              ],
            },
          }),
        ],
      },
    ],
  },
  "flink-configuration-rollout": {
    fails: [{ manifests: [jobManager(), config({ "rest.port": 8081 })] }],
    passes: [
      {
        manifests: [
          jobManager({ annotations: { "checksum/config": "5f2c" } }),
          config({ "rest.port": 8081 }),
        ],
      },
      {
        about: "a ConfigMap of something else beside one that is named by its content",
        manifests: [
          jobManager({
            pod: {
              volumes: [
                { name: "conf", configMap: { name: "flink-config-5f2c77" } },
                { name: "models", configMap: { name: "models" } },
              ],
            },
          }),
          config({ "rest.port": 8081 }, "flink-config-5f2c77"),
        ],
      },

      {
        about: "a controller restarts the pods",
        manifests: [
          jobManager({ metadata: { annotations: { "reloader.stakater.com/auto": "true" } } }),
          config({ "rest.port": 8081 }),
        ],
      },
      {
        about: "a bare pod is replaced",
        manifests: [{ ...jobManager(), kind: "Pod", apiVersion: "v1" }, config({})],
      },
    ],
  },
  "flink-protected-state": {
    fails: [
      {
        manifests: [
          taskManager({ pod: { volumes: [{ name: "a", persistentVolumeClaim: { claimName: "state" } }] } }),
          claim,
        ],
      },
      {
        about: "a bucket of this stack, by its provider's own type",
        manifests: [
          jobManager(),
          config({ "execution.checkpointing.dir": "s3://orders-state/flink" }),
          { apiVersion: "aws:s3", kind: "Bucket", bucket: "orders-state" },
        ],
        at: ["bucket"],
      },

      ...["bucketName", "name", "containerName"].map((field) => ({
        about: `a bucket named by ${field}`,
        manifests: [
          jobManager(),
          config({ "execution.checkpointing.dir": "s3://orders-state/flink" }),
          { apiVersion: "aws:s3", kind: "Bucket", [field]: "orders-state" },
        ],
        at: [field],
      })),
    ],
    passes: [
      { about: "a claim of something else", manifests: [taskManager(), claim] },
      {
        about: "a bucket of something else",
        manifests: [
          jobManager(),
          config({ "execution.checkpointing.dir": "s3://orders-state/flink" }),
          { apiVersion: "aws:s3", kind: "Bucket", bucket: "pictures" },
        ],
      },
    ],
  },
};
