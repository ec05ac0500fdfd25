import { isObject, type JsonObject, omit } from "../json";
import type { KubernetesObject, Reference } from "../kubernetes";
import { type Finding, messageOf, type Operation } from "../record/events";
import type { Answer, Pass, Read } from "../record/host";
import {
  describe,
  identity,
  idOf,
  isKubernetes,
  kindOf,
  objectOf,
  parseId,
  referenceOf,
} from "../record/objects";
import { isRandom, randomAnswer } from "../record/random";
import { invokeRefusal, readRefusal, refusal, takesOver } from "../record/refusals";
import type { Registration } from "../record/registration";
import { hasUnknown } from "../record/values";
import { isBeingDeleted, isJob, missingNamespace, place, type Plan, plan, tryInDefault } from "./apply";
import type { Entry } from "./inventory";
import { deleteCommand, knowsItself, withoutStringData } from "./live";
import type { Target } from "./providers";
import { remembered } from "./random";
import { protectedFindings } from "./remove";
import type { Session } from "./session";

export interface Change {
  urn: string;
  kind: string;
  namespace?: string;
  name: string;
  op: Operation;
}

/**
 * Pass 1: everything is validated and nothing is changed. Findings are collected, never thrown, so that one run tells them all.
 */
export class Check implements Pass {
  readonly findings: Finding[] = [];
  readonly changes: Change[] = [];
  /** Known objects of the program: identity to URN. */
  private readonly objects = new Map<string, { urn: string; reference: Reference }>();
  private readonly definitions = new Set<string>();
  /** URNs whose object has no name yet. */
  private readonly unnamed = new Set<string>();
  private readonly wantedNamespaces: { urn: string; namespace: string }[] = [];
  private readonly wantedKinds: { urn: string; apiVersion: string; kind: string }[] = [];

  constructor(private readonly session: Session) {}

  async register(registration: Registration): Promise<Answer> {
    const { urn, type, inputs, custom } = registration;
    const refused = refusal(registration);
    if (refused !== undefined) {
      this.findings.push({ urn, message: refused });
      return { outputs: inputs, secretKeys: registration.secretKeys };
    }
    if (!custom) {
      return { outputs: inputs, secretKeys: registration.secretKeys };
    }
    if (isRandom(type)) {
      const value = remembered(registration, this.session.inventory.secret("random", urn));
      return value
        ? randomAnswer(registration, value)
        : { outputs: inputs, secretKeys: registration.secretKeys };
    }
    if (!isKubernetes(type)) {
      return this.registerProvider(registration);
    }
    let object = objectOf(registration);
    try {
      const target = this.session.providers.target(registration.provider);
      if (target && knowsItself(object)) {
        return await this.checkObject(registration, object, target);
      }
      this.unnamed.add(urn);
    } catch (error) {
      if (this.session.signal.aborted) {
        throw error;
      }
      object = objectOf(registration);
      const what = describe(referenceOf(object));
      const text = messageOf(error);
      this.findings.push({ urn, message: text.includes(what) ? text : `${what}: ${text}` });
    }
    return this.answer(registration, object, undefined);
  }

  private registerProvider(registration: Registration): Answer {
    const refused = registration.type.endsWith(":random")
      ? undefined
      : this.session.providers.add(registration);
    if (refused !== undefined) {
      this.findings.push({ urn: registration.urn, message: refused });
    }
    return { id: "direct", outputs: registration.inputs, secretKeys: registration.secretKeys };
  }

