import fc from "fast-check";

/** Where random tests begin. The same at every run, so that a failure is the change's; another number explores further. */
export const seed = Number(process.env.FLINK_KUBERNETES_TEST_SEED ?? 20261122);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
