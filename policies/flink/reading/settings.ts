import type { Container, Resource, Value } from "../../core";
import { canonical, optionsOf } from "./options";

/** A Flink option in a resource. */
export interface Setting {
  /** The newest name of the option. */
  key: string;
  /** The name as written. */
  written: string;
  text: string;
  /** Its place: for an option in a file, the file. */
  at: Value;
}

/** Flink's configuration files. */
const files = ["config.yaml", "flink-conf.yaml"];

/** The options in a resource, for rules about forbidden options. */
export function settingsIn(resource: Resource): Setting[] {
  if (resource.is("/ConfigMap", "/Secret")) return settingsOfFiles(resource);
  if (resource.group === "flink.apache.org") return customSettings(resource);
  return resource.pods.flatMap((pod) => pod.containers.flatMap(containerSettings));
}

/** Whether a resource may contain options. */
export function mayHoldSettings(resource: Resource): boolean {
  return (
    resource.is("/ConfigMap", "/Secret") || resource.group === "flink.apache.org" || resource.pods.length > 0
  );
}

/**
 * The options of a ConfigMap or Secret: config.yaml or flink-conf.yaml, and the options of a job's
 * submission.
 */
export function settingsOfFiles(resource: Resource): Setting[] {
  const found = files.flatMap((file) => [
    ...settingsOfText(resource.props.get("data", file), resource.is("/Secret")),
    ...settingsOfText(resource.props.get("stringData", file)),
    ...settingsOfText(resource.props.get("binaryData", file), true),
  ]);
  return [...found, ...settingsOfRequest(resource.props.get("data", "request.json"))];
}

/** A text of options at one place. */
export function settingsOfText(at: Value, isEncoded = false): Setting[] {
  const raw = at.text();
  if (raw === undefined) return [];
  const text = isEncoded ? Buffer.from(raw, "base64").toString("utf8") : raw;
  return optionsOf(text).map(([written, value]) => setting(written, value, at));
}

/** The request to Flink's REST API that runs a jar. */
function settingsOfRequest(at: Value): Setting[] {
  try {
    const request = JSON.parse(at.text() ?? "{}") as { flinkConfiguration?: Record<string, unknown> } | null;
    return Object.entries(request?.flinkConfiguration ?? {}).map(([key, value]) =>
      setting(key, String(value), at),
    );
  } catch {
    return [];
  }
}

/**
 * Options of a container: `-Dkey=value` (also as two words) in its command and arguments, and
 * FLINK_PROPERTIES.
 */
export function containerSettings(container: Container): Setting[] {
  const found: Setting[] = [];
  for (const field of ["command", "args"]) {
    const words = container.get(field).list();
    words.forEach((word, index) => {
      const text = word.text() ?? "";
      const isAlone = text === "-D";
      const option = isAlone ? words[index + 1]?.text() : /^-D([\s\S]+)$/.exec(text)?.[1];
      const [, key, value] = /^([^=\s]+)=([\s\S]*)$/.exec(option ?? "") ?? [];
      if (key !== undefined && value !== undefined)
        found.push(setting(key, value, isAlone ? words[index + 1]! : word));
    });
  }
  for (const variable of container.get("env").list()) {
    if (variable.get("name").text() === "FLINK_PROPERTIES")
      found.push(...settingsOfText(variable.get("value")));
  }
  return found;
}

function customSettings(resource: Resource): Setting[] {
  const spec =
    resource.kind === "FlinkBlueGreenDeployment" ? resource.spec.get("template", "spec") : resource.spec;
  return deep(spec.get("flinkConfiguration"), "");
}

function deep(value: Value, prefix: string): Setting[] {
  return value.entries().flatMap(([key, inner]): Setting[] => {
    const text = inner.scalar() ?? inner.boolean()?.toString();
    return text === undefined ? deep(inner, `${prefix}${key}.`) : [setting(`${prefix}${key}`, text, inner)];
  });
}

function setting(written: string, text: string, at: Value): Setting {
  return { key: canonical(written), written, text: text.trim(), at };
}
