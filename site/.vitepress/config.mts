import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type DefaultTheme, defineConfig } from "vitepress";

// Written by local/commands/docs.ts: the Markdown of this repository, as it stands there.
const pages = path.join(path.dirname(fileURLToPath(import.meta.url)), "../pages");

/** The groups of docs/README.md, such as `**Begin:** [first cluster](first-cluster.md) · …`, are those of the site. */
function sidebar(): DefaultTheme.SidebarItem[] {
  const text = readFileSync(path.join(pages, "docs/README.md"), "utf8");
  const groups = text.split("\n\n").flatMap((paragraph) => [...paragraph.matchAll(/^\*\*(.+):\*\*([^]*)/g)]);
  return groups.map(([, name, list]) => ({
    text: name!,
    items: [...list!.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, text, link]) => ({
      text: text!.replace(/^[a-z]/, (first) => first.toUpperCase()),
      link: `/${path.posix.join("docs", link!).replace(/(README)?\.md$/, "")}`,
    })),
  }));
}

export default defineConfig({
  title: "flink-kubernetes",
  description: "Apache Flink on any Kubernetes, as Pulumi components",
  srcDir: pages,
  outDir: path.join(pages, "../dist"),
  cacheDir: path.join(pages, "../.cache"),
  rewrites: { "README.md": "index.md", ":folder(.*)/README.md": ":folder/index.md" },
  // What is built must be the same wherever it lies.
  cleanUrls: false,
  lastUpdated: false,
  markdown: {
    // The pages are plain Markdown: `<name>` in them is a text, no tag of a component.
    html: false,
    config(md) {
      // Vue takes a line break between two tags for nothing.
      md.renderer.rules.softbreak = () => " ";
    },
  },
  // The page of all types is as large as it is.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    nav: [
      { text: "First cluster", link: "/docs/first-cluster" },
      { text: "Reference", link: "/docs/reference/flink-cluster" },
      { text: "Changelog", link: "/CHANGELOG" },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: "local" },
  },
});
