import { readFileSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import ts from "typescript";
import { projectDir } from "../../support/project";

/** One deliberate small error: in a file of the controls, a text that occurs once replaced by another. */
export interface Mutant {
  file: string;
  from: string;
  to: string;
}

const m = (file: string, from: string, to: string): Mutant => ({ file: `${file}.ts`, from, to });

/** Errors that a person could make in the controls of the Pod Security Standards. */
export const mutants: readonly Mutant[] = [
  m("host-namespaces", '"hostNetwork", ', ""),
  m("host-namespaces", ', "hostPID"', ""),
  m("host-namespaces", ', "hostIPC"', ""),
  m("host-namespaces", "=== true", "!== false"),
  m("privileged", "pod.containers", 'pod.containers.filter(({ type }) => type === "main")'),
  m("privileged", "pod.containers", 'pod.containers.filter(({ type }) => type !== "ephemeral")'),
  m("capabilities-baseline", '  "NET_BIND_SERVICE",\n', ""),
  m("capabilities-baseline", '  "SYS_CHROOT",\n', '  "SYS_CHROOT",\n  "NET_RAW",\n'),
  m("capabilities-baseline", '  "MKNOD",\n', ""),
  m("capabilities-baseline", "replacedSince: 22", "replacedSince: 21"),
  m("capabilities-baseline", "allowed.includes(name)", 'allowed.includes(name.replace("CAP_", ""))'),
  m("capabilities-baseline", "allowed.includes(name)", "allowed.includes(name.toUpperCase())"),
  m("host-path-volumes", "if (!hostPath.isPresent) continue;", "if (hostPath.isAbsent) return;"),
  m("host-path-volumes", "replacedSince: 0", "replacedSince: 99"),
  m("host-ports", "number === 0", "number < 1024"),
  m("host-ports", "|| number === 0", ""),
  m("host-probes", '  ["startupProbe"],\n', ""),
  m("host-probes", '  ["lifecycle", "preStop"],\n', ""),
  m("host-probes", '  ["lifecycle", "postStart"],\n', ""),
  m("host-probes", '  ["readinessProbe"],\n', ""),
  m("host-probes", ', "tcpSocket"]', "]"),
  m("host-probes", "since: 34", "since: 35"),
  m("host-probes", "since: 34", "since: 33"),
  m("host-probes", 'host.text() === ""', '["", "127.0.0.1", "::1"].includes(host.text()!)'),
  m("app-armor", "of contexts(pod)", "of [pod.securityContext]"),
  m("app-armor", "of contexts(pod)", "of contexts(pod).slice(1)"),
  m("app-armor", 'text === "" || ', ""),
  m("app-armor", '|| text.startsWith("localhost/")', ""),
  m("app-armor", "!key.startsWith(prefix) || ", ""),
  m("app-armor", "type.isAbsent ? !type.isMissing : ", "type.isAbsent || "),
  m("app-armor", '["RuntimeDefault", "Localhost"]', '["RuntimeDefault", "Localhost", "Unconfined"]'),
  m("se-linux", "minor >= 31", "minor >= 32"),
  m("se-linux", "minor >= 31", "true"),
  m("se-linux", ', "container_engine_t"', ""),
  m("se-linux", '["user", "role"]', '["user"]'),
  m("se-linux", '["user", "role"]', '["role"]'),
  m("se-linux", ', "container_kvm_t"', ""),
  m("se-linux", "of contexts(pod)", "of contexts(pod).slice(1)"),
  m("proc-mount", "minor < 35 || ", ""),
  m("proc-mount", "minor < 35 || hasUserNamespace(pod) === false", "true"),
  m("proc-mount", "replacedSince: 35", "replacedSince: 0"),
  m("proc-mount", "since: 35,\n  name", "since: 36,\n  name"),
  m("proc-mount", 'text === "Default"', 'text !== "Unmasked"'),
  m(
    "proc-mount",
    "check: (pod, run) => checkProcMount(pod, run)",
    "check: (pod, run) => void (hasUserNamespace(pod) || checkProcMount(pod, run))",
  ),
  m("seccomp-baseline", "minor >= 19", "minor >= 18"),
  m("seccomp-baseline", "minor >= 19", "minor >= 20"),
  m("seccomp-baseline", ' || text === "docker/default"', ""),
  m("seccomp-baseline", "[podAnnotation, ...", "[..."),
  m("seccomp-baseline", "replacedSince: 19", "replacedSince: 0"),
  m("seccomp-baseline", '["RuntimeDefault", "Localhost"]', '["RuntimeDefault"]'),
  m("seccomp-baseline", "type.isAbsent ? type.isMissing", "type.isAbsent ? false"),
  m("seccomp-restricted", "minor >= 25", "minor >= 24"),
  m("seccomp-restricted", "minor >= 25", "false"),
  m("seccomp-restricted", "of contexts(pod)", "of contexts(pod).slice(1)"),
  m("seccomp-restricted", "if (!profile.isMissing) continue;", "continue;"),
  m("seccomp-restricted", "podProfile.isMissing ||", "true ||"),
  m("seccomp-restricted", "since: 19", "since: 20"),
  m("sysctls", '[27, ["net.ipv4.ip_local_reserved_ports"]]', '[29, ["net.ipv4.ip_local_reserved_ports"]]'),
  m("sysctls", "[32,", "[31,"),
  m("sysctls", "[37,", "[99,"),
  m("sysctls", '      "net.ipv4.tcp_keepalive_probes",\n', ""),
  m("sysctls", ', "net.ipv4.tcp_wmem"', ""),
  m("sysctls", '      "net.ipv4.ping_group_range",\n', ""),
  m("windows-host-process", "of contexts(pod)", "of [pod.securityContext]"),
  m("windows-host-process", "of contexts(pod)", "of contexts(pod).slice(1)"),
  m("windows-host-process", "=== true", "=== undefined"),
  m("privilege-escalation", "since: 8", "since: 9"),
  m("privilege-escalation", "since: 8", "since: 0"),
  m("privilege-escalation", "minor >= 25", "true"),
  m("privilege-escalation", "windows === true || ", ""),
  m("privilege-escalation", "windows === false && value.isMissing", "false"),
  m("privilege-escalation", "value.boolean() === true;", "false;"),
  m("privilege-escalation", "of pod.containers)", 'of pod.containers.filter(({ type }) => type !== "init"))'),
  m("capabilities-restricted", 'drop.includes("ALL")', 'drop.includes("ALL", "all")'),
  m("capabilities-restricted", "since: 22", "since: 23"),
  m("capabilities-restricted", "minor >= 25", "minor >= 26"),
  m("capabilities-restricted", "windows === true) return", "windows === true) void 0"),
  m("capabilities-restricted", 'value.text() === "NET_BIND_SERVICE"', 'value.text() !== "NET_RAW"'),
  m("capabilities-restricted", "drop.isAbsent ? drop.isMissing", "drop.isAbsent ? false"),
  m("run-as-non-root", "minor >= 35 && hasUserNamespace(pod) !== false", "false"),
  m("run-as-non-root", "minor >= 35 &&", "minor >= 34 &&"),
  m("run-as-non-root", "of contexts(pod)", "of contexts(pod).slice(1)"),
  m("run-as-non-root", "of contexts(pod)", "of [pod.securityContext]"),
  m(
    "run-as-non-root",
    "!ofPod.isMissing && ofPod.boolean() !== false",
    "!ofPod.isMissing || pod.containers.length > 1",
  ),
  m(
    "run-as-non-root",
    'import { contexts, control, hasUserNamespace } from "./standard";',
    'import { contexts, control, hasUserNamespace as x, isWindows } from "./standard";\nconst hasUserNamespace = (pod: never) => x(pod) || isWindows(pod);',
  ),
  m("run-as-user", "minor >= 35 && hasUserNamespace(pod) !== false", "false"),
  m("run-as-user", "minor >= 35 &&", ""),
  m("run-as-user", "of contexts(pod)", "of contexts(pod).slice(1)"),
  m("run-as-user", "since: 23", "since: 22"),
  m("restricted-volumes", '  "image",\n', ""),
  m("restricted-volumes", '  "csi",\n', ""),
  m("restricted-volumes", '  "ephemeral",\n', ""),
  m(
    "restricted-volumes",
    "sources.some(([key]) => allowed.includes(key))",
    'sources.every(([key]) => key !== "hostPath")',
  ),
  m("restricted-volumes", "value.isPresent", "value.isMissing"),
  m("standard", 'level !== "restricted"', 'level === "privileged"'),
  m("standard", "minor < since", "minor <= since"),
  m("standard", "minor >= replacedSince", "minor > replacedSince"),
  m("standard", 'name.text() === "windows"', 'name.text() !== "linux"'),
  m("standard", "hostUsers.boolean() === false", "hostUsers.boolean() !== true"),
  m("standard", "[pod.securityContext, ...", "[..."),
];

type Loader = (module: Module, file: string) => void;

/** The controls with one error in them, or with none. Compiled in memory, apart from those that are loaded already. */
export function controlsWith<T>(mutant?: Mutant): T {
  const folder = path.join(projectDir, "policies", "kubernetes", "pod-security");
  const loaders = (Module as unknown as { _extensions: Record<string, Loader> })._extensions;
  const before = loaders[".ts"]!;
  const kept = new Map<string, NodeJS.Module>();
  for (const file of Object.keys(require.cache).filter((name) => name.startsWith(folder))) {
    kept.set(file, require.cache[file]!);
    Reflect.deleteProperty(require.cache, file);
  }
  loaders[".ts"] = (module, file) => {
    if (!file.startsWith(folder)) return before(module, file);
    let source = readFileSync(file, "utf8");
    if (mutant && path.basename(file) === mutant.file) {
      if (source.split(mutant.from).length < 2) throw new Error(`${mutant.file} has no "${mutant.from}"`);
      source = source.replace(mutant.from, () => mutant.to);
    }
    (module as unknown as { _compile(code: string, file: string): void })._compile(compiled(source), file);
  };
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded anew for every error
    return (require(path.join(folder, "index.ts")) as { podSecurity: T }).podSecurity;
  } finally {
    loaders[".ts"] = before;
    for (const file of Object.keys(require.cache).filter((name) => name.startsWith(folder))) {
      Reflect.deleteProperty(require.cache, file);
    }
    for (const [file, module] of kept) require.cache[file] = module;
  }
}

const done = new Map<string, string>();

function compiled(source: string): string {
  let code = done.get(source);
  if (code === undefined) {
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    code = ts.transpileModule(source, { compilerOptions }).outputText;
    done.set(source, code);
  }
  return code;
}
