import { type JsonObject, normalise } from "../preview/normal";
import { type Registered, type Registrations, registrationsFormat } from "../preview/sources/renders";
import type { Note } from "./events";
import type { Answer, Read, Responder } from "./host";
import { isKubernetes, namespacedByDefault, objectOf } from "./objects";
import type { Registration } from "./registration";

/** A registration with its answer. */
export interface Recorded {
  registration: Registration;
  /** Its inputs after the provider's check: a complete object with its namespace. */
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** Records the program's registrations, and delegates the answers. */
export class Recording implements Responder {
  readonly recorded: Recorded[] = [];

  constructor(
    private readonly inner: Responder & { readonly notes: readonly Note[] },
    /** Namespace of objects without one. */
    private readonly namespace: string | undefined,
  ) {}

  async register(registration: Registration): Promise<Answer> {
    const answer = await this.inner.register(registration);
    this.recorded.push({ registration, inputs: this.checked(registration), outputs: answer.outputs });
    return answer;
  }

  read(read: Read): Promise<Answer> {
    return this.inner.read(read);
  }

  invoke(token: string, urn: string, canBeUnknown: boolean): void {
    this.inner.invoke(token, urn, canBeUnknown);
  }

  /** Parts that only the engine can handle. */
  get notes(): readonly Note[] {
    return this.inner.notes;
  }

  /** The program's registrations for the report of a change, with masked secrets. */
  registrations({ project, stack }: { project: string; stack: string }): Registrations {
    const resources = this.recorded.map(({ registration }): Registered => {
      const { urn, type, name, parent, dependencies, options, inputs, shown = inputs } = registration;
      const { protect, retainOnDelete, ignoreChanges } = options;
      const checked = normalise(type, this.checked({ ...registration, inputs: shown }) as JsonObject);
      const kept = { protect, retainOnDelete, ignoreChanges };
      return { urn, type, name, parent, dependencies: [...dependencies].sort(), ...kept, inputs: checked };
    });
    // The order of registrations depends on promises, and differs between runs.
    resources.sort((a, b) => (a.urn < b.urn ? -1 : 1));
    return { format: registrationsFormat, project, stack, resources };
  }

  private checked(registration: Registration): Record<string, unknown> {
    if (!registration.custom || !isKubernetes(registration.type)) return registration.inputs;
    const object = objectOf(registration);
    const { namespace = this.namespace, ...metadata } = object.metadata;
    const placed = namespacedByDefault(object.kind) && namespace ? { ...metadata, namespace } : metadata;
    return { ...object, metadata: placed };
  }
}
