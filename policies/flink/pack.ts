import { rules, subjects } from "./rules";

/** What the pack is, without starting it: `index.ts` does that. */
export const pack = {
  name: "flink-safety",
  displayName: "Flink safety",
  description:
    "Memory, durable state, exposure, rights, availability and versions of Apache Flink on Kubernetes: standalone, as components, or by the Flink operator.",
  rules,
  subjects,
  pages: "docs/policies/flink/",
};
