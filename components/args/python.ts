import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../problems";
import { type Program, type Report, checkArtifact } from "./artifact";
import { type ShapeOf, isLater } from "./shape";

/**
 * A job that is written in Python. The images of the cluster need PyFlink: `pip install apache-flink` of the cluster's version, and the command `python`. Exactly one of
 * `script`, `file` and `module` is given.
 */
export interface PythonArgs {
  /**
   * The program itself. A plain text can be read by everybody who may read ConfigMaps in the namespace; an Output (with a password of the stack, for example) stands in
   * a Secret, as for `arguments`. At most 128 KiB. Changing it is a new revision.
   */
  script?: pulumi.Input<string>;

  /**
   * Where the program is, a file that ends in `.py`: the same places as for a `jar` (in the image of the submission pods, on a volume of theirs, `https://…` with
   * `jarChecksum`, `s3://bucket/key` with `jarStorage`). Changing it is a new revision.
   */
  file?: pulumi.Input<string>;

  /** Name of the module to run, as after `python -m`: it is in one of `pyFiles`, or installed in the image of the cluster. Changing it is a new revision. */
  module?: pulumi.Input<string>;

  /**
   * More files of the program, which can be imported in the JobManager and in the TaskManagers: files that end in `.py`, zip archives, or folders, as absolute paths in the
   * image of the cluster or as URIs of a file system that Flink knows there. Default: none. Changing them is a new revision.
   */
  pyFiles?: pulumi.Input<pulumi.Input<string>[]>;
}

export const pythonShape: ShapeOf<PythonArgs> = {
  script: { hidden: "any" },
  file: "any",
  module: "any",
  pyFiles: "any",
};

/** Flink's own class that runs a Python program; it is in `flink-python-*.jar`, which Flink adds for it from its `opt` folder. */
export const pythonDriver = "org.apache.flink.client.python.PythonDriver";

/** What runs the program and tells Flink what it fails of: see submitter/flink_kubernetes_job.py. */
export const pythonRunner = "flink_kubernetes_job";

/** The module that a script or a file is, in the archive that the submission makes. */
export const mainModule = "main";

/** The entry of the job's Secret for a script that is an Output. */
export const pythonScriptEntry = "main.py";

/** What the submission puts the JobManager's path of the archive, and the job's id, in place of. */
export const uploadedMark = "$uploaded$";
export const jobIdMark = "$job$";

/** What the archive of a Python job is made of. */
export interface PythonProgram {
  /** A script, or a reference to its entry in the job's Secret. */
  script?: string;
  module: string;
  arguments: string[];
}

const file: Program = {
  path: "python.file",
  suffix: ".py",
  example: 'write where it is, for example "/opt/flink/usrlib/my_job.py" or "https://…/my_job.py"',
};

interface Given extends Partial<Record<keyof PythonArgs, unknown>> {
  jarChecksum?: unknown;
  jarStorage?: unknown;
  jarHttp?: unknown;
}

/** What is wrong with a program in Python, as far as it is known. */
export function checkPython(given: Given, problems: Problem[]): void {
  const bad: Report = (path, value, reason, fix) =>
    void problems.push({ path: `python.${path}`, value, reason, fix });
  const present = (["script", "file", "module"] as const).filter(
    (field) => given[field] !== undefined && given[field] !== null,
  );
  if (present.length !== 1) {
    const reason =
      present.length === 0 ? "there is no program" : `it is one program, and these are ${present.length}`;
    problems.push({
      path: "python",
      reason,
      fix: `give one of script, file and module${present.length > 1 ? `, not ${present.join(" and ")}` : ""}`,
    });
  }
  const { script, module } = given;
  if (script !== undefined && script !== null && !isLater(script)) {
    if (typeof script !== "string" || script.trim() === "")
      bad("script", undefined, "this must be a text", "write the program, with its line breaks");
    else if (script.includes("\0")) bad("script", undefined, "Python takes no NUL character", "take it out");
  }
  if (present.includes("file")) checkArtifact({ ...given, jar: given.file }, problems, file);
  else {
    for (const field of ["jarChecksum", "jarStorage", "jarHttp"] as const) {
      if (given[field] === undefined || given[field] === null) continue;
      const reason = "there is no file that it would be for";
      problems.push({ path: field, reason, fix: "leave it out, or give python.file" });
    }
  }
  if (module !== undefined && module !== null && !isLater(module)) {
    if (typeof module !== "string" || !/^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(module))
      bad(
        "module",
        module,
        "this is not the name of a Python module",
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
      bad(at, entry, "Flink takes a comma for the end of the name", "rename the file");
  });
}
