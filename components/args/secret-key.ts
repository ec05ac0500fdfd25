import type { SecretKeyArgs } from "./cluster";
import type { ShapeOf } from "./shape";

/** Never shown: people who mistake the reference for the secret write the secret itself here. */
export const secretKeyShape: ShapeOf<SecretKeyArgs> = { name: { hidden: "text" }, key: { hidden: "text" } };
