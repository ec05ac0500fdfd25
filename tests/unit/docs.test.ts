import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { projectDir } from "../support/project";

const pages = [
  ...[
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "components/README.md",
    "policies/README.md",
    "examples/README.md",
  ],
  ...readdirSync(path.join(projectDir, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

const textOf = (page: string) => readFileSync(path.join(projectDir, page), "utf8");

/** What a heading is called in a link, as GitHub does it. */
function anchorsOf(page: string): string[] {
  const headings = [...textOf(page).matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

function brokenLinks(page: string): string[] {
  const prose = textOf(page)
    .replace(/^```[^]*?^```/gm, "")
    .replace(/`[^`\n]*`/g, "``");
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [file, anchor] = link.split("#") as [string, string?];
      const target = file === "" ? page : path.join(path.dirname(page), file);
      if (!existsSync(path.join(projectDir, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    })
    .map((link) => `${page}: ${link}`);
}

/** A block as a module of its own: a whole program, statements with what they take for granted, or some arguments. */
function moduleOf(code: string): string {
  if (code.includes('from "flink-kubernetes"')) return code;
  const names =
    "FlinkApplication, FlinkCluster, FlinkJob, FlinkApplicationArgs, FlinkClusterArgs, FlinkJobArgs";
  const known = `import { ${names} } from "flink-kubernetes";\ndeclare const cluster: FlinkCluster;\n`;
  const complete = code.replace(/: …/g, ": undefined as never").replace(/\[ … \]/g, "[]");
  if (!/^[a-zA-Z]+: /.test(code)) return known + complete;
  return `${known}export const args: Partial<FlinkClusterArgs & FlinkApplicationArgs & FlinkJobArgs> = {\n${complete}\n};\n`;
}

describe("the documentation", function () {
  this.timeout(180_000);

  it("has no link that leads nowhere", () => {
    assert.deepEqual(pages.flatMap(brokenLinks), []);
  });

  it("can be reached from its first page", () => {
    const linked = new Set(
      ["README.md", "docs/README.md"].flatMap((page) =>
        [...textOf(page).matchAll(/\]\(([^)#\s]+)/g)].map((match) =>
          path.join(path.dirname(page), match[1]!),
        ),
      ),
    );
    const own = pages.filter(
      (page) => /^docs\/(reference\/)?[^/]+\.md$/.test(page) && page !== "docs/README.md",
    );
    assert.deepEqual(
      own.filter((page) => !linked.has(page)),
      [],
    );
  });

  it("keeps npm's banner out of what is shown or piped on", () => {
    const withBanner = pages.flatMap((page) => {
      const shown = [...textOf(page).matchAll(/^```sh\n([^]*?)^```\n+```text/gm)].map(([, block]) => block!);
      const piped = [...textOf(page).matchAll(/npm run [^`\n|>]*(\||>)/g)].map(([text]) => text);
      return [...shown, ...piped]
        .flatMap((block) => block.split("\n"))
        .filter((line) => /\bnpm run (?!-s )/.test(line))
        .map((line) => `${page}: ${line}`);
    });
    assert.deepEqual(withBanner, []);
  });

  it("has only TypeScript that compiles", () => {
    const files = new Map<string, string>();
    for (const page of pages) {
      const blocks = [...textOf(page).matchAll(/^```ts\n([^]*?)^```/gm)];
      blocks.forEach((block, index) => {
        const file = path.join(projectDir, "tests", `${page.replaceAll("/", "_")}_block_${index + 1}.ts`);
        files.set(file, moduleOf(block[1]!));
      });
    }
    assert.ok(files.size > 10, String(files.size));
    const options: ts.CompilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      resolveJsonModule: true,
      esModuleInterop: true,
      types: ["node"],
      paths: { "flink-kubernetes": [path.join(projectDir, "components/index.ts")] },
    };
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists, readFile } = host;
    host.fileExists = (file) => files.has(file) || fileExists(file);
    host.readFile = (file) => files.get(file) ?? readFile(file);
    host.getSourceFile = (file, ...rest) =>
      files.has(file)
        ? ts.createSourceFile(file, files.get(file)!, rest[0], true)
        : getSourceFile(file, ...rest);
    const examples = readdirSync(path.join(projectDir, "examples"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => path.join(projectDir, "examples", file));
    const all = [...files.keys(), ...examples];
    const program = ts.createProgram(all, options, host);
    const wrong = all.flatMap((file) => {
      const source = program.getSourceFile(file)!;
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    const told = ts.formatDiagnostics(wrong, {
      getCanonicalFileName: (file) => path.basename(file),
      getCurrentDirectory: () => projectDir,
      getNewLine: () => "\n",
    });
    assert.equal(wrong.length, 0, told);
  });

  it("explains only messages that there are", () => {
    const folders = ["components", "recorder", "operations", "cli", "local"];
    const code = folders.flatMap(sourcesBelow).join("\n");
    const rows = textOf("docs/troubleshooting.md")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    const messages = rows.map((row) => /^\| `([^`]+)`/.exec(row)![1]!).filter((text) => text !== "OOMKilled");
    assert.ok(messages.length > 15);
    assert.deepEqual(
      messages.filter((text) => !code.includes(text)),
      [],
    );
  });
});

function sourcesBelow(folder: string): string[] {
  return readdirSync(path.join(projectDir, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|sh)$/.test(file) && !/(^|\/)(bin|node_modules)\//.test(file))
    .map((file) => textOf(path.join(folder, file)));
}
