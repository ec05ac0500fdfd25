import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../problems";
import { type Program, type Report, checkArtifact } from "./artifact";
import { type ShapeOf, isLater } from "./shape";

/**
 * A job written in Python. The images of the cluster need PyFlink: `pip install apache-flink` in the
 * cluster's version, and the command `python`. Give exactly one of `script`, `file` and `module`.
 */
export interface PythonArgs {
  /**
   * The program itself. Everybody who may read ConfigMaps in the namespace can read a plain string. An Output
   * (with a password of the stack, for example) goes into a Secret, as for `arguments`. At most 128 KiB. A
   * change creates a new revision.
   */
  script?: pulumi.Input<string>;

  /**
   * Location of the program, a `.py` file. The same places as for a `jar`: in the image of the submission
   * pods, on one of their volumes, `https://…` with `jarChecksum`, or `s3://bucket/key` with `jarStorage`. A
   * change creates a new revision.
   */
  file?: pulumi.Input<string>;

  /**
   * Name of the module to run, as after `python -m`. It is in one of `pyFiles`, or installed in the image of
   * the cluster. A change creates a new revision.
   */
  module?: pulumi.Input<string>;

  /**
   * Further files that the JobManager and the TaskManagers can import: `.py` files, zip archives, or folders.
   * Each is an absolute path in the image of the cluster, or a URI of a file system that Flink can read
   * there. Default: none. A change creates a new revision.
   */
  pyFiles?: pulumi.Input<pulumi.Input<string>[]>;
}

export const pythonShape: ShapeOf<PythonArgs> = {
  script: { hidden: "any" },
  file: "any",
  module: "any",
  pyFiles: "any",
};

/**
 * Flink's own class that runs a Python program. It is in `flink-python-*.jar`, which Flink adds from its
 * `opt` folder.
 */
export const pythonDriver = "org.apache.flink.client.python.PythonDriver";

/** Runs the program and tells Flink why it failed: see submitter/flink_kubernetes_job.py. */
export const pythonRunner = "flink_kubernetes_job";

/** Module name of a script or file in the archive that the submission creates. */
export const mainModule = "main";

/** Secret entry for a script that is an Output. */
export const pythonScriptEntry = "main.py";

/** Placeholder that the submission replaces with the archive's path on the JobManager and the job's id. */
export const uploadedMark = "$uploaded$";
export const jobIdMark = "$job$";

/** Content of the archive of a Python job. */
export interface PythonProgram {
  /** A script, or a reference to its entry in the job's Secret. */
  script?: string;
  module: string;
  arguments: string[];
}

const file: Program = {
  path: "python.file",
  suffix: ".py",
  example: 'write its location, for example "/opt/flink/usrlib/my_job.py" or "https://…/my_job.py"',
};

interface Given extends Partial<Record<keyof PythonArgs, unknown>> {
  jarChecksum?: unknown;
  jarStorage?: unknown;
  jarHttp?: unknown;
}

/** Checks a Python program, as far as it is known. */
export function checkPython(given: Given, problems: Problem[]): void {
  const bad: Report = (path, value, reason, fix) =>
    void problems.push({ path: `python.${path}`, value, reason, fix });
  const present = (["script", "file", "module"] as const).filter(
    (field) => given[field] !== undefined && given[field] !== null,
  );
  if (present.length !== 1) {
    const reason =
      present.length === 0
        ? "the program is missing"
        : `a job has one program, but this names ${present.length}`;
    problems.push({
      path: "python",
      reason,
      fix: `set one of script, file and module${present.length > 1 ? `, not ${present.join(" and ")}` : ""}`,
    });
  }
  const { script, module } = given;
  if (script !== undefined && script !== null && !isLater(script)) {
    if (typeof script !== "string" || script.trim() === "")
      bad("script", undefined, "this must be a non-empty string", "write the program, with its line breaks");
    else if (script.includes("\0"))
      bad("script", undefined, "Python does not accept a NUL character", "remove it");
  }
  if (present.includes("file")) checkArtifact({ ...given, jar: given.file }, problems, file);
  else {
    for (const field of ["jarChecksum", "jarStorage", "jarHttp"] as const) {
      if (given[field] === undefined || given[field] === null) continue;
      const reason = "this is for python.file, which is missing";
      problems.push({ path: field, reason, fix: "leave it out, or set python.file" });
    }
  }
  if (module !== undefined && module !== null && !isLater(module)) {
    if (typeof module !== "string" || !/^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(module))
      bad(
        "module",
        module,
        "this is not a valid name of a Python module",
        'write it as after `import`, for example "shop.counts"',
      );
  }
  checkFiles(given.pyFiles, bad);
}

function checkFiles(list: unknown, bad: Report): void {
  if (list === undefined || list === null || isLater(list)) return;
  if (!Array.isArray(list)) {
    bad("pyFiles", list, "this must be a list", "write a list, also for one entry");
    return;
  }
  list.forEach((entry: unknown, index) => {
    if (isLater(entry)) return;
    const at = `pyFiles[${index}]`;
    const example = 'write for example "/opt/flink/usrlib/shop.zip"';
    if (typeof entry !== "string" || !/^(\/|[a-z][a-z0-9+.-]*:\/\/?)[^\s]/i.test(entry))
      bad(at, entry, "this must be an absolute path in the image of the cluster, or a URI", example);
    else if (entry.includes(","))
      bad(at, entry, "Flink reads a comma as the end of the name", "rename the file");
  });
}
