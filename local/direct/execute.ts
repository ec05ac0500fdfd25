import type { JsonObject } from "../json";
import { ApiError, type KubernetesObject } from "../kubernetes";
import { type Finding, messageOf, type Operation } from "../record/events";
import { type Answer, type Pass, type Read, Stopped } from "../record/host";
import { describe, identity, idOf, isKubernetes, objectOf, referenceOf } from "../record/objects";
import { isRandom, randomAnswer } from "../record/random";
import { invokeRefusal } from "../record/refusals";
import type { Registration } from "../record/registration";
import { apply, explain, isBeingDeleted, isJob, patch, place, plan } from "./apply";
import { awaitReady, DEFAULT_TIMEOUT, deleteAndAwait, timeoutOf } from "./await";
import {
  adoptionProblem,
  immutableMessage,
  missingMessage,
  objectAnswer,
  readAnswer,
  readObject,
} from "./check";
import type { Entry } from "./inventory";
import { withoutStringData } from "./live";
import type { Target } from "./providers";
import { generate, remembered } from "./random";
import { type Session, shared } from "./session";

interface Progress {
  what: string;
  op: Operation;
  state: "applying" | "applied" | "ready";
}

type Applied = "create" | "update" | "same" | "replace";

/** Pass 2: every registration is applied as it comes, awaited, and answered with the live object. The first failure stops everything. */
export class Execution implements Pass {
  readonly failures: Finding[] = [];
  readonly counts: Record<Applied, number> = { create: 0, update: 0, same: 0, replace: 0 };
  /** URN to what is known of the progress of its object. */
  readonly progress = new Map<string, Progress>();
  /** Values whose secrets the stack's Secret must keep. */
  readonly secretUrns = new Set<string>();
  private readonly objects = new Set<string>();
  private readonly keys = new Set<string>();
  private readonly stopping = new AbortController();
  readonly signal: AbortSignal;

  constructor(private readonly session: Session) {
    this.signal = shared(session.signal, this.stopping.signal);
  }

  async register(registration: Registration): Promise<Answer> {
    try {
      this.signal.throwIfAborted();
      return await this.answer(registration);
    } catch (error) {
      throw this.fail(registration.urn, error);
    }
  }

  /** Ends the pass without a failure of its own. */
  stop(): void {
    this.stopping.abort();
  }

  async read(read: Read): Promise<Answer> {
    try {
      this.signal.throwIfAborted();
      const target = this.targetOf(read);
      const { reference, live } = await readObject(read, target, this.signal);
      if (!live) {
        throw new Error(missingMessage(reference));
      }
      return readAnswer(live);
    } catch (error) {
      throw this.fail(read.urn, error);
    }
  }

  invoke(token: string, urn: string): never {
    throw this.fail(urn, new Error(invokeRefusal(token)));
  }

  private fail(urn: string, error: unknown): Stopped {
    if (!this.signal.aborted) {
      this.failures.push({ ...(urn ? { urn } : {}), message: messageOf(error) });
      this.stopping.abort();
    }
    return new Stopped("stopped");
  }

  private async answer(registration: Registration): Promise<Answer> {
    const { urn, type, custom, inputs, secretKeys } = registration;
    if (!custom) {
      return { outputs: inputs, secretKeys };
    }
    if (isRandom(type)) {
      return this.random(registration);
    }
    if (isKubernetes(type)) {
      return this.object(registration);
    }
    if (!type.endsWith(":random")) {
      const refused = this.session.providers.add(registration);
      if (refused !== undefined) {
        throw new Error(refused);
      }
      this.secretUrns.add(urn);
      const settings = this.session.providers.settings(urn)!;
      await this.session.inventory.keepSecret("provider", urn, { ...settings } as JsonObject, this.signal);
    }
    return { id: "direct", outputs: inputs, secretKeys };
  }

  /** Kept before it is answered: a value that something on the cluster was made with must never be generated again. */
  private async random(registration: Registration): Promise<Answer> {
    const { inventory } = this.session;
    this.secretUrns.add(registration.urn);
    let value = remembered(registration, inventory.secret("random", registration.urn));
    if (!value) {
      value = generate(registration);
      await inventory.keepSecret("random", registration.urn, value, this.signal);
    }
    return randomAnswer(registration, value);
  }

  private async object(registration: Registration): Promise<Answer> {
    const { urn } = registration;
    const target = this.targetOf(registration);
    const described = objectOf(registration);
    const event = { type: "resource", urn, kind: described.kind, name: described.metadata.name } as const;
    try {
      const placed = await place(described, target, this.signal);
      if (!placed) {
        throw new Error(
          `the cluster has no kind ${described.kind} in ${described.apiVersion}. Install its CRD first.`,
        );
      }
      const { op, live } = await this.applyObject(registration, withoutStringData(placed), target);
      this.counts[op]++;
      return { id: idOf(referenceOf(live)), ...objectAnswer(registration, live) };
    } catch (error) {
      const explained = explain(error, described);
      if (!this.signal.aborted) {
        const op = this.progress.get(urn)?.op ?? "create";
        this.session.onEvent({ ...event, op, status: "failed", message: explained.message });
      }
      throw explained;
    }
  }

