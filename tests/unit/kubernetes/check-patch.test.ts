import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  checkMount,
  checkPatch,
  checkPatched,
  protectedPod,
  type ProtectedPod,
} from "../../../components/args/check-patch";
import { checkContainerSecurity } from "../../../components/args/pod-security";
import { containerSecurityContext } from "../../../components/kubernetes/pod";
import { strategicMerge } from "../../../components/kubernetes/merge";
import { describeProblem, type Problem } from "../../../components/problems";
import { deploymentsOf, modelOf } from "./arguments";

const model = modelOf({ taskManager: { memory: "1728m" } });
const { template } = deploymentsOf(model)[1].deployment.spec;
const { processSize } = model.taskManager.memory;

function protect(rest: Partial<ProtectedPod> = {}): ProtectedPod {
  return { ...protectedPod(template, { role: "taskManager", processSize, restricted: true }), ...rest };
}

function check(patch: unknown, pod = protect()): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  checkPatch("taskManager.podPatch", patch, pod, problems, warnings);
  return { problems, warnings };
}

function problemOf(patch: unknown, pod?: ProtectedPod): string {
  const { problems } = check(patch, pod);
  assert.equal(problems.length, 1, problems.map(describeProblem).join("\n"));
  return describeProblem(problems[0]!)
    .replaceAll(/\s+/g, " ")
    .replace(/^ ?- taskManager\.podPatch\.?/, "");
}

const main = (fields: object) => ({ spec: { containers: [{ name: "taskmanager", ...fields }] } });
const spec = (fields: object) => ({ spec: fields });

