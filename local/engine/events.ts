import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import type { RunEvent, EventHandler, Operation } from "../record/events";

/** The engine's steps in fewer words; steps not listed are its own business. */
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

/** Passes engine events on in the shape that recording a program has, too, and keeps the errors among them. */
export class EventTranslator {
  readonly errors: string[] = [];

  constructor(private readonly onEvent: EventHandler | undefined) {}

  readonly handle = (event: EngineEvent): void => {
    if (event.resourcePreEvent) this.resource(event.resourcePreEvent.metadata, "start");
    if (event.resOutputsEvent) this.resource(event.resOutputsEvent.metadata, "done");
    if (event.resOpFailedEvent) this.resource(event.resOpFailedEvent.metadata, "failed");
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
      // Through the Automation API come also debug messages, which its types do not know of: three for each resource.
      if ((severity as string) === "debug") return;
      this.log(severity === "info#err" ? "info" : severity, message, urn);
    }
  };

  private resource(metadata: StepEventMetadata, status: "start" | "done" | "failed"): void {
    const op = OPERATIONS[metadata.op];
    if (op) this.onEvent?.({ type: "resource", ...describeResource(metadata), op, status });
  }

  private log(severity: "info" | "warning" | "error", text: string, urn: string | undefined): void {
    const message = withoutColors(text).trim();
    if (message === "") return;
    if (severity === "error") this.errors.push(urn ? `${urn}\n${message}` : message);
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

/** The engine marks colours as `<{%fg 1%}>`. */
function withoutColors(text: string): string {
  return text.replace(/<\{%[^%]*%\}>/g, "");
}
