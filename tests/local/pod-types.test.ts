import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { checkKubernetes } from "../../components/args/check-kubernetes";
import { describeProblem, type Problem } from "../../components/problems";
import { type LocalNode, runningNode } from "../../local/node";

/** Our checks of a pod beside the API server's verdict on the same pod (strict, dry run: nothing is made). */
describe("checks of Kubernetes' types, beside the API server's", function () {
  this.timeout(180_000);
  let node: LocalNode;

  before(async function () {
    const running = await runningNode();
    if (!running) {
      console.log("      skipped: no local node runs (npm start)");
      this.skip();
    }
    node = running;
  });

  /** What the API server says against a pod; empty when it takes it. */
  function verdict(spec: object, metadata: object): string {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", ...metadata }, spec };
    const args = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-"];
    const result = spawnSync(node.kubectl, ["--namespace=default", ...args], {
      encoding: "utf8",
      env: { KUBECONFIG: node.kubeconfig },
      input: JSON.stringify(pod),
    });
    return result.status === 0 ? "" : result.stderr || String(result.error);
  }

  const container = { name: "a", image: "a" };
  const withContainer = (fields: object) => ({ containers: [{ ...container, ...fields }] });
  const withPod = (fields: object) => ({ containers: [container], ...fields });
  const withEnv = (...env: unknown[]) => withContainer({ env });
  const withProbe = (livenessProbe: object) => withContainer({ livenessProbe });
  const withVolume = (...volumes: unknown[]) => withPod({ volumes });
  const withMount = (mount: object, ...more: unknown[]) => ({
    containers: [{ ...container, volumeMounts: [{ name: "v", mountPath: "/v", ...mount }, ...more] }],
    volumes: [{ name: "v", emptyDir: {} }],
  });
  const withToleration = (toleration: object) => withPod({ tolerations: [toleration] });
  const withTerm = (expression: object) =>
    withPod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [expression] }],
          },
        },
      },
    });
  const withResources = (requests: object, limits: object) =>
    withContainer({ resources: { requests, limits } });
  const field = { fieldRef: { fieldPath: "spec.nodeName" } };

  const pods: [what: string, spec: object, metadata?: object][] = [
    ["the least", withPod({})],
    ["no container", { containers: [] }],
    ["nulls", withPod({ affinity: null, nodeSelector: null, volumes: null })],
    ["an unknown field", withContainer({ imagPullPolicy: "Always" })],
    ["an unknown enum", withContainer({ imagePullPolicy: "always" })],
    ["an empty enum", withContainer({ imagePullPolicy: "" })],
    ["a number for a string", withEnv({ name: "A", value: 5 })],
    ["a string for a number", withPod({ priority: "1" })],
    ["a string for a boolean", withContainer({ tty: "true" })],
    ["a broken number", withPod({ terminationGracePeriodSeconds: 1.5 })],
    ["a time that Kubernetes rounds up", withPod({ terminationGracePeriodSeconds: -1 })],
    ["a name of a variable with dots", withEnv({ name: "a.b-c", value: "" })],
    ["a name of a variable with a blank", withEnv({ name: "a b", value: "" })],
    ["a name of a variable with =", withEnv({ name: "A=B", value: "" })],
    ["no name of a variable", withEnv({ value: "" })],
    ["two variables of a name", withEnv({ name: "A" }, { name: "A" })],
    ["value and valueFrom", withEnv({ name: "A", value: "x", valueFrom: field })],
    ["empty value and valueFrom", withEnv({ name: "A", value: "", valueFrom: field })],
    ["no source", withEnv({ name: "A", valueFrom: {} })],
    ["a Secret without name", withEnv({ name: "A", valueFrom: { secretKeyRef: { key: "k" } } })],
    ["a Secret", withEnv({ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } })],
    ["variables from nowhere", withContainer({ envFrom: [{ prefix: "A" }] })],
    [
      "variables from both",
      withContainer({ envFrom: [{ secretRef: { name: "a" }, configMapRef: { name: "b" } }] }),
    ],
    ["a volume without source", withVolume({ name: "a" })],
    ["a volume with two", withVolume({ name: "a", emptyDir: {}, configMap: { name: "b" } })],
    ["two volumes of a name", withVolume({ name: "a", emptyDir: {} }, { name: "a", emptyDir: {} })],
    ["a name with capitals", withVolume({ name: "A", emptyDir: {} })],
    ["a name with dots", withVolume({ name: "a.b", emptyDir: {} })],
    ["no Secret", withVolume({ name: "a", secret: {} })],
    ["no ConfigMap", withVolume({ name: "a", configMap: {} })],
    ["no claim", withVolume({ name: "a", persistentVolumeClaim: {} })],
    ["a size", withVolume({ name: "a", emptyDir: { sizeLimit: "1.5Gi" } })],
    ["a size that is none", withVolume({ name: "a", emptyDir: { sizeLimit: "1GB" } })],
    ["a size as a number", withVolume({ name: "a", emptyDir: { sizeLimit: 1000 } })],
    ["permissions beyond 0777", withVolume({ name: "a", configMap: { name: "c", defaultMode: 644 } })],
    ["permissions", withVolume({ name: "a", configMap: { name: "c", defaultMode: 0o644 } })],
    ["a mount", withMount({ readOnly: true, subPath: "a/b" })],
    ["a mount of nothing", withMount({ name: "w" })],
    ["two mounts at a path", withMount({}, { name: "v", mountPath: "/v" })],
    ["an absolute subPath", withMount({ subPath: "/a" })],
    ["a subPath that leads out", withMount({ subPath: "../a" })],
    ["subPath twice", withMount({ subPath: "a", subPathExpr: "b" })],
    ["a port", withContainer({ ports: [{ name: "a-1", containerPort: 1 }] })],
    ["a port too many", withContainer({ ports: [{ containerPort: 65536 }] })],
    ["a port twice", withContainer({ ports: [{ containerPort: 1 }, { containerPort: 1, protocol: "TCP" }] })],
    [
      "a port with two protocols",
      withContainer({ ports: [{ containerPort: 1 }, { containerPort: 1, protocol: "UDP" }] }),
    ],
    ["a port's name too long", withContainer({ ports: [{ name: "a234567890123456", containerPort: 1 }] })],
    ["a port's name of digits", withContainer({ ports: [{ name: "123", containerPort: 1 }] })],
    ["a probe", withProbe({ tcpSocket: { port: "rpc" }, periodSeconds: 5 })],
    ["a probe of a number in quotes", withProbe({ tcpSocket: { port: "80" } })],
    ["a probe that does nothing", withProbe({ periodSeconds: 5 })],
    ["a probe that does two things", withProbe({ tcpSocket: { port: 1 }, exec: { command: ["a"] } })],
    ["a probe in negative time", withProbe({ tcpSocket: { port: 1 }, timeoutSeconds: -1 })],
    ["a hook that does nothing", withContainer({ lifecycle: { preStop: {} } })],
    ["requests within limits", withResources({ cpu: "500m", memory: "1Gi" }, { cpu: 1, memory: "1e10" })],
    ["requests beyond limits", withResources({ cpu: "1500m" }, { cpu: 1 })],
    ["a negative request", withResources({ cpu: "-1" }, {})],
    ["no quantity", withResources({ cpu: "one" }, {})],
    ["a toleration", withToleration({ key: "a", operator: "Equal", value: "b", effect: "NoSchedule" })],
    ["a toleration of all by mistake", withToleration({ effect: "NoSchedule" })],
    ["a toleration with a value too many", withToleration({ key: "a", operator: "Exists", value: "b" })],
    ["a toleration with an effect too few", withToleration({ key: "a", tolerationSeconds: 5 })],
    ["a toleration of an unknown effect", withToleration({ key: "a", effect: "NoRun" })],
    ["a term", withTerm({ key: "a", operator: "In", values: ["b"] })],
    ["a term without values", withTerm({ key: "a", operator: "In" })],
    ["a term with values too many", withTerm({ key: "a", operator: "Exists", values: ["b"] })],
    ["a term that compares with two", withTerm({ key: "a", operator: "Gt", values: ["1", "2"] })],
    ["a term of an unknown operator", withTerm({ key: "a", operator: "Is", values: ["b"] })],
    ["a node selector", withPod({ nodeSelector: { "kubernetes.io/arch": "arm64" } })],
    ["a node selector that is no label", withPod({ nodeSelector: { "a b": "c" } })],
    ["labels", withPod({}), { labels: { "a.b/c": "D_e.f" } }],
    ["a label's value with a blank", withPod({}), { labels: { a: "b c" } }],
    ["annotations", withPod({}), { annotations: { "a.b/c": "any text: at all" } }],
    ["an annotation's key with a blank", withPod({}), { annotations: { "a b": "" } }],
    ["one name for two containers", { initContainers: [container], containers: [container] }],
    ["an empty entry", { containers: [container, null] }],
  ];

  it(`agree for each of ${pods.length} pods`, () => {
    let refused = 0;
    const differences: string[] = [];
    for (const [what, spec, metadata = {}] of pods) {
      const problems: Problem[] = [];
      checkKubernetes("", { metadata, spec }, "PodTemplateSpec", problems);
      const answer = verdict(spec, metadata);
      if (answer !== "") refused++;
      if (problems.length > 0 === (answer !== "")) continue;
      const ours = problems.map(describeProblem).join("\n") || "passes";
      differences.push(`${what}\n  ours: ${ours}\n  Kubernetes: ${answer || "passes"}`);
    }
    assert.deepEqual(differences, []);
    console.log(`      ${refused} refused by both, ${pods.length - refused} taken by both`);
  });
});
