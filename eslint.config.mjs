import js from "@eslint/js";
import globals from "globals";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/node_modules/", "**/bin/", "**/target/", "tests/fixtures/", "site/"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  { languageOptions: { globals: globals.node } },
  {
    // Recording a program needs no engine, no cluster and no command.
    files: ["local/record/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^\\.\\./(?!json|yaml|kubernetes|errors|\\.\\./preview/)" }] },
      ],
    },
  },
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
