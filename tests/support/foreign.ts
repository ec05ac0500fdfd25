import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { packages } from "../../local/package/compile";
import { packStaged, stagePackage, type Tarball } from "../../local/package/stage";
import { projectDir } from "./project";

/** The packages of this repository as somebody else has them: packed, and unpacked into a node_modules that knows nothing of the repository. */
export interface Installation {
  folder: string;
  tarballs: Record<(typeof packages)[number], Tarball>;
  /** Makes a project of these files beside nothing but a node_modules. */
  project(name: string, files: Record<string, string>): ForeignProject;
  remove(): void;
}

export interface ForeignProject {
  folder: string;
  write(file: string, text: string): void;
  /** Makes of what is there a commit of a new Git repository. */
  commit(): Promise<void>;
  /** Runs the published command in a folder of the project, as a person with this Node does. */
  run(args: string[], options?: { in?: string; node?: string; env?: Record<string, string> }): Promise<Ran>;
}

export interface Ran {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** What a foreign program of the tests imports, or what its language needs. */
const NEEDED = [
  "@grpc",
  "@kubernetes",
  "@types",
  "commander",
  "google-protobuf",
  "ts-node",
  "typescript",
  "yaml",
];

export async function install(): Promise<Installation> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-foreign-"));
  const modules = path.join(folder, "node_modules");
  mkdirSync(modules);
  const packed: Partial<Installation["tarballs"]> = {};
  for (const workspace of packages) {
    const staged = path.join(folder, "staged", workspace);
    await stagePackage(projectDir, workspace, staged);
    const tarball = await packStaged(staged, folder);
    packed[workspace] = tarball;
    const place = path.join(modules, tarball.name);
    mkdirSync(place);
    await execa("tar", ["-xzf", tarball.file, "-C", place, "--strip-components=1"]);
  }
  for (const name of NEEDED) link(name, modules);
  mkdirSync(path.join(modules, "@pulumi"));
  for (const name of readdirSync(path.join(projectDir, "node_modules", "@pulumi")))
    link(`@pulumi/${name}`, modules);
  return {
    folder,
    tarballs: packed as Installation["tarballs"],
    project: (name, files) => foreignProject(path.join(folder, name), modules, files),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function link(name: string, modules: string): void {
  symlinkSync(path.join(projectDir, "node_modules", name), path.join(modules, name));
}

function foreignProject(folder: string, modules: string, files: Record<string, string>): ForeignProject {
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  const git = (...args: string[]) =>
    execa("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder });
  return {
    folder,
    write,
    async commit() {
      await git("init", "--quiet");
      await git("add", "--all");
      await git("commit", "--quiet", "--message", "before");
    },
    async run(args, options = {}) {
      const main = path.join(modules, "flink-kubernetes", "bin", "cli", "main.js");
      const { exitCode, stdout, stderr } = await execa(options.node ?? process.execPath, [main, ...args], {
        cwd: path.join(folder, options.in ?? ""),
        reject: false,
        // What `npm test` says for its own sources is not said in somebody else's project.
        env: { TS_NODE_PROJECT: undefined, ...options.env },
      });
      return { exitCode, stdout, stderr };
    },
  };
}
