import type { Resource, Value } from "../../core";

const yes = /^true$/i;

/**
 * Annotations that make the load balancer of a Service internal in each cloud, with the values that do so.
 * Names of a DNS entry, of a subnet or of a class do not show it.
 */
const annotations: Readonly<Record<string, RegExp>> = {
  // Amazon: its controller, and Kubernetes' former built-in support, where any value except false means
  // internal
  "service.beta.kubernetes.io/aws-load-balancer-scheme": /^internal$/,
  "service.beta.kubernetes.io/aws-load-balancer-internal": /^(?!false$)./,
  // Google
  "networking.gke.io/load-balancer-type": /^internal$/i,
  "cloud.google.com/load-balancer-type": /^internal$/i,
  // Microsoft
  "service.beta.kubernetes.io/azure-load-balancer-internal": yes,
  // Oracle, load balancers and network load balancers
  "service.beta.kubernetes.io/oci-load-balancer-internal": yes,
  "oci-network-load-balancer.oraclecloud.com/internal": yes,
  // IBM
  "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": /^private$/,
  // Alibaba, Tencent, Huawei, Baidu
  "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": /^intranet$/i,
  "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": /./,
  "kubernetes.io/elb.autocreate": /"type"\s*:\s*"inner"/,
  "service.beta.kubernetes.io/cce-load-balancer-internal-vpc": yes,
  // OpenStack, and the clouds that run it
  "service.beta.kubernetes.io/openstack-internal-load-balancer": yes,
  "lb.stackit.cloud/internal-lb": yes,
  "yawol.stackit.cloud/internalLB": yes,
  // DigitalOcean, Hetzner, Scaleway, Yandex, Outscale
  "service.beta.kubernetes.io/do-loadbalancer-network": /^internal$/i,
  "load-balancer.hetzner.cloud/disable-public-network": yes,
  "service.beta.kubernetes.io/scw-loadbalancer-private": yes,
  "yandex.cloud/load-balancer-type": /^internal$/,
  "service.beta.kubernetes.io/osc-load-balancer-internal": yes,
};

const scheme = "service.beta.kubernetes.io/aws-load-balancer-scheme";
const old = "service.beta.kubernetes.io/aws-load-balancer-internal";
const type = "service.beta.kubernetes.io/aws-load-balancer-type";

/** Whether a Service's load balancer is internal: undefined while unknown. */
export function isInternal(service: Resource): boolean | undefined {
  const all = service.metadata.get("annotations");
  const classes = service.spec.get("loadBalancerClass");
  const deciding = [...Object.keys(annotations), type].map((key) => all.get(key));
  const isHidden = [all, classes, ...deciding].map((value) => value.isUnknown).includes(true);
  const isSaid = Object.entries(annotations).some(([key, how]) => how.test(all.get(key).text() ?? ""));
  if (isSaid || isOfAmazonsController(all, classes) || classes.text() === "tailscale") return true;
  return isHidden ? undefined : false;
}

/** Amazon's controller creates internal load balancers by default. */
function isOfAmazonsController(all: Value, classes: Value): boolean {
  if (all.get(scheme).isPresent || all.get(old).isPresent) return false;
  const isByClass = ["service.k8s.aws/nlb", "eks.amazonaws.com/nlb"].includes(classes.text() ?? "");
  return isByClass || ["external", "nlb-ip"].includes(all.get(type).text() ?? "");
}
