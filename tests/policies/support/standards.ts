import { evaluateResource, Resource } from "../../../policies/core";
import type { ControlRule } from "../../../policies/kubernetes/pod-security/standard";
import type { ReferencePod } from "./reference";

type Fields = Record<string, unknown>;

/** One of every kind that runs pods, around a pod. */
export const kinds: Readonly<Record<string, (pod: Fields) => Fields>> = {
  "core/v1:Pod": (pod) => pod,
  "core/v1:PodTemplate": (pod) => ({ metadata: {}, template: pod }),
  "core/v1:ReplicationController": inTemplate,
  "apps/v1:Deployment": inTemplate,
  "apps/v1:StatefulSet": inTemplate,
  "apps/v1:DaemonSet": inTemplate,
  "apps/v1:ReplicaSet": inTemplate,
  "batch/v1:Job": inTemplate,
  "batch/v1:CronJob": (pod) => ({ metadata: {}, spec: { jobTemplate: { spec: { template: pod } } } }),
};

function inTemplate(pod: Fields): Fields {
  return { metadata: {}, spec: { template: pod } };
}

/** Ids of the violated controls, in lower case, as the reference would name them. */
export function violated(
  controls: readonly ControlRule[],
  type: string,
  props: Fields,
  level: string,
  minor: number,
): string[] {
  const resource = new Resource({ type: `kubernetes:${type}`, props, urn: "urn", name: "pod" });
  const own = { podSecurityLevel: level, podSecurityVersion: `v1.${minor}` };
  return controls
    .filter((rule) => {
      const outcome = evaluateResource(rule, resource, { own })!;
      if (outcome.error) throw outcome.error;
      return outcome.violations.length > 0;
    })
    .map(({ control }) => control.id.toLowerCase());
}

/** The stricter controls that stand in for others at level restricted: the reference runs no others there. */
export function expectedControl({ control, level, minor }: ReferencePod): string {
  if (level === "baseline") return control;
  if (control === "hostpathvolumes") return "restrictedvolumes";
  if (control === "capabilities_baseline" && minor >= 22) return "capabilities_restricted";
  if (control === "seccompprofile_baseline" && minor >= 19) return "seccompprofile_restricted";
  if (control === "procmount" && minor >= 35) return "procmount_restricted";
  return control;
}

export interface Score {
  right: number;
  all: number;
  wrong: string[];
}

/** Verdicts on the reference's pods: allowed or denied as it says, and denied by the control that it says. */
export function scoreReference(
  controls: readonly ControlRule[],
  pods: readonly ReferencePod[],
  kind: string,
): { verdicts: Score; attributed: Score } {
  const verdicts: Score = { right: 0, all: 0, wrong: [] };
  const attributed: Score = { right: 0, all: 0, wrong: [] };
  const note = (score: Score, isRight: boolean, what: string) => {
    score.all++;
    if (isRight) score.right++;
    else score.wrong.push(what);
  };
  for (const reference of pods) {
    const props = kinds[kind]!(reference.pod);
    const found = violated(controls, kind, props, reference.level, reference.minor);
    const what = `${kind} ${reference.file}: ${found.join(", ") || "allowed"}`;
    note(verdicts, (found.length === 0) === reference.pass, what);
    if (!reference.pass) note(attributed, found.includes(expectedControl(reference)), what);
  }
  return { verdicts, attributed };
}
