import * as fs from "node:fs";
import * as path from "node:path";
import { contentKey, type BuildContext } from "../cache";
import { type GoModule, buildGoModule } from "../go";
import { capture } from "../run";

/** The node's programs, by folder. */
export interface NodePrograms {
  /**
   * kube-apiserver, kube-controller-manager, kube-scheduler, kubelet, kube-proxy, kubectl, etcd, coredns,
   * metrics-server, pause
   */
  kubernetes: string;
  /** containerd, containerd-shim-runc-v2, ctr */
  containerd: string;
  /** A hash of all programs. */
  key: string;
}

export const kubernetesVersion = "v1.36.3";

const goFolder = path.join(__dirname, "go");

// Without these the API server reports v0.0.0, and clients misjudge its features.
function buildFlags(kubernetes: string): string[] {
  const [major, minor] = kubernetes.slice(1).split(".");
  const version = "k8s.io/component-base/version";
  const linkerFlags = [
    "-s -w",
    `-X ${version}.gitVersion=${kubernetes}`,
    `-X ${version}.gitMajor=${major}`,
    `-X ${version}.gitMinor=${minor}`,
  ].join(" ");
  return ["-ldflags", linkerFlags];
}

/** The problem of this machine's Go, if any. containerd's module requires the newest version. */
export async function goProblem(): Promise<string | undefined> {
  const folder = path.join(goFolder, "containerd");
  const wanted = /^go (\S+)$/m.exec(fs.readFileSync(path.join(folder, "go.mod"), "utf8"))?.[1];
  const result = await capture("go", ["env", "GOVERSION"], { cwd: folder });
  if (result.code === 0) return undefined;
  if (result.code === 127) return `the program go is missing (Go ${wanted} or newer)`;
  return `Go ${wanted} or newer is needed: ${result.stderr.trim()}`;
}

/**
 * Compiles the node's programs, once: 14 minutes on two cores without caches, seconds with Go's own cache.
 */
export async function buildPrograms(ctx: BuildContext): Promise<NodePrograms> {
  const flags = buildFlags(kubernetesVersion);
  const kubernetes = await buildGoModule(
    {
      ...nodeModule("kubernetes", flags),
      packages: ["./...", "tool"],
      // Go names a program after the last element of its path, which for etcd is "server".
      finish: (folder) => fs.renameSync(path.join(folder, "server"), path.join(folder, "etcd")),
    },
    ctx,
  );
  const containerd = await buildGoModule(nodeModule("containerd", flags), ctx);
  return {
    kubernetes,
    containerd,
    key: contentKey({ kubernetes: path.basename(kubernetes), containerd: path.basename(containerd) }),
  };
}

/** Additional programs for tests: one for each module under go/. */
export type OptionalProgram = "versitygw" | "apiserver-1.34" | "apiserver-1.35";

/** Compiles a server for a test. Returns the folder with the program. */
export async function buildOptional(name: OptionalProgram, ctx: BuildContext): Promise<string> {
  const module = fs.readFileSync(path.join(goFolder, name, "go.mod"), "utf8");
  const kubernetes = /^\s*k8s\.io\/kubernetes (v\S+)/m.exec(module)?.[1];
  return buildGoModule(nodeModule(name, buildFlags(kubernetes ?? kubernetesVersion)), ctx);
}

function nodeModule(name: string, flags: string[]): GoModule {
  return { name, folder: path.join(goFolder, name), flags };
}
