import type { Readable } from "node:stream";
import {
  type Change,
  type Hint,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  type Message,
  normalise,
  objectAt,
  type PolicyFinding,
  type Preview,
  textAt,
} from "../normal";
import { linesOf } from "./lines";

/**
 * Steps of the engine that change or keep a resource. Others (reading, refreshing) do not concern the report.
 */
const operations: Record<string, Hint["operation"]> = {
  create: "create",
  import: "create",
  update: "update",
  same: "same",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "discard-replaced": "replace",
  "remove-pending-replace": "replace",
  discard: "delete",
};

/**
 * Reads the output of `pulumi preview`, of any size. It is either events, one per line (`--event-log`, or
 * PULUMI_ENABLE_STREAMING_JSON_PREVIEW with `--json`), or the single document of `--json`. Other lines may
 * surround them. Broken or missing parts are reported in `missing`.
 */
export async function readEngineOutput(stream: Readable): Promise<Preview> {
  const reader = new Reader();
  try {
    for await (const line of linesOf(stream)) reader.line(line);
  } catch (error) {
    reader.unreadable((error as Error).message);
  }
  return reader.end();
}

/** The same from events of the Automation API. */
export function previewOfEvents(events: Iterable<object>): Preview {
  const reader = new Reader();
  for (const event of events) reader.add(event as JsonObject);
  return reader.end();
}

class Reader {
  private readonly steps = new Steps();
  private readonly policies: PolicyFinding[] = [];
  private readonly messages: Message[] = [];
  private readonly missing: string[] = [];
  private document: Document | undefined;
  private events = 0;
  private documents = 0;
  private brokenLines = 0;
  private unchanged = 0;
  private hasLines = false;
  private hasSummary = false;

  line(line: string | undefined): void {
    if (line === undefined) {
      this.missing.push("a line of the preview's output is longer than can be read, and was left out");
      return;
    }
    this.hasLines ||= line.trim() !== "";
    if (this.document) {
      this.document.line(line.trimEnd());
      if (this.document.closed) this.endDocument();
      return;
    }
    const text = line.trim();
    if (text === "{") {
      this.documents++;
      this.document = new Document((name, value) => this.part(name, value));
    } else if (text.startsWith("{")) {
      this.whole(text);
    }
  }

  add(event: JsonObject): void {
    this.hasLines = true;
    this.event(event);
  }

  unreadable(why: string): void {
    this.missing.push(`the preview's output could not be read to its end (${why})`);
  }

  end(): Preview {
    if (this.document) this.endDocument();
    const source = this.documents > 0 && this.events === 0 ? "json" : "engine";
    if (this.brokenLines > 0) {
      const count = this.brokenLines === 1 ? "one line" : `${this.brokenLines} lines`;
      this.missing.push(`${count} of the preview's output could not be read: cut off, or not JSON`);
    }
    if (!this.hasLines) this.missing.push("the preview wrote nothing");
    else if (this.events + this.documents === 0) {
      this.missing.push("the preview's output has no events and no JSON document of `pulumi preview`");
    } else if (source === "engine" && !this.hasSummary) {
      this.missing.push("the events end before the preview did: there may be more changes than these");
    }
    if (source === "json") {
      this.missing.push("`pulumi preview --json` leaves out what policies say");
      if (this.steps.unchanged() < this.unchanged) {
        this.missing.push(
          "`pulumi preview --json` leaves out what does not change, so totals and what becomes of jobs may be wrong: add --show-sames",
        );
      }
    }
    const { policies, messages, missing } = this;
    return { source, changes: this.steps.changes(), policies, messages, missing };
  }

  private endDocument(): void {
    if (!this.document!.closed) {
      this.missing.push("the JSON of the preview ends in the middle: there may be more changes than these");
    }
    if (this.document!.broken > 0) {
      this.missing.push(`${this.document!.broken} step(s) of the preview's JSON could not be read`);
    }
    this.unchanged += this.document!.same;
    this.document = undefined;
  }

