/** Resources that show what a rule is about: its tests, and the examples of its page. They stand beside the rule. */
export interface Fixtures {
  fails: readonly Fixture[];
  passes: readonly Fixture[];
}

export interface Fixture {
  /** What it shows, when that is not plain. */
  about?: string;
  /** Kubernetes manifests: one for a rule about single resources, a stack for others. */
  manifests: readonly Record<string, unknown>[];
  /** Configuration of the rule. */
  config?: Record<string, unknown>;
  /** Of a failing one: the paths at which it fails, when it is not just one or to be held exactly. */
  at?: readonly string[];
}
