import js from "@eslint/js";
import markdown from "@eslint/markdown";
import { defineConfig } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";
import english from "./local/lint/plain-english.mjs";

const code = ["**/*.{js,cjs,mjs,ts,mts,cts}"];

export default defineConfig(
  { ignores: ["**/node_modules/", "**/bin/", "**/target/", "tests/fixtures/", "site/"] },
  {
    files: code,
    extends: [js.configs.recommended, ...tseslint.configs.strict],
    languageOptions: { globals: globals.node },
  },
  // What the npm package is made of. An arrow may only point down: the commands know everything, and the components know none of it.
  ...mayNotImport({
    cli: ["local", "tests"],
    operations: ["cli", "preview", "policies", "local", "tests"],
    recorder: ["cli", "operations", "components", "policies", "local", "tests"],
    preview: ["cli", "operations", "recorder", "policies", "local", "tests"],
    components: ["cli", "operations", "recorder", "preview", "policies", "local", "tests"],
  }),
  {
    files: code,
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      // Components are created for their effect: `new FlinkCluster(…)` and every child resource.
      "no-new": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  {
    // Hand-written pages, and docs/changes.md, whose generator holds its sentences.
    files: ["*.md", "docs/*.md", "{agent,components,examples,policies}/**/README.md"],
    ignores: ["CHANGELOG.md", "docs/scoreboard.md"],
    plugins: { markdown, english },
    language: "markdown/gfm",
    rules: { "english/sentence": "error", "english/phrase": "error" },
  },
  {
    files: ["{cli,components,local,operations,policies,preview,recorder}/**/*.{ts,mjs}"],
    ignores: ["local/lint/**"],
    plugins: { english },
    rules: { "english/sentence": "error", "english/phrase": "error", "english/comment": "error" },
  },
);

function mayNotImport(folders) {
  return Object.entries(folders).map(([folder, others]) => ({
    files: [`${folder}/**/*.ts`],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: `^(\\.\\./)+(${others.join("|")})(/|$)` }] }],
    },
  }));
}
