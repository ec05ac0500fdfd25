import path from "node:path";
import { execa } from "execa";
import { stopNode } from "../../local/node";
import type { Bench } from "./bench";
import { npmRunDown, timeNpmStart } from "./npm-start";

/**
 * The first `npm start` in a fresh clone, every cache empty: of this project, npm, Go, Maven and pip. The settings of these
 * tools are kept, and Debian packages that are installed already stay installed.
 */
export const coldStart: Bench = {
  name: "cold-start",
  cold: true,
  async run(ctx) {
    // There is one local node on a machine, whatever cache it was built into.
    await stopNode();
    const clone = path.join(ctx.scratch, "clone");
    await execa("git", ["clone", "--quiet", ctx.projectDir, clone]);
    const cache = path.join(ctx.scratch, "cache");
    const env = {
      FLINK_KUBERNETES_CACHE: path.join(cache, "flink-kubernetes"),
      XDG_CACHE_HOME: cache,
      GOCACHE: path.join(cache, "go-build"),
      GOMODCACHE: path.join(cache, "go-modules"),
      MAVEN_OPTS: `-Dmaven.repo.local=${path.join(cache, "maven")}`,
      PIP_CACHE_DIR: path.join(cache, "pip"),
      npm_config_cache: path.join(cache, "npm"),
    };
    try {
      const { hello } = await timeNpmStart(clone, ctx.signal, env);
      ctx.say(`  first line after ${(hello / 60).toFixed(1)} minutes`);
      const name = 'first npm start, empty caches, to the first "Hello, World!"';
      return [{ name, unit: "s", values: [hello], aim: 17 * 60 }];
    } finally {
      await npmRunDown(clone, env).catch((error: Error) => ctx.say(`  ${error.message}`));
      // Go's module cache is read-only; without this the scratch folder could not be removed.
      await execa("chmod", ["-R", "u+w", cache], { reject: false });
    }
  },
};
