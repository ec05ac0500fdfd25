import assert from "node:assert/strict";
import { checkKubernetes } from "../../../components/args/check-kubernetes";
import { type FieldType, fieldType, objectType } from "../../../components/kubernetes/pod-schema";
import { describeProblem, type Problem } from "../../../components/problems";
import * as pulumi from "@pulumi/pulumi";
import { deploymentsOf, modelOf } from "./arguments";

function check(value: unknown, type: string, path = "taskManager.value"): Problem[] {
  const problems: Problem[] = [];
  checkKubernetes(path, value, type, problems);
  return problems;
}

/** The one problem of a value, as people read it, on one line. */
function problemOf(value: unknown, type: string, path?: string): string {
  const problems = check(value, type, path);
  assert.equal(problems.length, 1, problems.map(describeProblem).join("\n"));
  return describeProblem(problems[0]!).replaceAll(/\s+/g, " ").trim();
}

describe("Kubernetes' types of a pod", () => {
  it("are complete: every type that a field names is there", () => {
    const seen = new Set<string>();
    const visit = (type: FieldType): void => {
      if (type.kind === "map" || type.kind === "list") return visit(type.of);
      if (type.kind !== "object" || seen.has(type.type)) return;
      seen.add(type.type);
      for (const field of objectType(type.type).fields.values()) visit(field);
    };
    for (const root of ["PodTemplateSpec", "MetricSpec", "HorizontalPodAutoscalerBehavior"]) {
      visit(fieldType(root));
    }
    assert.ok(seen.size > 110, String(seen.size));
  });

  it("know how lists merge, and which of their entries exclude each other", () => {
    const port = { kind: "object", type: "ContainerPort" };
    assert.deepEqual(fieldType("Container.ports"), {
      kind: "list",
      of: port,
      merge: true,
      mergeKey: "containerPort",
      keys: ["containerPort", "protocol"],
      set: false,
    });
    const atomic = fieldType("PodSpec.tolerations");
    assert.ok(atomic.kind === "list" && !atomic.merge);
  });
});

