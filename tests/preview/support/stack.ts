import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../../recorder/json";
import { decode } from "../../../recorder/values";
import { urnOf } from "../../../recorder/registration";
import { type Json, normalise } from "../../../preview/normal";
import { type Registered, type Registrations, registrationsFormat } from "../../../preview/sources/renders";
import { record } from "../../unit/kubernetes/recorder";
import { programOf, type StackModel } from "./model";

/** What the program of a stack registers, as a rendering has it. */
export async function rendering(model: StackModel): Promise<Registrations> {
  const { recorded } = await record(() => programOf(model), { preview: true });
  const resources = recorded.map((one): Registered => {
    const { type, name, parent, dependencies, ignoreChanges, protect, inputs } = one;
    const { shown } = decode(inputs as JsonObject);
    return {
      urn: urnOf("prod", "orders", parent, type, name),
      type,
      name,
      parent: ownUrn(parent),
      dependencies: dependencies.map(ownUrn),
      protect,
      retainOnDelete: false,
      ignoreChanges,
      inputs: normalise(type, shown),
    };
  });
  return { format: registrationsFormat, project: "orders", stack: "prod", resources };
}

/** The recorder's project and stack have other names. */
function ownUrn(urn: string): string {
  const [, types = "", ...name] = urn.split("::").slice(1);
  return urn === "" ? "" : ["urn:pulumi:prod", "orders", types, ...name].join("::");
}

type Side = Map<string, Registered>;

const byUrn = ({ resources }: Registrations): Side => new Map(resources.map((one) => [one.urn, one]));

interface Step {
  op: string;
  urn: string;
  was?: Registered;
  is?: Registered;
}

/** The engine's steps for what lies between two renderings, as it takes them: what is replaced has three. */
function steps(base: Registrations, head: Registrations): Step[] {
  const [before, after] = [byUrn(base), byUrn(head)];
  const found: Step[] = [];
  for (const [urn, is] of after) {
    const was = before.get(urn);
    if (!was) found.push({ op: "create", urn, is });
    else if (isDeepStrictEqual(was.inputs, kept({ was, is }))) found.push({ op: "same", urn, was, is });
    else found.push({ op: "update", urn, was, is });
  }
  for (const [urn, was] of before) if (!after.has(urn)) found.push({ op: "delete", urn, was });
  return found;
}

function state(
  { urn, type, parent, protect, dependencies }: Registered,
  inputs: unknown,
  withDependencies: boolean,
) {
  const shape = { urn, type, custom: true, id: "id", parent, protect, inputs, outputs: {} };
  return withDependencies ? { ...shape, dependencies } : shape;
}

/** As the engine has them: what is ignored is already as it was. */
function states({ was, is }: Step, withDependencies: boolean) {
  return {
    old: was && state(was, was.inputs, withDependencies),
    new: is && state(is, kept({ was, is }), withDependencies),
  };
}

function kept({ was, is }: Pick<Step, "was" | "is">): unknown {
  return is?.ignoreChanges.includes("spec.replicas") && was ? withReplicasOf(was, is) : is?.inputs;
}

function withReplicasOf(was: Registered, is: Registered): unknown {
  const spec = { ...(is.inputs.spec as JsonObject), replicas: (was.inputs.spec as JsonObject).replicas };
  return { ...is.inputs, spec: spec as Json };
}

/** Events of a preview, a line each. */
export function eventLines(base: Registrations, head: Registrations): string {
  const lines = steps(base, head).map((step, sequence) => {
    const { type } = (step.is ?? step.was)!;
    const metadata = { op: step.op, urn: step.urn, type, provider: "", ...states(step, false) };
    return { sequence, timestamp: 1, resourcePreEvent: { metadata, planning: true } };
  });
  const summary = { sequence: lines.length, timestamp: 1, summaryEvent: { resourceChanges: {} } };
  return [...lines, summary].map((event) => `${JSON.stringify(event)}\n`).join("");
}

/** The document of `pulumi preview --json`. */
export function jsonDocument(base: Registrations, head: Registrations): string {
  const list = steps(base, head).map((step) => {
    const { old, new: now } = states(step, true);
    return {
      op: step.op,
      urn: step.urn,
      provider: "",
      ...(old ? { oldState: old } : {}),
      ...(now ? { newState: now } : {}),
    };
  });
  return `${JSON.stringify({ config: {}, steps: list, diagnostics: [], duration: 1, changeSummary: {} }, undefined, 4)}\n`;
}
