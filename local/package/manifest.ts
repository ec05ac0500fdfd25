import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { PackageFolder } from "./compile";

/** The relevant fields of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  description?: string;
  private?: boolean;
  main?: string;
  types?: string;
  bin?: Record<string, string>;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export function readManifest(projectDir: string, folder: PackageFolder | ""): Manifest {
  return JSON.parse(readFileSync(path.join(projectDir, folder, "package.json"), "utf8")) as Manifest;
}

export function writeJson(file: string, content: unknown): void {
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

/** A copy without some fields. */
export function without<T extends object, K extends keyof T>(whole: T, ...fields: K[]): Omit<T, K> {
  const rest = Object.entries(whole).filter(([name]) => !fields.includes(name as K));
  return Object.fromEntries(rest) as Omit<T, K>;
}
