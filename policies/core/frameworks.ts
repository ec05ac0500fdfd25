/** A published set of controls that rules cover. */
export interface Framework {
  readonly name: string;
  readonly version: string;
  /** The address of the framework, or of a third party's mapping. */
  readonly url: string;
  /** Titles of the controls that some rule covers, by number or name. */
  readonly controls: Readonly<Record<string, string>>;
}

function framework<const Id extends string>(
  given: Omit<Framework, "controls"> & { controls: Record<Id, string> },
) {
  return given;
}

/** Frameworks by name, with the controls that concern manifests. */
export const frameworks = {
  cis: framework({
    name: "CIS Kubernetes Benchmark",
    version: "1.10",
    url: "https://www.cisecurity.org/benchmark/kubernetes",
    controls: {
      "5.1.1": "Ensure that the cluster-admin role is only used where required",
      "5.1.2": "Minimize access to secrets",
      "5.1.3": "Minimize wildcard use in Roles and ClusterRoles",
      "5.1.4": "Minimize access to create pods",
      "5.1.5": "Ensure that default service accounts are not actively used",
      "5.1.6": "Ensure that Service Account Tokens are only mounted where necessary",
      "5.1.7": "Avoid use of system:masters group",
      "5.1.8": "Limit use of the Bind, Impersonate and Escalate permissions in the Kubernetes cluster",
      "5.1.9": "Minimize access to create persistent volumes",
      "5.1.10": "Minimize access to the proxy sub-resource of nodes",
      "5.1.11": "Minimize access to the approval sub-resource of certificatesigningrequests objects",
      "5.1.12": "Minimize access to webhook configuration objects",
      "5.1.13": "Minimize access to the service account token creation",
      "5.2.1": "Ensure that the cluster has at least one active policy control mechanism in place",
      "5.2.2": "Minimize the admission of privileged containers",
      "5.2.3": "Minimize the admission of containers wishing to share the host process ID namespace",
      "5.2.4": "Minimize the admission of containers wishing to share the host IPC namespace",
      "5.2.5": "Minimize the admission of containers wishing to share the host network namespace",
      "5.2.6": "Minimize the admission of containers with allowPrivilegeEscalation",
      "5.2.7": "Minimize the admission of root containers",
      "5.2.8": "Minimize the admission of containers with the NET_RAW capability",
      "5.2.9": "Minimize the admission of containers with added capabilities",
      "5.2.10": "Minimize the admission of containers with capabilities assigned",
      "5.2.11": "Minimize the admission of Windows HostProcess containers",
      "5.2.12": "Minimize the admission of HostPath volumes",
      "5.2.13": "Minimize the admission of containers which use HostPorts",
      "5.3.2": "Ensure that all Namespaces have NetworkPolicies defined",
      "5.4.1": "Prefer using Secrets as files over Secrets as environment variables",
      "5.7.1": "Create administrative boundaries between resources using namespaces",
      "5.7.2": "Ensure that the seccomp profile is set to docker/default in your Pod definitions",
      "5.7.3": "Apply SecurityContext to your Pods and Containers",
      "5.7.4": "The default namespace should not be used",
    },
  }),
  "nsa-cisa": framework({
    name: "NSA/CISA Kubernetes Hardening Guide",
    version: "1.2",
    url: "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF",
    controls: {
      "non-root": "“Non-root” containers and “rootless” container engines",
      "immutable-file-systems": "Immutable container file systems",
      "secure-images": "Building secure container images",
      "pod-security": "Pod security enforcement",
      "service-account-tokens": "Protecting Pod service account tokens",
      "hardening-containers": "Hardening container environments",
      namespaces: "Namespaces",
      "network-policies": "Network policies",
      "resource-policies": "Resource policies",
      encryption: "Encryption",
      secrets: "Secrets",
      rbac: "Role-based access control",
      upgrades: "Upgrading and application security practices",
    },
  }),
  // The only published mapping by control is from ComplianceAsCode. It covers Kubernetes objects for these
  // three.
  "pci-dss": framework({
    name: "PCI DSS",
    version: "4.0",
    url: "https://github.com/ComplianceAsCode/content/blob/master/controls/pcidss_4_ocp4.yml",
    controls: {
      "1.2.6":
        "Security features are defined and implemented for all services, protocols, and ports that are in use and considered to be insecure, such that the risk is mitigated",
      "1.3.1": "Inbound traffic to the CDE is restricted to only traffic that is necessary",
      "1.4.1": "NSCs are implemented between trusted and untrusted networks",
    },
  }),
} satisfies Record<string, Framework>;

export type FrameworkName = keyof typeof frameworks;

/** Controls that a rule covers, by framework. An unknown number does not compile. */
export type Controls = {
  readonly [F in FrameworkName]?: readonly (keyof (typeof frameworks)[F]["controls"])[];
};

/** The controls of a rule with their frameworks, as a list. */
export function controlsOf(
  controls: Controls = {},
): { framework: FrameworkName; about: Framework; id: string; title: string }[] {
  return (Object.keys(frameworks) as FrameworkName[]).flatMap((framework) => {
    const about: Framework = frameworks[framework];
    const ids: readonly string[] = controls[framework] ?? [];
    return ids.map((id) => ({ framework, about, id, title: about.controls[id]! }));
  });
}
