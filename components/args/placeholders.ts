import type { Problem } from "../problems";
import { joinPath } from "./shape";

/**
 * A variable that would be replaced elsewhere: in config.yaml by the entrypoint of the official images, in a
 * container's command by Kubernetes. Hadoop's own, such as `${hadoop.tmp.dir}` and `${env.NAME}`, contain a
 * dot.
 */
const placeholder = /\$\{[A-Za-z_]\w*(:?-[^}]*)?\}|\$\([A-Za-z_]\w*\)/;

/** A form that the entrypoint replaces too. */
const bare = /^\$[A-Z_][A-Z0-9_]*$/;

/** In these options, the shell that starts Java replaces variables of the pod. */
const replaced = /^env\.java\.(default-)?opts\./;

/** Reports options with a variable that nothing will replace. */
export function optionPlaceholders(config: Record<string, unknown> | undefined, ofJob: boolean): Problem[] {
  const reason =
    "nothing replaces this variable here, unlike the entrypoint of the official image, so Flink reads it literally";
  const fix = ofJob
    ? "write the value itself, which the Pulumi program may read from its environment or configuration"
    : "write the value itself, or name the Secret that holds it in configFrom";
  return Object.entries(config ?? {})
    .filter(([, value]) => typeof value === "string" && (placeholder.test(value) || bare.test(value)))
    .filter(([option]) => !replaced.test(option))
    .map(([option, value]) => ({ path: joinPath("config", option), value, reason, fix }));
}

/** The same for the arguments and the script of a job's program. */
export function argumentPlaceholders(given: unknown, script?: unknown): Problem[] {
  const reason = "neither a shell nor Kubernetes replaces this variable, so the program gets it literally";
  const fix =
    "write the value itself; or set the variable in jobManager.env of the cluster, and let the program read it";
  const list = (Array.isArray(given) ? given : []) as unknown[];
  const texts = list.map((value, index) => ({ path: `arguments[${index}]`, value }));
  const found = texts.filter(({ value }) => typeof value === "string" && placeholder.test(value));
  const inScript = typeof script === "string" && placeholder.test(script);
  return [
    ...found.map((one) => ({ ...one, reason, fix })),
    ...(inScript ? [{ path: "sql.script", reason, fix: "write the value itself" }] : []),
  ];
}