  private async checkObject(
    registration: Registration,
    object: KubernetesObject,
    target: Target,
  ): Promise<Answer> {
    const { signal } = this.session;
    const { urn, options } = registration;
    this.noteDefinition(object);
    const placed = await place(object, target, signal);
    if (!placed) {
      this.wantedKinds.push({ urn, apiVersion: object.apiVersion, kind: object.kind });
      this.note(registration, referenceOf(object), "create");
      return this.answer(registration, object, undefined);
    }
    const reference = referenceOf(placed);
    const live = await target.cluster.get(reference, signal);
    const adopted = adoptionProblem(live, reference, registration, target, this.session);
    if (adopted !== undefined) {
      this.findings.push({ urn, message: adopted });
    }
    if (hasUnknown(placed)) {
      this.note(registration, reference, live ? "update" : "create");
      return this.answer(registration, placed, live);
    }
    const planned = await this.plan(registration, withoutStringData(placed), live, target);
    this.note(registration, reference, planned.op);
    if (planned.op === "replace") {
      this.checkReplace(registration, live!, planned);
    }
    if (planned.op === "create" || planned.op === "replace") {
      const result = omit(planned.result, "status") as KubernetesObject; // what it will become is not known
      return this.answer(registration, result, undefined);
    }
    return this.answer(
      registration,
      planned.result,
      options.ignoreChanges.includes("*") ? live : planned.result,
    );
  }

  private async plan(
    registration: Registration,
    object: KubernetesObject,
    live: KubernetesObject | undefined,
    target: Target,
  ): Promise<Plan> {
    const { signal } = this.session;
    try {
      return await plan(target.cluster, object, registration.options.ignoreChanges, live, signal);
    } catch (error) {
      const namespace = missingNamespace(error, object);
      if (namespace !== undefined) {
        this.wantedNamespaces.push({ urn: registration.urn, namespace });
        return { op: "create", result: await tryInDefault(target.cluster, object, signal) };
      }
      if (this.isAboutThisRun(error)) {
        return { op: "create", result: object };
      }
      throw error;
    }
  }

  /** A role or service account that the same run creates is not there for a dry run: the server says not found, and it is no mistake. */
  private isAboutThisRun(error: unknown): boolean {
    const missing = /"([^"]+)" not found/.exec(messageOf(error))?.[1];
    return (
      missing !== undefined && [...this.objects.values()].some(({ reference }) => reference.name === missing)
    );
  }

  private checkReplace(registration: Registration, live: KubernetesObject, planned: Plan): void {
    const reference = referenceOf(live);
    if (!isJob(live)) {
      this.findings.push({
        urn: registration.urn,
        message: immutableMessage(reference, planned.reason, this.session),
      });
    } else if (registration.options.protect) {
      const message = `${describe(reference)} is protected and would be replaced (${planned.reason}). Set protect to false first.`;
      this.findings.push({ urn: registration.urn, message });
    }
  }

  private noteDefinition(object: KubernetesObject): void {
    const spec = object.spec;
    if (object.kind === "CustomResourceDefinition" && isObject(spec) && isObject(spec.names)) {
      this.definitions.add(`${String(spec.group)}/${String(spec.names.kind)}`);
    }
  }

  private note(registration: Registration, reference: Reference, op: Operation): void {
    const key = identity(reference);
    const twin = this.objects.get(key);
    if (twin) {
      const message = `${describe(reference)} is registered a second time; the first is ${twin.urn}. Give one of them another name or namespace.`;
      this.findings.push({ urn: registration.urn, message });
    }
    this.objects.set(key, { urn: registration.urn, reference });
    const { kind, namespace, name } = reference;
    this.changes.push({ urn: registration.urn, kind, name, op, ...(namespace ? { namespace } : {}) });
  }

  private answer(
    registration: Registration,
    object: KubernetesObject,
    live: KubernetesObject | undefined,
  ): Answer {
    return {
      ...(live && !isBeingDeleted(live) ? { id: idOf(referenceOf(live)) } : {}),
      ...objectAnswer(registration, object),
    };
  }

  async read(read: Read): Promise<Answer> {
    const target = this.session.providers.target(read.provider);
    const refused = readRefusal(read);
    if (refused !== undefined) {
      this.findings.push({ urn: read.urn, message: refused });
    }
    if (refused !== undefined || !target || hasUnknown(read.id)) {
      return { outputs: {} };
    }
    const { reference, live } = await readObject(read, target, this.session.signal);
    if (live) {
      return readAnswer(live);
    }
    if (!this.objects.has(identity(reference))) {
      this.findings.push({ urn: read.urn, message: missingMessage(reference) });
    }
    return { outputs: {} };
  }

  invoke(token: string, urn: string): never {
    const message = invokeRefusal(token);
    this.findings.push({ ...(urn ? { urn } : {}), message });
    throw new Error(message);
  }

  /** What can only be said when the whole program has been seen. Returns the objects that would be deleted. */
  finish(): Entry[] {
    for (const { urn, namespace } of this.wantedNamespaces) {
      if (!this.objects.has(identity({ apiVersion: "v1", kind: "Namespace", name: namespace }))) {
        const message = `the namespace ${namespace} does not exist, and the program does not create it. Create it (kubectl create namespace ${namespace}) or add it to the program.`;
        this.findings.push({ urn, message });
      }
    }
    for (const { urn, apiVersion, kind } of this.wantedKinds) {
      if (!this.definitions.has(`${apiVersion.split("/")[0]}/${kind}`)) {
        const message = `the cluster has no kind ${kind} in ${apiVersion}, and the program installs no CRD for it. Install the CRD first, or correct apiVersion and kind.`;
        this.findings.push({ urn, message });
      }
    }
    const gone = this.session.inventory
      .entries()
      .filter((entry) => !this.objects.has(identity(entry)) && !this.unnamed.has(entry.urn));
    this.findings.push(...protectedFindings(gone));
    for (const { urn, kind, namespace, name } of gone) {
      this.changes.push({ urn, kind, name, op: "delete", ...(namespace ? { namespace } : {}) });
    }
    return gone;
  }
}

