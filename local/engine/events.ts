import type { EngineEvent, StepEventMetadata, StepEventStateMetadata } from "@pulumi/pulumi/automation";
import type { RunEvent, EventHandler, Operation } from "../../recorder/events";

/** Short names of the engine's steps. Others are internal. */
const OPERATIONS: Record<string, Operation> = {
  create: "create",
  "create-replacement": "replace",
  update: "update",
  same: "same",
  delete: "delete",
  "delete-replaced": "delete",
  read: "read",
  refresh: "read",
  import: "read",
};

/** Passes on engine events in the same form as a recording, and collects the errors. */
export class EventTranslator {
  readonly errors: string[] = [];
  /** Creations with a cancelled request: the object may exist, but the engine's state does not have it. */
  readonly cancelledCreations: StepEventStateMetadata[] = [];
  private readonly cancelled = new Set<string>();

  constructor(private readonly onEvent: EventHandler | undefined) {}

  readonly handle = (event: EngineEvent): void => {
    if (event.resourcePreEvent) this.resource(event.resourcePreEvent.metadata, "start");
    if (event.resOutputsEvent) this.resource(event.resOutputsEvent.metadata, "done");
    if (event.resOpFailedEvent) this.failed(event.resOpFailedEvent.metadata);
    if (event.policyEvent) {
      const { enforcementLevel, policyPackName, policyName, message, resourceUrn } = event.policyEvent;
      this.log(
        enforcementLevel === "mandatory" ? "error" : "warning",
        `${policyPackName}/${policyName}: ${message}`,
        resourceUrn,
      );
    }
    if (event.diagnosticEvent) {
      const { severity, message, urn } = event.diagnosticEvent;
      // The Automation API also sends debug messages, three for each resource, which its types do not
      // contain.
      if ((severity as string) === "debug") return;
      this.log(severity === "info#err" ? "info" : severity, message, urn);
    }
  };

  private failed(metadata: StepEventMetadata): void {
    this.resource(metadata, "failed");
    const { op, urn, new: creation } = metadata;
    if (OPERATIONS[op] !== "create" && OPERATIONS[op] !== "replace") return;
    if (creation && this.cancelled.has(urn)) this.cancelledCreations.push(creation);
  }

  private resource(metadata: StepEventMetadata, status: "start" | "done" | "failed"): void {
    const op = OPERATIONS[metadata.op];
    if (op) this.onEvent?.({ type: "resource", ...describeResource(metadata), op, status });
  }

  private log(severity: "info" | "warning" | "error", text: string, urn: string | undefined): void {
    const message = withoutColors(text).trim();
    if (message === "") return;
    if (severity === "error") this.errors.push(urn ? `${urn}\n${message}` : message);
    // Go's error message, which the provider passes on.
    if (severity === "error" && urn && message.endsWith(": context canceled")) this.cancelled.add(urn);
    this.onEvent?.({ type: "log", severity, message, ...(urn ? { urn } : {}) });
  }
}

type Described = Pick<Extract<RunEvent, { type: "resource" }>, "urn" | "kind" | "name" | "namespace">;

function describeResource({ urn, type, new: after, old: before }: StepEventMetadata): Described {
  const inputs = (after ?? before)?.inputs as
    { metadata?: { name?: unknown; namespace?: unknown } } | undefined;
  const { name, namespace } = inputs?.metadata ?? {};
  return {
    urn,
    kind: type.startsWith("kubernetes:") ? type.split(":").pop()! : type,
    name: typeof name === "string" ? name : urn.split("::").pop()!,
    ...(typeof namespace === "string" ? { namespace } : {}),
  };
}

/** Removes the engine's marks for colours, such as `<{%fg 1%}>`. */
function withoutColors(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, "");
}
