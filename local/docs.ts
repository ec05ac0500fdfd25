import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { UserError } from "../recorder/errors";

/** Linked code files, by the language for highlighting. The site gets a page for each of them. */
const languages: Record<string, string> = {
  ".ts": "ts",
  ".py": "python",
  ".json": "json",
  ".yaml": "yaml",
  Dockerfile: "docker",
};

/**
 * Copies the public Markdown, with linked pictures and code, into the folder `out` for the site's generator.
 * It changes only the links to code. Returns the number of pages.
 */
export function stagePages(projectDir: string, out: string): number {
  rmSync(out, { recursive: true, force: true });
  const files = [
    ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
    ...["docs", "examples"].flatMap((folder) => filesBelow(projectDir, folder)),
  ];
  const pages = files.filter((file) => file.endsWith(".md"));
  for (const file of files.filter((name) => /\.(png|svg)$/.test(name))) {
    mkdirSync(path.join(out, path.dirname(file)), { recursive: true });
    cpSync(path.join(projectDir, file), path.join(out, file));
  }
  const code = new Set<string>();
  for (const page of pages) {
    const text = readFileSync(path.join(projectDir, page), "utf8")
      .replace(/^<!--[^]*?-->\n+/, "")
      .replace(/^```mermaid\n([^]*?)^```/gm, (_block, drawing: string) => {
        const picture = pictureOf(projectDir, page, drawing);
        write(out, picture, readFileSync(path.join(projectDir, picture), "utf8"));
        return `![What is described here, as a picture](${path.posix.relative(path.posix.dirname(page), picture)})`;
      })
      .replace(/\]\(([^)#\s:]+)\)/g, (link, target: string) => {
        const linked = path.posix.join(path.posix.dirname(page), target);
        if (languageOf(linked) === undefined) return link;
        code.add(linked);
        return `](${target}.md)`;
      });
    write(out, page, text);
  }
  for (const file of code) {
    const text = readFileSync(path.join(projectDir, file), "utf8");
    write(out, `${file}.md`, `# ${file}\n\n\`\`\`${languageOf(file)}\n${text}\`\`\`\n`);
  }
  return pages.length + code.size;
}

/** The rendered diagram of exactly this text, because the site's generator cannot render diagrams. */
function pictureOf(projectDir: string, page: string, drawing: string): string {
  const hash = createHash("sha256").update(drawing).digest("hex").slice(0, 8);
  const picture = `site/pictures/${hash}.svg`;
  if (existsSync(path.join(projectDir, picture))) return picture;
  throw new UserError(`${page} has a diagram that is not drawn yet.`, [
    `Draw it with Mermaid (theme neutral, htmlLabels false, a white background) as ${picture}, in place of the one before.`,
  ]);
}

function languageOf(file: string): string | undefined {
  return languages[path.extname(file)] ?? languages[path.basename(file)];
}

function filesBelow(projectDir: string, folder: string): string[] {
  return readdirSync(path.join(projectDir, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => !/(^|\/)(target|node_modules)\//.test(file))
    .map((file) => path.join(folder, file));
}

function write(out: string, page: string, text: string): void {
  mkdirSync(path.join(out, path.dirname(page)), { recursive: true });
  writeFileSync(path.join(out, page), text);
}
