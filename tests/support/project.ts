import path from "node:path";

/** The root of the repository. */
export const projectDir = path.dirname(path.dirname(__dirname));
