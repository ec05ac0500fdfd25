import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

const of = (apiVersion: string, kind: string, kubernetes?: string) => ({
  manifests: [object(apiVersion, kind, {})],
  ...(kubernetes === undefined ? {} : { config: { kubernetes } }),
});

export const fixtures: Fixtures = {
  fails: [
    of("policy/v1beta1", "PodDisruptionBudget"),
    of("extensions/v1beta1", "Ingress", "v1.22"),
    {
      about: "which went earlier than others of its version",
      ...of("extensions/v1beta1", "Deployment", "v1.20"),
    },
    of("storage.k8s.io/v1beta1", "StorageClass", "v1.25"),
    { about: "lists go with their kind", ...of("apps/v1beta1", "DeploymentList", "v1.16") },
    { about: "of what is no longer known at all", ...of("autoscaling/v2beta1", "HorizontalPodAutoscaler") },
    of("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"),
    { about: "nothing took its place", ...of("policy/v1beta1", "PodSecurityPolicy") },
    {
      about: "by what is planned",
      ...of("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", "v1.40"),
    },
    { about: "which is not there yet", ...of("networking.k8s.io/v1", "IPAddress", "v1.30") },
  ],
  passes: [
    of("policy/v1", "PodDisruptionBudget"),
    {
      about: "still there in that version",
      ...of("autoscaling/v2beta2", "HorizontalPodAutoscaler", "v1.25"),
    },
    {
      about: "a new kind of a version whose old kinds are gone",
      ...of("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy"),
    },
    of("storage.k8s.io/v1beta1", "CSIStorageCapacity", "v1.26"),
    of("networking.k8s.io/v1", "IPAddress", "v1.33"),
    of("example.com/v1beta1", "Deployment"),
  ],
};
