import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

const service = (spec: Record<string, unknown> = {}, annotations?: Record<string, string>) =>
  object("v1", "Service", { spec: { type: "LoadBalancer", ...spec } }, annotations ? { annotations } : {});
const ranges = (...loadBalancerSourceRanges: string[]) => service({ loadBalancerSourceRanges });
const annotated = (key: string, value: string, spec: Record<string, unknown> = {}) =>
  service(spec, { [key]: value });
const aws = "service.beta.kubernetes.io/aws-load-balancer";
const source = "service.beta.kubernetes.io/load-balancer-source-ranges";

/** How each cloud says that a load balancer is an internal one. */
const internal = {
  [`${aws}-internal`]: "true",
  "networking.gke.io/load-balancer-type": "Internal",
  "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
  "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
  "oci-network-load-balancer.oraclecloud.com/internal": "true",
  "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private",
  "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": "intranet",
  "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": "subnet-3f2a",
  "kubernetes.io/elb.autocreate": '{"type":"inner"}',
  "service.beta.kubernetes.io/cce-load-balancer-internal-vpc": "true",
  "service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
  "service.beta.kubernetes.io/do-loadbalancer-network": "INTERNAL",
  "load-balancer.hetzner.cloud/disable-public-network": "true",
  "service.beta.kubernetes.io/scw-loadbalancer-private": "true",
  "yandex.cloud/load-balancer-type": "internal",
  "service.beta.kubernetes.io/osc-load-balancer-internal": "true",
};

export const fixtures: Fixtures = {
  fails: [
    { manifests: [service()], at: ["spec.loadBalancerSourceRanges"] },
    { manifests: [ranges("0.0.0.0/0")] },
    { about: "two halves are the whole", manifests: [ranges("10.0.0.0/8", "0.0.0.0/1", "128.0.0.0/1")] },
    { manifests: [ranges("::/1")] },
    { manifests: [ranges()] },
    {
      about: "by the annotation",
      manifests: [annotated(source, "10.0.0.0/8, 0.0.0.0/0")],
      at: [`metadata.annotations["${source}"]`],
    },
    {
      about: "a name in the network's own DNS says nothing of the load balancer",
      manifests: [annotated("external-dns.alpha.kubernetes.io/internal-hostname", "web.internal.example")],
    },
    { manifests: [annotated(`${aws}-scheme`, "internet-facing")] },
    { manifests: [annotated(`${aws}-internal`, "false", { loadBalancerClass: "service.k8s.aws/nlb" })] },
    { manifests: [annotated("service.beta.kubernetes.io/azure-load-balancer-internal", "false")] },
    {
      about: "of somebody else",
      manifests: [annotated("example.com/internal", "true")],
    },
    {
      about: "one range by the field, and all by an annotation that does not count then",
      manifests: [annotated(source, "10.0.0.0/8", { loadBalancerSourceRanges: ["0.0.0.0/0"] })],
      at: ["spec.loadBalancerSourceRanges"],
    },
  ],
  passes: [
    { manifests: [ranges("10.0.0.0/8")] },
    { manifests: [annotated(`${aws}-scheme`, "internal")] },
    { manifests: [annotated(source, "198.51.100.0/24")] },
    {
      about: "what Amazon's controller makes is internal unless it is told otherwise",
      manifests: [annotated(`${aws}-type`, "external")],
    },
    { manifests: [service({ loadBalancerClass: "service.k8s.aws/nlb" })] },
    ...Object.entries(internal).map(([key, value]) => ({ manifests: [annotated(key, value)] })),
    { manifests: [object("v1", "Service", { spec: { type: "ClusterIP" } })] },
    { manifests: [service({ loadBalancerClass: "eks.amazonaws.com/nlb" })] },
    { manifests: [service({ loadBalancerClass: "tailscale" })] },
    { manifests: [annotated(`${aws}-type`, "nlb-ip")] },
    ...[
      "cloud.google.com/load-balancer-type",
      "lb.stackit.cloud/internal-lb",
      "yawol.stackit.cloud/internalLB",
    ].map((key) => ({ manifests: [annotated(key, key.startsWith("cloud") ? "Internal" : "true")] })),
  ],
};
