import path from "node:path";
import { fixtures } from "../../policies/kubernetes/all.fixtures";
import { pack } from "../../policies/kubernetes/pack";
import { type PackPages, pagesOf, writePages } from "./pages";

/** The packs with pages, by their folder in docs/policies. */
export const packsWithPages: Readonly<Record<string, PackPages>> = {
  kubernetes: { pack, fixtures },
};

export function pagesFolder(projectDir: string, name: string): string {
  return path.join(projectDir, "docs", "policies", name);
}

export function writeAllPages(projectDir: string): void {
  for (const [name, pages] of Object.entries(packsWithPages)) {
    writePages(pagesFolder(projectDir, name), pagesOf(pages));
  }
}
