import { readFileSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import ts from "typescript";
import { projectDir } from "../../support/project";
import type { Mutant } from "./gate";

/** Loaded before tests: puts the error of the environment variable MUTANT into the file that it is for. */
const mutant = JSON.parse(process.env.MUTANT!) as Mutant;
const changed = path.join(projectDir, "policies", mutant.file);

type Loader = (module: Module, file: string) => void;
const loaders = (Module as unknown as { _extensions: Record<string, Loader> })._extensions;
const before = loaders[".ts"]!;

loaders[".ts"] = (module, file) => {
  if (file !== changed) return before(module, file);
  const source = readFileSync(file, "utf8");
  const code = source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end);
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
  };
  const { outputText } = ts.transpileModule(code, { compilerOptions });
  (module as unknown as { _compile(code: string, file: string): void })._compile(outputText, file);
};
