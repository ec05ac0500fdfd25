import { rules, subjects } from "./rules";

/** The definition of the pack. `index.ts` starts it. */
export const pack = {
  name: "flink-kubernetes-security",
  displayName: "Kubernetes security",
  description:
    "Pod Security Standards, resources, images, rights, network exposure and availability of everything that a stack creates on Kubernetes.",
  rules,
  subjects,
  pages: "docs/policies/kubernetes/",
};