describe("a pod patch", () => {
  it("may request less memory than the process takes, which warns and names the argument for it", () => {
    const { problems, warnings } = check(
      main({ resources: { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } } }),
    );
    assert.deepEqual(problems, []);
    assert.match(
      describeProblem(warnings[0]!),
      /uses up to 1728Mi.*evicts this pod before others[^]*taskManager\.memoryRequest/,
    );
    assert.deepEqual(check(main({ resources: { requests: { memory: "1728Mi" } } })).warnings, []);
  });

  const accepted: [what: string, patch: unknown][] = [
    ["nothing", undefined],
    [
      "scheduling",
      spec({ schedulerName: "volcano", tolerations: [{ key: "a", operator: "Exists" }], priority: null }),
    ],
    [
      "labels and annotations of one's own",
      { metadata: { labels: { team: "a" }, annotations: { "a.b/c": "d" } } },
    ],
    ["probes", main({ livenessProbe: { periodSeconds: 30 }, startupProbe: null })],
    [
      "CPU and more memory than the process takes",
      main({ resources: { limits: { cpu: "4", memory: "2Gi" } } }),
    ],
    ["exactly the memory of the process", main({ resources: { limits: { memory: "1728Mi" } } })],
    [
      "a port, a variable, a volume of one's own",
      spec({
        containers: [
          {
            name: "taskmanager",
            ports: [{ name: "debug", containerPort: 5005 }],
            env: [{ name: "MINE", value: pulumi.secret("x") }],
            volumeMounts: [{ name: "mine", mountPath: "/mine" }],
          },
        ],
        volumes: [{ name: "mine", emptyDir: {} }],
      }),
    ],
    [
      "a sidecar that Pod Security takes",
      spec({
        containers: [{ name: "mine", image: "busybox:1", securityContext: containerSecurityContext() }],
      }),
    ],
    ["taking one's own sidecar away", spec({ containers: [{ name: "other", $patch: "delete" }] })],
    ["part of the security context", main({ securityContext: { readOnlyRootFilesystem: false } })],
  ];
  for (const [what, patch] of accepted) {
    it(`may change: ${what}`, () => assert.deepEqual(check(patch), { problems: [], warnings: [] }));
  }

  const refused: [what: string, patch: unknown, message: RegExp][] = [
    ["no object", [], /^an object here, not a list|Kubernetes expects an object here/],
    ["an Output", pulumi.output({}), /merges this part of a patch while the program runs/],
    [
      "an Output for a list that merges",
      spec({ volumes: pulumi.output([]) }),
      /^spec\.volumes the component merges this part of a patch/,
    ],
    [
      "fields of the pod at the top",
      { tolerations: [] },
      /^tolerations .*one level deeper: spec\.tolerations/,
    ],
    ["a misspelt field", spec({ toleratons: [] }), /^spec\.toleratons .*write "tolerations"/],
    [
      "an entry without its key",
      spec({ volumes: [{ emptyDir: {} }] }),
      /^spec\.volumes\[0\]\.name a patch finds the entry to change by its name/,
    ],
    [
      "an entry whose key is an Output",
      spec({ volumes: [{ name: pulumi.output("a") }] }),
      /by its name, which is not known/,
    ],
    ["another directive", main({ "$setElementOrder/env": [] }), /"\$patch" is the only directive/],
    [
      "a directive that is none",
      spec({ nodeSelector: { $patch: "merge" } }),
      /^spec\.nodeSelector\.\$patch = "merge" .*"delete" or "replace"/,
    ],

    [
      "the whole pod",
      spec({ $patch: "replace", containers: [] }),
      /^spec\.\$patch = "replace" this would remove the pod/,
    ],
    [
      "Flink's container",
      spec({ containers: [{ name: "taskmanager", $patch: "delete" }] }),
      /^spec\.containers\[0\]\.\$patch = "delete" .*Flink itself/,
    ],
    ["all containers", spec({ containers: [{ $patch: "replace" }] }), /remove the containers of the cluster/],
    ["all volumes", spec({ volumes: null }), /^spec\.volumes = null this would remove its volumes/],
    ["all labels", { metadata: { labels: null } }, /^metadata\.labels = null .*the labels of the cluster/],
    [
      "a label of the selector",
      { metadata: { labels: { "app.kubernetes.io/component": "x" } } },
      /^metadata\.labels\["app\.kubernetes\.io\/component"\] = "x" .*find the pods/,
    ],
    [
      "an annotation of ours",
      { metadata: { annotations: { "flink-kubernetes/config": null } } },
      /the component sets this/,
    ],
    ["the command", main({ command: ["sh"] }), /^spec\.containers\[0\]\.command the component starts Flink/],
    [
      "the image",
      main({ image: "flink:1" }),
      /^spec\.containers\[0\]\.image = "flink:1" .*use the argument image/,
    ],
    [
      "a port by name",
      main({ ports: [{ name: "rpc", containerPort: 1 }] }),
      /^spec\.containers\[0\]\.ports\[0\] the container already has port 6122 "rpc"/,
    ],
    ["a port by number", main({ ports: [{ containerPort: 6121 }] }), /already has port 6121 "data"/],
    [
      "a variable of ours",
      main({ env: [{ name: "POD_IP", value: "1" }] }),
      /^spec\.containers\[0\]\.env\[0\] = "POD_IP"/,
    ],
    [
      "a volume of ours",
      spec({ volumes: [{ name: "conf", $patch: "delete" }] }),
      /^spec\.volumes\[0\] = "conf" the component has a volume of this name/,
    ],
    [
      "a mount of ours",
      main({ volumeMounts: [{ name: "x", mountPath: "/tmp/" }] }),
      /volumeMounts\[0\]\.mountPath = "\/tmp\/" the component already mounts/,
    ],
    [
      "a mount over Flink",
      main({ volumeMounts: [{ name: "x", mountPath: "/opt/flink/plugins" }] }),
      /would hide the files .*\/opt\/flink\/plugins\/my-plugin/,
    ],
    ["the ServiceAccount", spec({ serviceAccountName: "x" }), /use the argument taskManager\.serviceAccount/],
    ["the restart policy", spec({ restartPolicy: "Never" }), /^spec\.restartPolicy = "Never"/],

    [
      "less memory than the process takes",
      main({ resources: { limits: { memory: "1Gi" } } }),
      /limits\.memory = "1Gi" the Flink process uses up to 1728Mi, .*write "1728Mi" or more/,
    ],
    [
      "thousandths of a byte",
      main({ resources: { limits: { memory: "1811939328000m" } } }),
      /a fraction of a byte/,
    ],
    [
      "no memory limit",
      main({ resources: { limits: { memory: null } } }),
      /remove the memory that Flink needs/,
    ],
    ["no resources", main({ resources: { $patch: "replace", limits: { cpu: "1" } } }), /remove the memory/],
    [
      "an unknown memory",
      main({ resources: { limits: { memory: pulumi.output("2Gi") } } }),
      /pass the plain value/,
    ],
    [
      "less memory for the whole pod",
      spec({ resources: { limits: { memory: "1Gi" } } }),
      /^spec\.resources\.limits\.memory = "1Gi"/,
    ],

    [
      "the host's network",
      spec({ hostNetwork: true }),
      /^spec\.hostNetwork = true the Pod Security Standard "restricted" refuses/,
    ],
    [
      "a privileged container",
      main({ securityContext: { privileged: true } }),
      /securityContext\.privileged = true/,
    ],
    ["root", spec({ securityContext: { runAsUser: 0 } }), /^spec\.securityContext\.runAsUser = 0/],
    [
      "a directory of the node",
      spec({ volumes: [{ name: "x", hostPath: { path: "/" } }] }),
      /^spec\.volumes\[0\]\.hostPath .*use emptyDir/,
    ],
    ["a port of the node", main({ ports: [{ containerPort: 1, hostPort: 1 }] }), /hostPort = 1/],
    [
      "further capabilities",
      main({ securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }),
      /capabilities\.add\[0\] = "SYS_ADMIN"/,
    ],
    [
      "no seccomp profile",
      spec({ securityContext: { seccompProfile: { type: "Unconfined" } } }),
      /seccompProfile\.type = "Unconfined"/,
    ],
  ];
  for (const [what, patch, message] of refused) {
    it(`may not change: ${what}`, () => assert.match(problemOf(patch), message));
  }

  it("may not change the name by which TaskManagers find the JobManager", () => {
    const template = deploymentsOf(model)[0].deployment.spec.template;
    const pod = protectedPod(template, { role: "jobManager", processSize, restricted: true });
    for (const field of ["hostname", "subdomain"]) {
      assert.match(
        problemOf(spec({ [field]: "mine" }), pod),
        new RegExp(`^spec\\.${field} = "mine" TaskManagers find`),
      );
      assert.deepEqual(check(spec({ [field]: "mine" })).problems, []);
    }
  });

  it("may not take the hooks of a container that has some", () => {
    const patch = main({ lifecycle: { preStop: { sleep: { seconds: 1 } } } });
    assert.deepEqual(check(patch, protect({ hooks: false })).problems, []);
    assert.match(problemOf(patch, protect({ hooks: true })), /lifecycle the component uses the hooks/);
  });

  it("may not change containers that a feature added", () => {
    const patch = spec({ initContainers: [{ name: "plugins", $patch: "delete" }] });
    assert.deepEqual(check(patch).problems, []);
    assert.match(
      problemOf(patch, protect({ otherContainers: ["plugins"] })),
      /= "plugins" the component has a container of this name/,
    );
  });

  it("with a new container needs the settings that Pod Security asks of every container", () => {
    const { problems } = check(spec({ containers: [{ name: "mine", image: "busybox:1" }] }));
    assert.deepEqual(
      problems.map(({ path, fix }) => `${path}: ${fix}`),
      [
        "taskManager.podPatch.spec.containers[0].securityContext.allowPrivilegeEscalation: write false",
        'taskManager.podPatch.spec.containers[0].securityContext.capabilities.drop: write ["ALL"]',
      ],
    );
  });

  it("only warns about Pod Security where the namespace is somebody else's", () => {
    const { problems, warnings } = check(
      spec({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }),
      protect({ restricted: false }),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      warnings.map(({ path }) => path),
      ["taskManager.podPatch.spec.hostNetwork"],
    );
  });

  it("that is refused is told everything at once", () => {
    const patch = {
      metadata: { labels: { "app.kubernetes.io/name": "x" } },
      spec: {
        hostPID: true,
        tolerations: {},
        containers: [{ name: "taskmanager", image: "x", args: [], resources: { limits: { memory: "1k" } } }],
      },
    };
    assert.equal(check(patch).problems.length, 6);
  });
});

