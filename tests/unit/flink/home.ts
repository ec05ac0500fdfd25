import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type BuildContext, cached, contentKey } from "../../../local/cache";
import { flinkHome as homeLayer } from "../../../local/image/flink-home";
import { run } from "../../../local/run";

const context: BuildContext = {
  log: path.join(os.tmpdir(), "flink-kubernetes-tests.log"),
  report: () => undefined,
  signal: new AbortController().signal,
};

/** The versions whose jars the tests may fetch (300 MB each): 2.2.1, which the local image needs anyway, or those listed here. */
export const versionsWithJars = (process.env.FLINK_KUBERNETES_TEST_FLINK_VERSIONS ?? "2.2.1").split(",");

/** Scripts and flink-dist of a Flink home, from the same cache entry that the local node's image is made of. */
export async function flinkHome(version: string): Promise<string> {
  const { tar, digest } = await homeLayer(version, context);
  const folder = await cached(`flink-dist-${version}`, contentKey({ digest }), context, (building) =>
    run(context, "tar", [
      ...["--extract", "--file", tar, "--directory", building, "--wildcards", "--no-same-owner"],
      ...["*opt/flink/bin", "*opt/flink/lib/flink-dist*"],
    ]),
  );
  return path.join(folder, "opt/flink");
}

/** The start scripts of a version, which are a small package of their own: a folder with `bin` and `conf`. */
export async function flinkScripts(version: string): Promise<string> {
  return cached(`flink-scripts-${version}`, contentKey({ version }), context, async (building) => {
    const downloads = path.join(building, "downloads");
    const platform = ["--only-binary=:all:", "--python-version=3.11", "--platform=manylinux2014_x86_64"];
    const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", downloads, ...platform];
    await run(context, "python3", [...pip, `apache-flink==${version}`]);
    const [wheel] = fs.readdirSync(downloads);
    await run(context, "python3", ["-m", "zipfile", "-e", path.join(downloads, wheel), downloads]);
    for (const part of ["bin", "conf"]) {
      fs.renameSync(path.join(downloads, "pyflink", part), path.join(building, part));
    }
    for (const name of fs.readdirSync(path.join(building, "bin"))) {
      fs.chmodSync(path.join(building, "bin", name), 0o755);
    }
    fs.rmSync(downloads, { recursive: true });
  });
}