  private async applyObject(
    registration: Registration,
    object: KubernetesObject,
    target: Target,
  ): Promise<{ op: Applied; live: KubernetesObject }> {
    const { session, signal } = this;
    const { urn, options } = registration;
    const { cluster } = target;
    const reference = referenceOf(object);
    const onMessage = (message: string) => session.onEvent({ type: "log", severity: "info", message, urn });
    const timeout = (custom?: number) => timeoutOf(object, custom);

    let live = await cluster.get(reference, signal);
    const { kind, name, namespace } = reference;
    const event = { type: "resource", urn, kind, name, ...(namespace ? { namespace } : {}) } as const;
    session.onEvent({ ...event, op: live ? "update" : "create", status: "start" });
    const problem = adoptionProblem(live, reference, registration, target, session);
    if (problem !== undefined) {
      throw new Error(problem);
    }
    const entry = this.entryOf(registration, object);
    await session.inventory.add(entry, signal);
    const progress: Progress = {
      what: describe(reference),
      op: live ? "update" : "create",
      state: "applying",
    };
    this.progress.set(urn, progress);
    if (live && isBeingDeleted(live)) {
      await deleteAndAwait(cluster, reference, timeout(options.timeouts.delete), signal, onMessage);
      live = undefined;
    }
    let op: Applied;
    if (
      live &&
      isJob(live) &&
      (await plan(cluster, object, options.ignoreChanges, live, signal)).op === "replace"
    ) {
      await deleteAndAwait(cluster, reference, timeout(options.timeouts.delete), signal, onMessage);
      live = await patch(cluster, object, signal);
      op = "replace";
    } else {
      ({ op, live } = await this.change(registration, object, live, target));
    }
    progress.state = "applied";
    await session.inventory.add({ ...entry, uid: String(live.metadata.uid) }, signal);
    const limit = timeout(op === "update" ? options.timeouts.update : options.timeouts.create);
    live = await awaitReady(cluster, live, limit, signal, onMessage);
    progress.state = "ready";
    session.onEvent({ ...event, op, status: "done" });
    return { op, live };
  }

  private async change(
    registration: Registration,
    object: KubernetesObject,
    live: KubernetesObject | undefined,
    target: Target,
  ): Promise<{ op: Applied; live: KubernetesObject }> {
    const ignored = registration.options.ignoreChanges;
    try {
      return await apply(target.cluster, object, ignored, live, this.signal);
    } catch (error) {
      // Pass 1 could not see it when a value of the object was unknown then.
      if (live && error instanceof ApiError && error.status === 422) {
        const planned = await plan(target.cluster, object, ignored, live, this.signal);
        if (planned.op === "replace") {
          throw new Error(immutableMessage(referenceOf(object), planned.reason, this.session), {
            cause: error,
          });
        }
      }
      throw error;
    }
  }

  private entryOf(registration: Registration, object: KubernetesObject): Entry {
    const { urn, options, provider } = registration;
    const timeout = timeoutOf(object, options.timeouts.delete);
    const entry: Entry = {
      urn,
      ...referenceOf(object),
      dependencies: [...registration.dependencies].sort(),
      ...(options.protect ? { protect: true } : {}),
      ...(options.retainOnDelete ? { retainOnDelete: true } : {}),
      ...(options.deletedWith ? { deletedWith: options.deletedWith } : {}),
      ...(timeout === DEFAULT_TIMEOUT ? {} : { deleteTimeout: timeout }),
      ...(provider ? { provider } : {}),
    };
    this.objects.add(identity(entry));
    this.keys.add(`${urn}\n${identity(entry)}`);
    return entry;
  }

  private targetOf(resource: { provider: string }): Target {
    const target = this.session.providers.target(resource.provider);
    if (!target) {
      throw new Error(
        `its provider ${resource.provider} has not been registered, or its inputs are unknown.`,
      );
    }
    return target;
  }

  /** What the inventory has that the program has not: objects to delete, and entries that only tell an old URN of an object that stays. */
  leftovers(): { gone: Entry[]; renamed: Entry[] } {
    const old = this.session.inventory
      .entries()
      .filter((entry) => !this.keys.has(`${entry.urn}\n${identity(entry)}`));
    return {
      gone: old.filter((entry) => !this.objects.has(identity(entry))),
      renamed: old.filter((entry) => this.objects.has(identity(entry))),
    };
  }
}
