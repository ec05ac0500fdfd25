import * as fs from "node:fs";
import * as path from "node:path";
import { yamlOf } from "../../recorder/yaml";
import { addresses, apiServer, containerdSocket, nodeName, type Folders } from "./layout";

/** The name of the imported sandbox image. The node never pulls images. */
export const pauseImage = "flink-kubernetes.local/pause:1";

/** Writes the configuration file of every program, and the kubeconfig for users. */
export function writeConfiguration(at: Folders): void {
  fs.mkdirSync(at.configuration, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string) =>
    fs.writeFileSync(path.join(at.configuration, name), text, { mode: 0o600 });
  write("resolv.conf", `nameserver ${addresses.node}\n`);
  write("kubelet.yaml", yamlOf(kubeletConfiguration(at)));
  write("containerd.toml", containerdConfiguration(at));
  write("Corefile", corefile(at));
  write(
    "system.yaml",
    systemObjects(at)
      .map((object) => yamlOf(object))
      .join("---\n"),
  );
  fs.mkdirSync(path.join(at.configuration, "cni"), { recursive: true });
  write("cni/10-bridge.conflist", JSON.stringify(bridge, undefined, 2));
  for (const user of ["controller-manager", "scheduler", "proxy", "kubelet", "admin"]) {
    write(`${user}.kubeconfig`, kubeconfig(at, user));
  }
  fs.writeFileSync(at.kubeconfig, kubeconfig(at, "admin"), { mode: 0o600 });
}

function kubeconfig(at: Folders, user: string): string {
  const data = (name: string) => fs.readFileSync(path.join(at.certificates, name)).toString("base64");
  return yamlOf({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: nodeName, cluster: { server: apiServer, "certificate-authority-data": data("ca.crt") } },
    ],
    users: [
      {
        name: user,
        user: { "client-certificate-data": data(`${user}.crt`), "client-key-data": data(`${user}.key`) },
      },
    ],
    contexts: [{ name: nodeName, context: { cluster: nodeName, user } }],
    "current-context": nodeName,
  });
}

function kubeletConfiguration(at: Folders): object {
  const certificate = (name: string) => path.join(at.certificates, name);
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: addresses.node,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificate("ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: certificate("kubelet.crt"),
    tlsPrivateKeyFile: certificate("kubelet.key"),
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    clusterDNS: [addresses.node],
    clusterDomain: "cluster.local",
    resolvConf: path.join(at.configuration, "resolv.conf"),
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${nodeName}`,
    // Many machines still have version 1, where kubelet refuses to start by default.
    failCgroupV1: false,
    // Common limits of all pods would be set on cgroups that kubelet does not own here.
    enforceNodeAllocatable: [],
    failSwapOn: false,
    // Otherwise kubelet would change the machine's kernel parameters; mounts.sh shows it the expected values.
    protectKernelDefaults: true,
    // A full disk of the developer must not delete images, because they cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "nodefs.inodesFree": "1%",
      "imagefs.available": "1%",
    },
    registerNode: true,
    nodeStatusUpdateFrequency: "5s",
  };
}

function containerdConfiguration(at: Folders): string {
  return `version = 3
root = "${at.containerd}"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.nri.v1.nri",
  "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
  address = "${containerdSocket}"

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "${pauseImage}"

[plugins."io.containerd.cri.v1.runtime"]
  # The sandbox may not lower its oom_score_adj where this process's own is higher.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "${path.join(at.configuration, "cni")}"
`;
}

const bridge = {
  cniVersion: "1.0.0",
  name: nodeName,
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      hairpinMode: true,
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: addresses.nodePods }]],
        routes: [{ dst: "0.0.0.0/0" }],
        dataDir: "/run/cni/addresses",
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

function corefile(at: Folders): string {
  // Without a cache: all data is in memory, and a pod's early query must not get a negative answer for
  // seconds.
  return `cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    bind ${addresses.node}
    errors
    health 127.0.0.1:8080
    ready 127.0.0.1:8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig ${path.join(at.configuration, "admin.kubeconfig")} ${nodeName}
        ttl 5
    }
}
`;
}

/** metrics-server runs outside of pods, behind a Service without a selector. */
function systemObjects(at: Folders): object[] {
  const namespace = "kube-system";
  const name = "metrics-server";
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace },
      spec: { ports: [{ name: "https", port: 443, targetPort: 4443 }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: [{ name: "https", port: 4443, protocol: "TCP" }],
      endpoints: [{ addresses: [addresses.node], conditions: { ready: true } }],
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io" },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        service: { name, namespace, port: 443 },
        caBundle: fs.readFileSync(path.join(at.certificates, "ca.crt")).toString("base64"),
      },
    },
  ];
}
