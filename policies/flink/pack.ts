import { rules, subjects } from "./rules";

/** The definition of the pack. `index.ts` starts it. */
export const pack = {
  name: "flink-safety",
  displayName: "Flink safety",
  description:
    "Memory, durable state, exposure, rights, availability and versions of Apache Flink on Kubernetes: standalone, as components, or by the Flink operator.",
  rules,
  subjects,
  pages: "docs/policies/flink/",
};
