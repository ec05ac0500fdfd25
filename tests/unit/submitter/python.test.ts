import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32 } from "node:zlib";
import { awks, findCommand } from "./awks";
import { World } from "./harness";

const script = "import sys\nprint('Hello', sys.argv)\n";
const request = {
  entryClass: "org.apache.flink.client.python.PythonDriver",
  programArgsList: ["-pym", "flink_kubernetes_job", "$job$"],
  flinkConfiguration: { k: "v", "python.files": "$uploaded$,/opt/a.zip" },
  parallelism: 2,
};

/** The archive in the body of an upload. */
function archiveOf(body: Buffer): Buffer {
  const begin = body.indexOf("PK\u0003\u0004", 0, "latin1");
  const end = body.indexOf("PK\u0005\u0006", 0, "latin1");
  assert.ok(begin > 0 && end > begin);
  return body.subarray(begin, end + 22);
}

/** The files of an archive by its directory, as readers of zip archives find them. */
function entries(archive: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  const end = archive.length - 22;
  assert.equal(archive.readUInt32LE(end), 0x06054b50);
  let at = archive.readUInt32LE(end + 16);
  for (let count = archive.readUInt16LE(end + 10); count > 0; count--) {
    assert.equal(archive.readUInt32LE(at), 0x02014b50);
    const [crc, packed, size] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset));
    const length = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + 46, at + 46 + length);
    const local = archive.readUInt32LE(at + 42);
    assert.equal(archive.readUInt32LE(local), 0x04034b50);
    const content = archive.subarray(local + 30 + length, local + 30 + length + size);
    assert.deepEqual([crc, packed], [crc32(content), content.length], name);
    found[name] = content.toString();
    at += 46 + length;
  }
  assert.equal(at, end);
  return found;
}

describe("submission of a program in Python", function () {
  this.timeout(60_000);
  let world: World;

  beforeEach(async () => {
    world = await new World(awks.find(({ command }) => command)!.command!).start();
    world.setRequest(request);
    world.setEntry(
      "job.json",
      JSON.stringify({ module: "main", arguments: ["ü", { $secret: "argument-1" }] }),
    );
    world.setEntry("main.py", script);
  });
  afterEach(() => world.stop());

  const secrets = () => ({ SECRETS_DIR: world.folderOf({ "argument-1": 's3"cret' }) });

  it("sends an archive of the program, and says where the JobManager finds it", async () => {
    const { code, log } = await world.run({ JAR: "", PYTHON: "", ...secrets() });
    assert.equal(code, 0, log);
    const { "flink_kubernetes_job.py": runner, ...files } = entries(archiveOf(world.flink.uploaded));
    assert.match(runner, /def main/);
    assert.deepEqual(files, {
      "job.json": '{"module":"main","arguments":["ü","s3\\"cret"]}',
      "main.py": script,
    });
    const [jar] = world.flink.jars.keys();
    const [run] = world.flink.runs;
    assert.deepEqual(run.flinkConfiguration, {
      k: "v",
      "python.files": `/tmp/flink-web-${world.flink.process}/flink-web-upload/${jar},/opt/a.zip`,
    });
    assert.deepEqual(run.programArgsList, ["-pym", "flink_kubernetes_job", run.jobId]);
    // What a rollback runs again holds for another JobManager, too.
    assert.deepEqual(JSON.parse(world.ledger.data!.request), request);
  });

  it("makes a file of the image, or a script in the Secret, the program", async () => {
    world.removeEntry("main.py");
    const folder = world.folderOf({ "job.py": "pass\n", "main.py": "1\n", "argument-1": "" });
    const file = await world.run({ JAR: `${folder}/job.py`, PYTHON: "", SECRETS_DIR: folder });
    assert.equal(file.code, 0, file.log);
    assert.equal(entries(archiveOf(world.flink.uploaded))["main.py"], "pass\n");
    const next = { REVISION: "rev-b", SUBMISSION_UID: "uid-2" };
    const secret = await world.run({ JAR: "", PYTHON: "", SECRETS_DIR: folder, ...next });
    assert.equal(secret.code, 0, secret.log);
    assert.equal(entries(archiveOf(world.flink.uploaded))["main.py"], "1\n");
  });

  it("sends what runs a script in SQL, where Flink has nothing", async () => {
    world.setRequest({ entryClass: "flink.kubernetes.SqlScript", parallelism: 2 });
    world.setEntry("SqlScript.class", "class");
    const { code, log } = await world.run({ JAR: "" });
    assert.equal(code, 0, log);
    assert.deepEqual(entries(archiveOf(world.flink.uploaded)), {
      "flink/kubernetes/SqlScript.class": "class",
    });
  });

  it("lets Flink make the plan under the id of the job to be", async () => {
    await world.run({ JAR: "", PYTHON: "", ...secrets() });
    await world.run({ JAR: "", PYTHON: "", REVISION: "rev-b", SUBMISSION_UID: "uid-2", ...secrets() });
    const { jobId, programArgsList } = world.flink.planned[0];
    assert.deepEqual(programArgsList, ["-pym", "flink_kubernetes_job", jobId]);
    assert.equal(jobId, world.flink.runs[1].jobId);
  });

  it("tries again while another job is being started", async () => {
    world.flink.refusal =
      "x.ProgramInvocationException: \nCaused by: RuntimeException: Another job is being started at this moment: 1\n";
    let tries = 0;
    world.fault = (_server, _method, url) => {
      if (url.includes("/run") && ++tries === 3) world.flink.refusal = undefined;
      return undefined;
    };
    const { code, log } = await world.run({ JAR: "", PYTHON: "", ...secrets() });
    assert.equal(code, 0, log);
    assert.equal(tries, 3);
    assert.equal(world.flink.active.length, 1);
  });

  it("says at once that the image has no PyFlink, where it can see it", async () => {
    const none = await world.run({ JAR: "", PYTHON: "python", ...secrets() });
    assert.match(
      none.message,
      /flink:test cannot run a program in Python: .*python: command not found\. Use an image/,
    );
    world.addCommand(
      "python",
      "#!/bin/bash\necho \"ModuleNotFoundError: No module named 'pyflink'\" >&2; exit 1\n",
    );
    const bare = await world.run({ JAR: "", PYTHON: "python", SUBMISSION_UID: "uid-2", ...secrets() });
    assert.match(bare.message, /No module named 'pyflink'\. Use an image with the command "python"/);
    assert.equal(world.flink.uploads, 0);
  });
});