describe("a value of a Kubernetes type", () => {
  const accepted: [type: string, value: unknown][] = [
    ["PodSpec.volumes", [{ name: "cache", emptyDir: { medium: "Memory", sizeLimit: "1.5Gi" } }]],
    ["PodSpec.volumes", [{ name: "jars", nfs: { server: "nas", path: "/jars" } }]],
    ["Container.env", [{ name: "A", value: "" }, { name: "lower.case-name" }]],
    ["Container.env", [{ name: "P", valueFrom: { secretKeyRef: { name: "s", key: "password" } } }]],
    ["Container.envFrom", [{ prefix: "S3_", secretRef: { name: "s3", optional: true } }]],
    ["Container.resources", { limits: { cpu: 2, memory: "1e9", "nvidia.com/gpu": "1" } }],
    ["Container.ports", [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP" }]],
    ["Container.livenessProbe", { httpGet: { path: "/", port: "http", scheme: "" }, periodSeconds: 5 }],
    ["Container.command", []],
    ["PodSpec.tolerations", [{ operator: "Exists" }, { key: "spot", value: "yes", effect: "NoSchedule" }]],
    ["PodSpec.nodeSelector", { "kubernetes.io/arch": "arm64" }],
    ["PodSpec.affinity", { nodeAffinity: undefined, podAntiAffinity: null }],
    [
      "[MetricSpec]",
      [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
        },
      ],
    ],
    [
      "HorizontalPodAutoscalerBehavior",
      { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] } },
    ],
  ];
  for (const [type, value] of accepted) {
    it(`passes: ${type} ${JSON.stringify(value)}`, () => assert.deepEqual(check(value, type), []));
  }

  const refused: [why: string, type: string, value: unknown, message: RegExp][] = [
    [
      "a misspelt field, once, although what it means is needed",
      "PodSpec.volumes",
      [{ name: "a", secret: { secretNmae: "s" } }],
      /^- taskManager\.value\[0\]\.secret\.secretNmae a SecretVolumeSource in Kubernetes has no field "secretNmae" Fix: write "secretName"/,
    ],
    [
      "a field one level too high",
      "Container.env",
      [{ name: "A", secretKeyRef: { name: "s", key: "k" } }],
      /value\[0\]\.secretKeyRef .* Fix: write it one level deeper: valueFrom\.secretKeyRef/,
    ],
    [
      "a missing field",
      "VolumeMount",
      { name: "a" },
      /value\.mountPath .*refuses a VolumeMount without mountPath/,
    ],
    ["an empty name", "EnvVar", { name: "", value: "x" }, /value\.name .*refuses an EnvVar without name/],
    [
      "a number for a string",
      "EnvVar",
      { name: "A", value: 5 },
      /value = 5 .*a string here, not a number Fix: write it in quotes/,
    ],
    [
      "a string for a number",
      "ContainerPort",
      { containerPort: "80" },
      /a whole number here, not a string Fix: .*without quotes/,
    ],
    ["a broken number", "PodSpec.priority", 1.5, /a whole number here, not a fractional number/],
    ["a string for a boolean", "VolumeMount.readOnly", "true", /true or false here, not a string/],
    [
      "one entry without its list",
      "PodSpec.volumes",
      { name: "a" },
      /a list here, not an object Fix: write a list, also for one/,
    ],
    ["a list for an object", "PodSpec.affinity", [], /an object here, not a list/],
    ["an empty entry", "PodSpec.volumes", [null], /value\[0\] this entry of the list is empty/],
    [
      "a wrong enum",
      "Container.imagePullPolicy",
      "ifNotPresent",
      /one of: Always, IfNotPresent, Never Fix: write "IfNotPresent"/,
    ],
    [
      "a quantity in bytes' other units",
      "PodSpec.volumes",
      [{ name: "a", emptyDir: { sizeLimit: "2gb" } }],
      /sizeLimit = "2gb" .*Fix: write "2Gi"/,
    ],
    [
      "thousandths of a byte",
      "Container.resources",
      { limits: { memory: "512m" } },
      /fraction of a byte Fix: write "512Mi"/,
    ],
    [
      "a request above its limit",
      "Container.resources",
      { requests: { cpu: "1500m" }, limits: { cpu: 1 } },
      /requests\.cpu = "1500m" .*above the limit, here 1 /,
    ],
    [
      "a GPU that is requested without a limit",
      "Container.resources",
      { requests: { "nvidia.com/gpu": 1 } },
      /requests\["nvidia\.com\/gpu"\] = 1 .*only with a limit.*under limits alone/,
    ],
    [
      "fewer devices than the limit",
      "Container.resources",
      { requests: { "huawei.com/ascend-1980": "6" }, limits: { "huawei.com/ascend-1980": "8" } },
      /= "6" .*the request to be the limit, here 8/,
    ],
    [
      "half a GPU",
      "Container.resources",
      { limits: { "nvidia.com/gpu": "500m" } },
      /limits\["nvidia\.com\/gpu"\] = "500m" .*whole devices/,
    ],
    [
      "huge pages without a limit",
      "Container.resources",
      { requests: { "hugepages-2Mi": "64Mi" } },
      /only with a limit/,
    ],
    [
      "two volumes of a name",
      "PodSpec.volumes",
      [{ name: "a" }, { name: "b" }, { name: "a" }],
      /value\[2\]\.name = "a" taskManager\.value\[0\] has the same name/,
    ],
    [
      "two variables of a name",
      "Container.env",
      [{ name: "A" }, { name: "A" }],
      /value\[1\]\.name = "A" taskManager\.value\[0\] has the same name/,
    ],
    [
      "two mounts at a path",
      "Container.volumeMounts",
      [
        { name: "a", mountPath: "/x" },
        { name: "b", mountPath: "/x" },
      ],
      /value\[1\]\.mountPath = "\/x" .*same mountPath/,
    ],
    [
      "a port twice, once with the default protocol",
      "Container.ports",
      [{ containerPort: 80 }, { containerPort: 80, protocol: "TCP" }],
      /value\[1\]\.containerPort = 80/,
    ],
    [
      "a name that is none",
      "Volume",
      { name: "My_Volume" },
      /value\.name = "My_Volume" .*63 lower-case letters/,
    ],
    [
      "a Secret's name that is none",
      "Volume",
      { name: "a", secret: { secretName: "Hello" } },
      /secretName = "Hello" Kubernetes refuses this name/,
    ],
    [
      "a reference to nothing",
      "EnvFromSource",
      { secretRef: {} },
      /secretRef\.name this reference to an object has no name/,
    ],
    [
      "two sources of a volume",
      "Volume",
      { name: "a", emptyDir: {}, configMap: { name: "c" } },
      /not emptyDir and configMap/,
    ],
    [
      "two sources of a variable",
      "EnvVar",
      { name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      /exclude each other/,
    ],
    [
      "a number of a port in quotes",
      "Probe",
      { tcpSocket: { port: "6122" } },
      /port = "6122" .*Fix: write 6122, without quotes/,
    ],
    [
      "a port that is none",
      "Probe",
      { tcpSocket: { port: 70000 } },
      /port = 70000 Kubernetes accepts 1 to 65535/,
    ],
    ["a probe that does nothing", "Probe", { periodSeconds: 1 }, /a probe has exactly one action/],
    [
      "decimal permissions",
      "SecretVolumeSource",
      { secretName: "s", defaultMode: 644 },
      /octal: 0o644 \(420\)/,
    ],
    [
      "a toleration of everything by mistake",
      "Toleration",
      { effect: "NoSchedule" },
      /write key, or operator: Exists/,
    ],
    [
      "a way out of a volume",
      "VolumeMount",
      { name: "a", mountPath: "/x", subPath: "../etc" },
      /subPath = "\.\.\/etc" this must be a relative path within/,
    ],
    [
      "a label that is none",
      "PodTemplateSpec",
      { metadata: { labels: { team: "a b" } } },
      /metadata\.labels\.team = "a b"/,
    ],
    [
      "values for an operator without",
      "LabelSelectorRequirement",
      { key: "a", operator: "Exists", values: ["b"] },
      /Exists takes no values/,
    ],
    [
      "a metric without its target",
      "MetricTarget",
      { type: "Utilization" },
      /averageUtilization a target of type Utilization/,
    ],
    [
      "a metric of another type",
      "MetricSpec",
      { type: "Pods", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 1 } } },
      /a metric of type Pods needs pods/,
    ],
    [
      "a period beyond Kubernetes' longest",
      "HPAScalingPolicy",
      { type: "Pods", value: 1, periodSeconds: 3600 },
      /1 to 1800/,
    ],
    [
      "a directive outside of a patch",
      "Volume",
      { name: "a", $patch: "delete" },
      /"\$patch" is a directive for merging a patch/,
    ],
  ];
  for (const [why, type, value, message] of refused) {
    it(`is refused: ${why}`, () => assert.match(problemOf(value, type), message));
  }

  it("is told everything that is wrong with it at once", () => {
    const volumes = [
      { name: "a", sceret: {} },
      { name: "B" },
      { name: "c", emptyDir: { sizeLimit: "x" } },
      7,
    ];
    assert.deepEqual(
      check(volumes, "PodSpec.volumes", "jobManager.volumes").map(({ path }) => path),
      [
        "jobManager.volumes[0].sceret",
        "jobManager.volumes[1].name",
        "jobManager.volumes[2].emptyDir.sizeLimit",
        "jobManager.volumes[3]",
      ],
    );
  });

  it("may be an Output or a Promise wherever it stands", () => {
    const later = pulumi.secret("x");
    for (const value of [
      later,
      [later],
      [{ name: later, value: later }],
      [{ name: "A", valueFrom: later }],
    ]) {
      assert.deepEqual(check(value, "Container.env"), []);
    }
    assert.deepEqual(check(Promise.resolve(1), "PodSpec.priority"), []);
    assert.deepEqual(check([{ name: later }, { name: later }], "PodSpec.volumes"), []);
    assert.deepEqual(check({ key: "a", operator: later, values: later }, "NodeSelectorRequirement"), []);
  });

  it("is never shown when it may hold a secret", () => {
    const [problem] = check({ password: "hunter2" }, "Container.env");
    assert.ok(problem && !describeProblem(problem).includes("hunter2"));
  });
});

describe("a whole pod", () => {
  it("of ours passes", () => {
    for (const { deployment } of deploymentsOf(modelOf({ config: { "s3.secret-key": "x" } }))) {
      assert.deepEqual(check(deployment.spec.template, "PodTemplateSpec"), []);
    }
  });

  it("mounts only volumes that it has", () => {
    const container = { name: "a", volumeMounts: [{ name: "dta", mountPath: "/data" }] };
    const spec = { containers: [container], volumes: [{ name: "data" }] };
    assert.match(
      problemOf({ spec }, "PodTemplateSpec", "pod"),
      /pod\.spec\.containers\[0\]\.volumeMounts\[0\]\.name = "dta" the pod has no volume of this name Fix: use one of: data/,
    );
    const unknown = { containers: [container], volumes: [{ name: pulumi.output("dta") }] };
    assert.deepEqual(check({ spec: unknown }, "PodTemplateSpec"), []);
  });

  it("has one container of a name, init containers included", () => {
    const spec = { initContainers: [{ name: "a" }], containers: [{ name: "a" }] };
    assert.match(
      problemOf(spec, "PodSpec", "spec"),
      /spec\.containers\[0\]\.name = "a" spec\.initContainers\[0\]/,
    );
  });
});