describe("a patched pod", () => {
  const patched = (patch: unknown) => {
    const problems: Problem[] = [];
    checkPatched("taskManager.podPatch", strategicMerge(template, patch), problems);
    return problems.map(describeProblem).join("\n");
  };

  it("passes when nothing is wrong with it", () => {
    const volumeMounts = [{ name: "mine", mountPath: "/mine" }];
    const containers = [{ name: "taskmanager", volumeMounts }];
    assert.equal(patched(spec({ containers, volumes: [{ name: "mine", emptyDir: {} }] })), "");
  });

  it("is refused for what only comes together in it", () => {
    const probe = patched(main({ livenessProbe: { exec: { command: ["true"] } } }));
    assert.match(
      probe,
      /podPatch\n +in the patched pod, spec\.containers\[0\]\.livenessProbe: a probe has exactly one action/,
    );
    const mount = patched(main({ volumeMounts: [{ name: "nowhere", mountPath: "/x" }] }));
    assert.match(mount, /= "nowhere"\n +in the patched pod, .*the pod has no volume of this name/);
  });
});

describe("mounts and containers given as arguments", () => {
  it("may be anywhere but where the cluster and the image have theirs", () => {
    const places = [
      "/data",
      "/opt/flink/lib/my.jar",
      "/opt/flink/plugins/mine",
      "/opt/flink/log",
      "/opt/flink/lib/",
    ];
    const problems: Problem[] = [];
    places.forEach((mountPath, index) => checkMount(`m[${index}]`, { mountPath }, protect(), problems));
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["m[3].mountPath", "m[4].mountPath"],
    );
  });

  it("pass Pod Security with the settings of our own containers, and not without", () => {
    const problems: Problem[] = [];
    checkContainerSecurity("a", { securityContext: containerSecurityContext() }, true, problems);
    assert.deepEqual(problems, []);
    checkContainerSecurity("a", {}, true, problems);
    assert.equal(problems.length, 2);
  });
});