/** Stands for PyFlink in the JobManager: prints what is told to Flink. */
const pyflink = {
  "pyflink/__init__.py": "",
  "pyflink/java_gateway.py": `
class Anything:
    def __init__(self, name): self.name = name
    def __getattr__(self, name): return Anything(self.name + "." + name)
    def __call__(self, *args):
        if self.name.endswith("RuntimeException"): print("told:", args[0])
        return self
def get_gateway(): return Anything("gateway")
`,
  "pyflink/datastream.py": `
class Found:
    def getOptional(self, option): return self
    def orElse(self, other): return "0123"
class Java:
    def getConfiguration(self): return Found()
class StreamExecutionEnvironment:
    _j_stream_execution_environment = Java()
    @staticmethod
    def get_execution_environment(): return StreamExecutionEnvironment()
`,
  "pyflink/table.py": `
class TableEnvironment:
    @staticmethod
    def create(settings): pass
`,
};

describe("what runs a program in Python", function () {
  this.timeout(60_000);
  const python = findCommand("python3");
  let folder: string;
  let archive: Buffer;
  before(async function () {
    if (python === undefined) {
      console.log("      skipped: there is no python3");
      this.skip();
    }
    const world = await new World(awks.find(({ command }) => command)!.command!).start();
    try {
      world.setRequest(request);
      world.setEntry("job.json", JSON.stringify({ module: "main", arguments: ["a b", "c"] }));
      const { code, log } = await world.run({ JAR: "", PYTHON: "" });
      assert.equal(code, 0, log);
      archive = archiveOf(world.flink.uploaded);
    } finally {
      world.stop();
    }
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "python-test-"));
    mkdirSync(path.join(folder, "pyflink"));
    for (const [name, text] of Object.entries(pyflink)) writeFileSync(path.join(folder, name), text);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs it as Flink does, out of the archive; the program is one of its other files, in a folder that is called like the library, as Flink's is. */
  function run(program: string, jobId = "0123"): { code: number; printed: string } {
    const files = path.join(folder, "tmp/pyflink/files");
    mkdirSync(files, { recursive: true });
    writeFileSync(path.join(folder, "program.jar"), archive);
    writeFileSync(path.join(files, "main.py"), program);
    const PYTHONPATH = [path.join(folder, "program.jar"), files, folder].join(path.delimiter);
    const env = { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: "1" };
    try {
      const args = ["-u", "-m", "flink_kubernetes_job", jobId];
      const printed = execFileSync(python!, args, { env, encoding: "utf8", stdio: "pipe", cwd: folder });
      return { code: 0, printed };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, printed: stdout };
    }
  }

  const environment =
    "from pyflink.datastream import StreamExecutionEnvironment as E\nE.get_execution_environment()\n";

  it("gives it its arguments, as the main program", () => {
    const { code, printed } = run(`${environment}import sys\nprint(__name__, sys.argv[1:])\n`);
    assert.deepEqual({ code, printed }, { code: 0, printed: "__main__ ['a b', 'c']\n" });
  });

  it("tells Flink what is wrong and where", () => {
    const wrong = run("def f():\n    return 1 / 0\nf()\n");
    assert.deepEqual(wrong, {
      code: 1,
      printed: "told: ZeroDivisionError: division by zero (main.py, line 2)\n",
    });
    const syntax = run("print(\n");
    assert.equal(syntax.code, 1);
    assert.match(syntax.printed, /^told: .*SyntaxError/s);
    const ended = run("import sys\nsys.exit('no numbers')\n");
    assert.deepEqual(ended, { code: 1, printed: "told: the program ended itself with no numbers\n" });
    assert.equal(run("import sys\nsys.exit()\n").code, 0);
  });

  it("runs it in no other job's environment", () => {
    const { code, printed } = run(`${environment}print('ran')\n`, "4567");
    assert.equal(code, 1);
    assert.match(printed, /^told: RuntimeError: Another job is being started at this moment: 0123 /);
  });
});