  /** A line with a whole object: an event, or a compacted document. */
  private whole(text: string): void {
    let value: Json;
    try {
      value = JSON.parse(text) as Json;
    } catch {
      // Other output may start with a brace too, so only lines that look like an event count as broken.
      if (/^\{\s*"/.test(text)) this.brokenLines++;
      return;
    }
    if (!isObject(value)) return;
    if (Array.isArray(value.steps) || isObject(value.changeSummary)) {
      this.documents++;
      this.unchanged += Number(textAt(value, "changeSummary", "same") ?? 0);
      listAt(value, "steps").forEach((step) => this.part("steps", step));
      listAt(value, "diagnostics").forEach((diagnostic) => this.part("diagnostics", diagnostic));
    } else if (typeof value.sequence === "number" || typeof value.timestamp === "number") {
      this.event(value);
    }
  }

  private event(event: JsonObject): void {
    this.events++;
    const step = event.resourcePreEvent ?? event.resOutputsEvent;
    if (step !== undefined) {
      const metadata = objectAt(step, "metadata");
      const keys = [...listAt(metadata, "keys"), ...listAt(metadata, "diffs")].map(String);
      this.steps.add(metadata, "old", "new", keys);
    }
    if (event.diagnosticEvent !== undefined) this.diagnostic(event.diagnosticEvent);
    if (event.policyEvent !== undefined) this.policy(event.policyEvent);
    if (event.summaryEvent !== undefined) this.hasSummary = true;
    // Cancelled, or ended after an error: always the last event.
    if (event.cancelEvent !== undefined)
      this.hasSummary ||= this.messages.some(({ severity }) => severity === "error");
    if (isObject(event.errorEvent)) {
      this.messages.push({
        severity: "error",
        urn: "",
        text: String(textAt(event.errorEvent, "error") ?? ""),
      });
    }
  }

  private part(name: string, value: Json): void {
    if (name === "steps" && isObject(value)) {
      const keys = [...listAt(value, "replaceReasons"), ...listAt(value, "diffReasons")].map(String);
      this.steps.add(value, "oldState", "newState", keys);
    }
    if (name === "diagnostics") this.diagnostic(value);
  }

  private diagnostic(event: Json): void {
    const severity = textAt(event, "severity");
    if (severity !== "error" && severity !== "warning") return;
    const text = withoutColors(textAt(event, "message") ?? "").trim();
    if (text === "") return;
    this.messages.push({ severity, urn: textAt(event, "urn") ?? "", text });
  }

  private policy(event: Json): void {
    const text = (key: string) => withoutColors(textAt(event, key) ?? "").trim();
    const level = text("enforcementLevel") === "mandatory" ? "mandatory" : "advisory";
    const message = text("message");
    this.policies.push({
      level,
      pack: text("policyPackName"),
      policy: text("policyName"),
      urn: text("resourceUrn"),
      message,
      description: "",
    });
  }
}

/** Removes the engine's colour marks, such as `<{%fg 1%}>`, and terminal colours in the program's output. */
function withoutColors(text: string): string {
  // eslint-disable-next-line no-control-regex -- that is what a terminal's colours are
  return text.replace(/<\{%[^%]*%\}>/g, "").replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
}

/** Combines the engine's steps for each URN into one change: a replacement has up to three steps. */
class Steps {
  private readonly byUrn = new Map<string, Change>();

  add(step: JsonObject, oldKey: string, newKey: string, keys: string[]): void {
    const operation = operations[textAt(step, "op") ?? ""];
    const urn = textAt(step, "urn");
    if (operation === undefined || urn === undefined) return;
    const [was, is] = [step[oldKey], step[newKey]];
    const any = isObject(is) ? is : isObject(was) ? was : {};
    const type = textAt(any, "type") ?? typeOf(urn);
    // The program only reads this resource and cannot change it.
    if (any.external === true) return;
    const before = this.byUrn.get(urn);
    const change: Change = before ?? {
      urn,
      type,
      name: urn.split("::").slice(3).join("::"),
      parent: textAt(any, "parent") ?? "",
      dependencies: listAt(any, "dependencies").map(String),
      protectedBefore: false,
      protectedAfter: false,
      retained: false,
    };
    if (isObject(was)) {
      change.before ??= normalise(type, objectAt(was, "inputs"));
      change.protectedBefore = was.protect === true;
      change.retained = was.retainOnDelete === true;
    }
    if (isObject(is) && operation !== "delete") {
      const op = textAt(step, "op");
      if (op !== "delete-replaced") {
        change.after = normalise(type, objectAt(is, "inputs"));
        change.protectedAfter = is.protect === true;
      }
    }
    change.hint = {
      operation: change.hint?.operation === "replace" ? "replace" : operation,
      paths: [...new Set([...(change.hint?.paths ?? []), ...keys])],
    };
    this.byUrn.set(urn, change);
  }

  unchanged(): number {
    return [...this.byUrn.values()].filter(({ hint }) => hint?.operation === "same").length;
  }

  changes(): Change[] {
    return [...this.byUrn.values()];
  }
}

function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
}

/**
 * Reads an indented document of `pulumi preview --json` line by line, whatever its size. JSON strings contain
 * no line breaks, so the indentation alone shows where a step starts and ends.
 */
class Document {
  closed = false;
  /** Number of unchanged resources in the summary. */
  same = 0;
  broken = 0;
  private unit: string | undefined;
  private list: string | undefined;
  private element: string[] | undefined;

  constructor(private readonly onPart: (name: string, value: Json) => void) {}

  line(line: string): void {
    const unchanged = /^\s+"same": (\d+),?$/.exec(line);
    if (unchanged && !this.element) this.same = Number(unchanged[1]);
    if (line === "}") {
      this.closed = true;
      return;
    }
    this.unit ??= /^(\s+)"/.exec(line)?.[1];
    if (this.unit === undefined) return;
    const inner = this.unit + this.unit;
    if (this.element) {
      this.element.push(line);
      if (line === `${inner}}` || line === `${inner}},`) this.endElement();
      return;
    }
    if (this.list !== undefined && line === `${inner}{`) this.element = ["{"];
    const opened = /^\s+"(\w+)": \[$/.exec(line);
    if (opened && line.startsWith(`${this.unit}"`)) this.list = opened[1];
    if (line === `${this.unit}]` || line === `${this.unit}],`) this.list = undefined;
  }

  private endElement(): void {
    const text = this.element!.join("\n").replace(/,$/, "");
    this.element = undefined;
    let value: Json;
    try {
      value = JSON.parse(text) as Json;
    } catch {
      this.broken++;
      return;
    }
    this.onPart(this.list!, value);
  }
}
