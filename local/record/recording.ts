import type { TestResource } from "../../policies/testing";
import { type JsonObject, normalise } from "../../preview/normal";
import { type Registered, type Registrations, registrationsFormat } from "../../preview/sources/renders";
import type { Answer, Pass } from "./host";
import { isKubernetes, namespacedByDefault, objectOf } from "./objects";
import type { Registration } from "./registration";

interface Recorded {
  registration: Registration;
  answer: Answer;
}

/** A pass that also keeps what the program registered, for policy packs to look at. */
export class Recording implements Pass {
  private readonly recorded: Recorded[] = [];

  constructor(
    private readonly inner: Pass,
    /** Namespace of objects that name none. */
    private readonly namespace: string | undefined,
  ) {}

  async register(registration: Registration): Promise<Answer> {
    const answer = await this.inner.register(registration);
    this.recorded.push({ registration, answer });
    return answer;
  }

  read(read: Parameters<Pass["read"]>[0]): Promise<Answer> {
    return this.inner.read(read);
  }

  invoke(token: string, urn: string): never {
    return this.inner.invoke(token, urn);
  }

  /** As the engine gives it to packs before something is created: checked inputs. */
  inputs(): TestResource[] {
    return this.recorded.map(({ registration }) => this.resource(registration, this.checked(registration)));
  }

  /** As the engine gives it to stack policies: outputs. */
  outputs(): TestResource[] {
    return this.recorded.map(({ registration, answer }) => this.resource(registration, answer.outputs));
  }

  /** For the report of a change: what the program asks for, every secret masked. */
  registrations({ project, stack }: { project: string; stack: string }): Registrations {
    const resources = this.recorded.map(({ registration }): Registered => {
      const { urn, type, name, parent, dependencies, options, inputs, shown = inputs } = registration;
      const { protect, retainOnDelete, ignoreChanges } = options;
      const checked = normalise(type, this.checked({ ...registration, inputs: shown }) as JsonObject);
      const kept = { protect, retainOnDelete, ignoreChanges };
      return { urn, type, name, parent, dependencies: [...dependencies].sort(), ...kept, inputs: checked };
    });
    // Registrations come in the order in which promises end: not the same twice.
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

  private resource(registration: Registration, props: Record<string, unknown>): TestResource {
    const { urn, type, name, parent, dependencies, options } = registration;
    return {
      urn,
      type,
      name,
      props,
      ...(parent === "" ? {} : { parent }),
      dependencies,
      opts: {
        protect: options.protect,
        ignoreChanges: options.ignoreChanges,
        additionalSecretOutputs: options.additionalSecretOutputs,
      },
    };
  }
}
