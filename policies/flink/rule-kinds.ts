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

/** A rule about every option of Flink that somebody writes, wherever: files, arguments, variables, custom resources. */
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

/** A rule about every JobManager and TaskManager pod by itself. */
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
    // The pods of a custom resource are merged: a place in them is no place in the resource.
    ...(fixes
      ? { fixes: (resource) => processesOf(resource).flatMap((it) => (it.isCustom ? [] : fixes(it))) }
      : {}),
  });
}

/** A rule about every cluster, with all that the stack says of it. */
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
