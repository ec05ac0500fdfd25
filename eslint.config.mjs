import js from "@eslint/js";
import globals from "globals";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/node_modules/", "**/bin/", "**/target/", "tests/fixtures/", "site/"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  { languageOptions: { globals: globals.node } },
  // What the npm package is made of. An arrow may only point down: the commands know everything, and the components know none of it.
  ...mayNotImport({
    cli: ["local", "tests"],
    operations: ["cli", "preview", "policies", "local", "tests"],
    recorder: ["cli", "operations", "components", "policies", "local", "tests"],
    preview: ["cli", "operations", "recorder", "policies", "local", "tests"],
    components: ["cli", "operations", "recorder", "preview", "policies", "local", "tests"],
  }),
  {
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      // Components are created for their effect: `new FlinkCluster(…)` and every child resource.
      "no-new": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
);

function mayNotImport(folders) {
  return Object.entries(folders).map(([folder, others]) => ({
    files: [`${folder}/**`],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: `^(\\.\\./)+(${others.join("|")})(/|$)` }] }],
    },
  }));
}
