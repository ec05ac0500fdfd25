import {
  type Fix,
  type Options,
  type Resource,
  type ResourceRule,
  resourceRule,
  type RuleInfo,
  type Run,
} from "../core";
import { type Stack, type StackRule, stackRule } from "../core";
import { clustersOf, type FlinkCluster, mayHaveFlink } from "./reading/clusters";
import { type FlinkProcess, mayRunFlink, processesOf } from "./reading/processes";
import { mayHoldSettings, type Setting, settingsIn } from "./reading/settings";

/** A rule for every Flink option in files, arguments, variables and custom resources. */
export function settingRule<const O extends Options>(
  rule: RuleInfo<O> & { check(setting: Setting, run: Run<O>): void },
): ResourceRule {
  const { check, ...info } = rule;
  return resourceRule<O>({
    ...info,
    applies: mayHoldSettings,
    check: (resource, run) => settingsIn(resource).forEach((setting) => check(setting, run)),
  });
}

/** A rule for each JobManager and TaskManager pod. */
export function processRule<const O extends Options>(
  rule: RuleInfo<O> & {
    check(process: FlinkProcess, run: Run<O>, resource: Resource): void;
    fixes?(process: FlinkProcess): Fix[];
  },
): ResourceRule {
  const { check, fixes, ...info } = rule;
  return resourceRule<O>({
    ...info,
    applies: mayRunFlink,
    check: (resource, run) => processesOf(resource).forEach((process) => check(process, run, resource)),
    // The pods of a custom resource are merged, so a place in them is not a place in the resource.
    ...(fixes
      ? { fixes: (resource) => processesOf(resource).flatMap((it) => (it.isCustom ? [] : fixes(it))) }
      : {}),
  });
}

/** A rule for each cluster, with all its resources in the stack. */
export function clusterRule<const O extends Options>(
  rule: RuleInfo<O> & { check(cluster: FlinkCluster, run: Run<O>, stack: Stack): void },
): StackRule {
  const { check, ...info } = rule;
  return stackRule<O>({
    ...info,
    applies: mayHaveFlink,
    check: (stack, run) => clustersOf(stack).forEach((cluster) => check(cluster, run, stack)),
  });
}
