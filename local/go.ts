import * as fs from "node:fs";
import * as path from "node:path";
import { type BuildContext, cached, contentKey, sources } from "./cache";
import { output, run } from "./run";

/** Go programs from a module of this repository. */
export interface GoModule {
  /** Name of the cache entry. */
  name: string;
  /** Folder with go.mod and go.sum. */
  folder: string;
  /** Arguments of `go build`. Default: the module's tools. */
  packages?: string[];
  /** Additional flags of `go build`. */
  flags: string[];
  /** Adds files to a copy of the folder before it is built. Default: the folder itself is built. */
  prepare?(copy: string): Promise<void>;
  /** Changes the result before it enters the cache. */
  finish?(programs: string): void;
}

const ALWAYS = ["-trimpath", "-buildvcs=false", "-mod=readonly"];
/** Static programs for any Linux. */
const ENVIRONMENT = { CGO_ENABLED: "0" };
/** The compiler has enough memory: less garbage collection makes it a fifth faster. */
const COLLECT_LESS = { GOGC: "400" };

/** Compiles the module's programs, once, and returns their folder. */
export async function buildGoModule(module: GoModule, ctx: BuildContext): Promise<string> {
  const { name, folder: source, packages = ["tool"], prepare, finish } = module;
  const flags = [...ALWAYS, ...module.flags];
  const toolchain = (await output("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { cwd: source })).split("\n");
  const key = contentKey({ sources: sources(source), toolchain, flags, environment: ENVIRONMENT });
  return cached(name, key, ctx, async (folder) => {
    const copy = `${folder}-source`;
    if (prepare) {
      fs.rmSync(copy, { recursive: true, force: true });
      fs.cpSync(source, copy, { recursive: true });
      await prepare(copy);
    }
    const cwd = prepare ? copy : source;
    ctx.report(`${name}: fetching modules`);
    let total = 0;
    await run(ctx, "go", ["list", "-deps", ...packages], { cwd, onLine: () => void total++ });
    let compiled = 0;
    const onLine = (line: string) => {
      // With -v Go prints the path of every package that it compiles, but not of cached ones.
      if (/^\S+$/.test(line) && ++compiled % 20 === 0)
        ctx.report(`${name}: ${compiled} of ${total} packages compiled`);
    };
    const args = ["build", "-v", ...flags, "-o", folder + path.sep, ...packages];
    await run(ctx, "go", args, { cwd, env: { ...ENVIRONMENT, ...COLLECT_LESS }, onLine });
    finish?.(folder);
    fs.rmSync(copy, { recursive: true, force: true });
  });
}

/** Go's folder with the sources of a module that `folder` requires. Fetches them if they are missing. */
export async function moduleFolder(folder: string, module: string): Promise<string> {
  const found = await output("go", ["mod", "download", "-json", module], { cwd: folder });
  return (JSON.parse(found) as { Dir: string }).Dir;
}
