import type { SecretKeyArgs } from "./cluster";
import type { ShapeOf } from "./shape";

/** The name of a Secret and of an entry of it. Who takes a reference for a place for the secret itself writes that here. */
export const secretKeyShape: ShapeOf<SecretKeyArgs> = { name: { hidden: "text" }, key: { hidden: "text" } };
