import { podRule, type Value } from "../../core";

export const rootGroups = podRule({
  name: "root-groups",
  description: "Containers are not told to run in root's group.",
  why: "Files of group 0 are then open to the container: many images give that group rights.",
  level: "advisory",
  severity: "low",
  check(pod, run) {
    const context = pod.securityContext;
    const places: Value[] = [
      context.get("runAsGroup"),
      context.get("fsGroup"),
      ...context.get("supplementalGroups").list(),
      ...pod.containers.map((container) => container.securityContext.get("runAsGroup")),
    ];
    for (const value of places) {
      if (value.number() !== 0) continue;
      run.violation(value, { expected: "another group than 0", fix: "Use the number of an ordinary group." });
    }
  },
});
