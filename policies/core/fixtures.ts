/** Example resources for a rule, in a file beside it. They are its tests and the examples of its page. */
export interface Fixtures {
  fails: readonly Fixture[];
  passes: readonly Fixture[];
}

export interface Fixture {
  /** An explanation, if necessary. */
  about?: string;
  /** Kubernetes manifests: one for a resource rule, a stack for a stack rule. */
  manifests: readonly Record<string, unknown>[];
  /** Configuration of the rule. */
  config?: Record<string, unknown>;
  /** The paths of the violations, if there are several or the test should compare them. */
  at?: readonly string[];
}
