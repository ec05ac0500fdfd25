import * as pulumi from "@pulumi/pulumi";
import { programOf, type StackModel } from "../../../preview/support/model";

// A stack of tests/preview/support/corpus.ts. What is secret is written `{ secret: text }`.
const text = new pulumi.Config().require("model");
programOf(
  JSON.parse(text, (_key, value: { secret?: unknown } | null) =>
    typeof value?.secret === "string" && Object.keys(value).length === 1
      ? pulumi.secret(value.secret)
      : value,
  ) as StackModel,
);