/** The live object as outputs, with its secrets marked as they were in the inputs. */
export function objectAnswer(registration: Registration, object: KubernetesObject): Answer {
  const outputs: JsonObject = { ...object, metadata: omit(object.metadata, "managedFields") as JsonObject };
  if (registration.inputs.stringData !== undefined) {
    outputs.stringData = registration.inputs.stringData;
  }
  const secretKeys = [...registration.secretKeys, ...registration.options.additionalSecretOutputs];
  return { outputs, secretKeys };
}

/** An object that exists and is not this stack's is never taken over silently: `down` would delete it. */
export function adoptionProblem(
  live: KubernetesObject | undefined,
  reference: Reference,
  registration: Registration,
  target: Target,
  session: Session,
): string | undefined {
  const ours =
    session.inventory.owns(reference) ||
    registration.options.importId !== "" ||
    takesOver(registration) ||
    target.upsert;
  return !live || ours || isBeingDeleted(live)
    ? undefined
    : `${describe(reference)} exists already and is not this stack's. Choose another name, read it with ${reference.kind}.get(…), ` +
        `take it over with the option import: "${idOf(reference)}" (then this stack also deletes it), or delete it: ${deleteCommand(reference, session.options.context)}`;
}

export function immutableMessage(reference: Reference, reason: string | undefined, session: Session): string {
  return (
    `${describe(reference)} cannot be changed in place: ${reason ?? ""}\n` +
    `Replacing it is left to you without the engine. Take the change back, or delete the object and run again: ${deleteCommand(reference, session.options.context)}`
  );
}

export function missingMessage(reference: Reference): string {
  return `${describe(reference)} is to be read and does not exist. Create it first, or correct the id (namespace/name).`;
}

export async function readObject(
  read: Read,
  target: Target,
  signal: AbortSignal,
): Promise<{ reference: Reference; live: KubernetesObject | undefined }> {
  const { apiVersion, kind } = kindOf(read.type);
  const { name, namespace } = parseId(read.id);
  const resource = await target.cluster.resource(apiVersion, kind, signal);
  const reference: Reference = {
    apiVersion,
    kind,
    name,
    ...(resource?.namespaced === false ? {} : { namespace: namespace ?? target.namespace }),
  };
  return { reference, live: await target.cluster.get(reference, signal) };
}

export function readAnswer(live: KubernetesObject): Answer {
  return {
    id: idOf(referenceOf(live)),
    outputs: { ...live, metadata: omit(live.metadata, "managedFields") as JsonObject },
    secretKeys: live.kind === "Secret" ? ["data", "stringData"] : [],
  };
}
