import { type Diagnostic, RunningPack, type TestResource } from "../../policies/testing";
import { isKubernetes, namespacedByDefault, objectOf } from "../record/objects";
import type { Answer, Pass } from "../record/host";
import type { Registration } from "../record/registration";
import { type JsonObject, normalise } from "../../preview/normal";
import { type Registered, type Registrations, registrationsFormat } from "../../preview/sources/renders";
import { UserError } from "../errors";
import type { Pack } from "./packs";

/** What a pack has found. */
export interface PackFinding extends Diagnostic {
  pack: string;
}

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

/** Has every pack look at everything, as the engine does in a preview. Packs start at the same time. */
export async function judge(
  packs: readonly Pack[],
  recording: Recording,
  stack: { project: string; stack: string; signal?: AbortSignal },
): Promise<PackFinding[]> {
  const found = await Promise.all(packs.map((pack) => judgeBy(pack, recording, stack)));
  return found.flat();
}

async function judgeBy(
  pack: Pack,
  recording: Recording,
  stack: { project: string; stack: string; signal?: AbortSignal },
): Promise<PackFinding[]> {
  const running = await RunningPack.start(pack.folder, stack);
  try {
    const unknown = running.unknownPolicies(pack.config);
    if (unknown.length > 0) {
      throw new UserError(`The policy pack ${pack.name} has no policy ${unknown.join(", ")}.`, [
        "A configuration for it has no effect. Its policies:",
        running.info.policies.map(({ name }) => name).join(", "),
      ]);
    }
    await running.configure(pack.config);
    const diagnostics: Diagnostic[] = [];
    for (const resource of recording.inputs()) {
      const remediated = await running.remediate(resource);
      if (remediated) {
        const description = "The engine would change this resource; without one nothing is changed.";
        const message = "policies of this pack whose level is remediate would change it";
        const urn = resource.urn ?? "";
        diagnostics.push({ policy: "remediate", level: "advisory", message, description, urn });
      }
      const checked = remediated ? { ...resource, props: remediated } : resource;
      diagnostics.push(...(await running.analyze(checked)).diagnostics);
    }
    diagnostics.push(...(await running.analyzeStack(recording.outputs())).diagnostics);
    return diagnostics.map((diagnostic) => ({ ...diagnostic, pack: running.info.name }));
  } finally {
    await running.close();
  }
}

/** Those that stop a deployment. */
export function blocking(findings: readonly PackFinding[]): PackFinding[] {
  return findings.filter(({ level }) => level === "mandatory");
}

/** One finding, as a paragraph below the resource that it is about. */
export function describeFinding({ policy, level, message }: PackFinding): string {
  return `[${level}] ${policy}: ${message}`;
}

/** The last part of a URN, with the type: what a person calls the resource. */
export function shortName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  const type = types.split("$").at(-1)?.split(":").at(-1) ?? "";
  return name === "" ? "the stack" : `${type} ${name}`;
}
