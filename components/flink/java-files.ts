/** A file that a Java flag tells Java to write. */

export interface JavaFile {
  /** The flag without its value: `-XX:HeapDumpPath`. */
  flag: string;
  path: string;
  /** Whether Java fails to start if it cannot write there. */
  needed: boolean;
}

/** Working directory of the processes in the official images. Relative paths in flags are resolved there. */
const workingDirectory = "/opt/flink";

/** The files that these flags name. If a path contains a variable, only its known directory is used. */
export function javaFiles(flags: string): JavaFile[] {
  const words = flags.split(/\s+/).map((word) => word.replace(/['"]/g, ""));
  const found = words.flatMap((word): JavaFile[] => {
    const [, flag, path] =
      /^(-XX:(?:HeapDumpPath|ErrorFile|LogFile|ArchiveClassesAtExit))=(.+)$/.exec(word) ?? [];
    if (flag !== undefined) return [{ flag, path, needed: false }];
    const [, recording] = /^-XX:(?:StartFlightRecording|FlightRecorderOptions)[=:](.*)$/.exec(word) ?? [];
    if (recording !== undefined) {
      const [, key, file] = /(?:^|,)(filename|repository)=([^,]+)/.exec(recording) ?? [];
      return file === undefined
        ? []
        : [{ flag: `${/^-XX:\w+/.exec(word)![0]} (${key})`, path: file, needed: true }];
    }
    if (word.startsWith("-Xloggc:")) return [{ flag: "-Xloggc", path: word.slice(8), needed: true }];
    const output = word.startsWith("-Xlog:") ? word.split(":")[2] : undefined;
    if (output === undefined || /^(|stdout|stderr)$/.test(output)) return [];
    return [{ flag: "-Xlog", path: output.replace(/^file=/, ""), needed: true }];
  });
  const dumps =
    words.includes("-XX:+HeapDumpOnOutOfMemoryError") && !found.some(({ flag }) => /HeapDump/.test(flag));
  if (dumps) found.push({ flag: "-XX:+HeapDumpOnOutOfMemoryError", path: "", needed: false });
  return found
    .map((file) => ({ ...file, path: literal(file.path) }))
    .filter(({ path }) => path.startsWith("/"));
}

function literal(path: string): string {
  if (path === "") return workingDirectory;
  if (path.startsWith("$")) return path;
  const absolute = path.startsWith("/") ? path : `${workingDirectory}/${path}`;
  const variable = absolute.search(/[$%]/);
  return variable < 0 ? absolute : absolute.slice(0, absolute.lastIndexOf("/", variable));
}
