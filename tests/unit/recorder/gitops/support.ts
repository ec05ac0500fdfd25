import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type FolderOptions, renderFolder } from "../../../../recorder/gitops";
import type { KubernetesObject } from "../../../../operations/kubernetes";
import type { Rendered, Runner } from "../../../../recorder";
import type { Responder } from "../../../../recorder/host";
import type { Registration } from "../../../../recorder/registration";

export const urnOf = (name: string) => `urn:pulumi:s::p::t::${name}`;

/** An object as a program registers it. */
export interface Step {
  name: string;
  object: { apiVersion: string; kind: string; metadata?: Record<string, unknown>; [field: string]: unknown };
  dependsOn?: string[];
  secretPaths?: string[];
  protect?: boolean;
  /** Not a Kubernetes object. */
  type?: string;
}

export function step(name: string, kind: string, rest: Partial<Step> & { spec?: unknown } = {}): Step {
  const { spec, object, ...more } = rest;
  const apiVersion =
    { Job: "batch/v1", Deployment: "apps/v1", StatefulSet: "apps/v1" }[kind] ?? object?.apiVersion ?? "v1";
  const given = { apiVersion, kind, ...object, ...(spec === undefined ? {} : { spec }) };
  return { name, object: given, ...more };
}

/** A program that makes these. */
export function program(steps: readonly Step[]): Runner {
  return async (responder: Responder) => {
    for (const { name, object, dependsOn = [], secretPaths = [], protect = false, type } of steps) {
      const group = object.apiVersion === "v1" ? "core/v1" : object.apiVersion;
      await responder.register({
        urn: urnOf(name),
        type: type ?? `kubernetes:${group}:${object.kind}`,
        name,
        custom: true,
        remote: false,
        parent: "",
        provider: "",
        inputs: type ? {} : { ...object, metadata: { name, namespace: "n", ...object.metadata } },
        secretKeys: [],
        secretPaths,
        dependencies: dependsOn.map(urnOf),
        options: {
          protect,
          retainOnDelete: false,
          ignoreChanges: [],
          additionalSecretOutputs: [],
          unsupported: [],
        },
      } as unknown as Registration);
    }
    return { outputs: {}, secretOutputs: [], errors: [] };
  };
}

/** The same as data. */
export function rendered(steps: readonly Step[]): Rendered[] {
  return steps.map(({ name, object, dependsOn = [], secretPaths = [], protect = false }) => ({
    urn: urnOf(name),
    dependencies: dependsOn.map(urnOf),
    secretPaths,
    protect,
    object: {
      ...object,
      metadata: { name, namespace: "n", ...object.metadata },
    } as unknown as KubernetesObject,
  }));
}

/** A folder of its own for every test. */
export function scratch(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-gitops-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function write(out: string, steps: readonly Step[], options: Partial<FolderOptions> = {}) {
  return renderFolder(
    {
      projectDir: ".",
      project: "p",
      stack: "s",
      config: {},
      secretConfigKeys: [],
      out,
      tool: "kubectl",
      secretRefs: [],
      check: false,
      prune: true,
      source: { namespace: "flux-system", name: "flux-system" },
      ...options,
    },
    program(steps),
  );
}

/** What a FlinkJob on a cluster looks like from here. */
export const pipeline: Step[] = [
  step("ns", "Namespace", {
    protect: true,
    object: { apiVersion: "v1", kind: "Namespace", metadata: { namespace: undefined } },
  }),
  step("prepare", "Job", { dependsOn: ["ns"], spec: { activeDeadlineSeconds: 690 } }),
  step("conf", "ConfigMap", {
    dependsOn: ["ns"],
    object: { apiVersion: "v1", kind: "ConfigMap", immutable: true, data: { a: "b\nc\n" } },
  }),
  step("claim", "PersistentVolumeClaim", { dependsOn: ["ns"] }),
  step("jobmanager", "Deployment", {
    dependsOn: ["ns", "prepare", "conf", "claim"],
    spec: { template: { spec: { volumes: [{ persistentVolumeClaim: { claimName: "claim" } }] } } },
  }),
  step("ledger", "ConfigMap", { dependsOn: ["jobmanager"] }),
  step("submission", "Job", { dependsOn: ["ledger"] }),
  step("guard", "Deployment", { dependsOn: ["ledger", "submission"] }),
];
