import { createHash } from "node:crypto";
import type { KubernetesObject } from "../json";
import { missingFrom, type Note, type Rendered } from "..";
import { identity, referenceOf } from "../objects";
import { toYaml } from "../render";
import type { ExpectedSecret } from "./manifests";
import { stagesOf } from "./stages";
import { fluxStage, type FluxSource, forArgoCd, forFlux, stageFolder } from "./tools";

/** The tool for the folder. `kubectl`: only the objects. */
export type Tool = "kubectl" | "argocd" | "flux";

export interface Layout {
  project: string;
  stack: string;
  tool: Tool;
  /** For Flux. */
  source: FluxSource;
  /** Whether Flux deletes objects that are no longer in a stage. */
  prune: boolean;
}

/** First line of every file from this command. */
export function header(project: string, stack: string): string {
  return headerBy("flink-kubernetes render", project, stack);
}

/** First lines of files from this command, also from before it was published. */
export function headers(project: string, stack: string): string[] {
  return [header(project, stack), headerBy("npm run render", project, stack)];
}

function headerBy(command: string, project: string, stack: string): string {
  return `# Written by "${command}" from stack ${stack} of project ${project}: change the stack, not this file.`;
}

/** Every file of the folder, with its path and content. The same objects result in the same bytes. */
export function filesOf(
  rendered: readonly Rendered[],
  expected: readonly ExpectedSecret[],
  layout: Layout,
  left: readonly Note[] = [],
): Map<string, string> {
  const stages = stagesOf(rendered);
  const top = header(layout.project, layout.stack);
  const notes = [
    ...expected.map(
      ({ namespace, name, keys }) =>
        `# Must exist before: Secret ${namespace ? `${namespace}/` : ""}${name}${keys.length > 0 ? ` with ${keys.join(", ")}` : ""}.`,
    ),
    ...missingFrom(left)
      .split("\n")
      .filter((line) => line !== ""),
  ];
  const files = new Map<string, string>();
  const addFolder = (
    folder: string,
    objects: readonly KubernetesObject[],
    notes: readonly string[],
  ): void => {
    const names = fileNames(objects);
    objects.forEach((object, index) => files.set(path(folder, names[index]!), `${top}\n${toYaml(object)}`));
    const index = {
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      resources: names,
    };
    files.set(
      path(folder, "kustomization.yaml"),
      [top, ...notes, toYaml(index as unknown as KubernetesObject)].join("\n"),
    );
  };
  if (layout.tool !== "flux") {
    const objects = rendered.map((it) =>
      layout.tool === "argocd" ? forArgoCd(it, stages.get(it.urn)!) : it.object,
    );
    addFolder("", objects, notes);
    return files;
  }
  const name = `${layout.project}-${layout.stack}`.toLowerCase().replace(/[^a-z0-9-]/g, "-");
  const count = Math.max(0, ...stages.values()) + 1;
  const kustomizations = Array.from({ length: count }, (_, stage) => {
    const objects = rendered.filter(({ urn }) => stages.get(urn) === stage).map(forFlux);
    addFolder(stageFolder(stage), objects, []);
    return fluxStage(name, stage, objects, layout.source, layout.prune);
  });
  addFolder("", kustomizations, notes);
  return files;
}

function path(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** Longest file name that all file systems accept. */
const LONGEST = 200;

/** `<kind>-<namespace>-<name>.yaml`, with a distinguishing suffix if two objects would have one name. */
function fileNames(objects: readonly KubernetesObject[]): string[] {
  const plain = objects.map(plainName);
  return objects.map((object, index) => {
    const name = plain[index]!;
    const taken = plain.some((other, position) => position !== index && other === name);
    if (!taken && name.length <= LONGEST && name !== "kustomization") return `${name}.yaml`;
    const hash = createHash("sha256")
      .update(identity(referenceOf(object)))
      .digest("hex")
      .slice(0, 8);
    return `${name.slice(0, LONGEST)}-${hash}.yaml`;
  });
}

function plainName(object: KubernetesObject): string {
  const { kind, namespace, name } = referenceOf(object);
  return [kind, namespace, name]
    .filter((part) => part !== undefined)
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, "_");
}
