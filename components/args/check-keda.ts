import type { Problem } from "../problems";
import { checkCount } from "./count";
import { scheduleProblem } from "./cron";
import type { KedaArgs, KedaFallbackArgs, KedaTriggerArgs } from "./keda";

const metricTypes = ["AverageValue", "Value", "Utilization"];
const authenticationKinds = ["TriggerAuthentication", "ClusterTriggerAuthentication"];

/** Triggers for a resource of the pods. KEDA passes them to Kubernetes and cannot tell when they fail. */
const resources = ["cpu", "memory"];

/** Checks what KEDA's own admission would refuse, without knowledge of each kind of trigger. */
export function checkKeda(
  given: KedaArgs,
  minimum: number,
  maximum: number,
  problems: Problem[],
): KedaArgs | undefined {
  const before = problems.length;
  const path = "autoscaling.keda";
  const triggers = given.triggers ?? [];
  if (triggers.length === 0) {
    const reason = "KEDA needs a trigger to scale by";
    problems.push({ path: `${path}.triggers`, reason, fix: "write at least one trigger, or leave keda out" });
  }
  triggers.forEach((trigger, index) => checkTrigger(`${path}.triggers[${index}]`, trigger, problems));
  checkNames(`${path}.triggers`, triggers, problems);
  if (given.pollingInterval !== undefined) {
    checkCount(
      `${path}.pollingInterval`,
      given.pollingInterval,
      1,
      "this must be a number of seconds",
      problems,
      86_400,
    );
  }
  if (given.fallback) checkFallback(given.fallback, triggers, minimum, maximum, problems);
  return problems.length === before ? given : undefined;
}

function checkTrigger(path: string, trigger: KedaTriggerArgs, problems: Problem[]): void {
  const { type, metadata, metricType, authenticationRef } = trigger;
  if (!type) {
    const reason = "the type of the trigger is missing";
    problems.push({ path: `${path}.type`, reason, fix: "write a type, such as kafka, prometheus or cpu" });
  }
  if (!metadata || Object.keys(metadata).length === 0) {
    const reason = "without metadata the trigger has neither a source nor a target";
    problems.push({
      path: `${path}.metadata`,
      reason,
      fix: "write the metadata that KEDA's page on this trigger lists",
    });
  }
  if (type === "cron") checkCron(`${path}.metadata`, metadata, problems);
  const allowed = resources.includes(type) ? ["AverageValue", "Utilization"] : ["AverageValue", "Value"];
  // Without a metric type, KEDA compares a resource as AverageValue, a quantity. That is rarely intended.
  if (metricType === undefined ? resources.includes(type) : !allowed.includes(metricType)) {
    const known = metricType === undefined || metricTypes.includes(metricType);
    problems.push({
      path: `${path}.metricType`,
      value: metricType,
      reason: known
        ? `a trigger of type ${type} needs one of two metric types`
        : "KEDA has no metric type of this name",
      fix: `write ${allowed.join(" or ")}`,
    });
  }
  if (!authenticationRef) return;
  if (!authenticationRef.name) {
    const reason = "this reference to an object has no name";
    problems.push({ path: `${path}.authenticationRef.name`, reason, fix: "write the name of the object" });
  }
  if (authenticationRef.kind !== undefined && !authenticationKinds.includes(authenticationRef.kind)) {
    problems.push({
      path: `${path}.authenticationRef.kind`,
      value: authenticationRef.kind,
      reason: "KEDA has no authentication object of this kind",
      fix: `write ${authenticationKinds.join(" or ")}`,
    });
  }
}

/** KEDA's cron scaler reads the same five fields as Kubernetes. */
function checkCron(path: string, metadata: KedaTriggerArgs["metadata"], problems: Problem[]): void {
  for (const field of ["start", "end"]) {
    const value: unknown = metadata?.[field];
    if (typeof value !== "string") continue;
    const wrong = scheduleProblem(value);
    if (wrong) problems.push({ path: `${path}.${field}`, value, ...wrong });
  }
}

function checkNames(path: string, triggers: KedaTriggerArgs[], problems: Problem[]): void {
  triggers.forEach(({ name }, index) => {
    const first = triggers.findIndex((other) => other.name === name);
    if (name === undefined || first === index) return;
    problems.push({
      path: `${path}[${index}].name`,
      value: name,
      reason: `${path}[${first}] has this name, and each trigger needs its own`,
      fix: "give it another name, or leave it out",
    });
  });
}

function checkFallback(
  { failureThreshold, replicas }: KedaFallbackArgs,
  triggers: KedaTriggerArgs[],
  minimum: number,
  maximum: number,
  problems: Problem[],
): void {
  const path = "autoscaling.keda.fallback";
  if (triggers.length > 0 && triggers.every(({ type }) => resources.includes(type))) {
    const reason = "Kubernetes itself measures cpu and memory, and KEDA does not notice if this fails";
    problems.push({ path, reason, fix: "leave it out, or add a trigger of another kind" });
  }
  checkCount(
    `${path}.failureThreshold`,
    failureThreshold ?? Number.NaN,
    1,
    "this must be a number of failures in a row",
    problems,
  );
  const bounds = `the autoscaler's bounds are ${minimum} and ${maximum}`;
  checkCount(`${path}.replicas`, replicas ?? Number.NaN, minimum, bounds, problems, maximum);
}
