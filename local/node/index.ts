export { buildNode, runningNode, startNode, type LocalNode } from "./start";
export { stopNode, traces } from "./stop";
export { importImage } from "./images";
export { describeMissing, prerequisites, type MissingPrerequisite } from "./prerequisites";
export { buildOptional, kubernetesVersion, type NodePrograms } from "./build";
export { endProcess, isAlive, startBeside, type ProcessRecord } from "./processes";
export { addresses } from "./layout";
