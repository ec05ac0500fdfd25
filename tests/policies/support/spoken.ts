/** What `describe` and its like are for a file of tests that runs in the midst of others. */
export class Spoken {
  private readonly tests: (() => Promise<void>)[] = [];
  private hooks: { before: (() => unknown)[]; after: (() => unknown)[] } = { before: [], after: [] };

  readonly names = {
    describe: (_name: string, body: () => void) => {
      const outer = this.hooks;
      this.hooks = { before: [...outer.before], after: [...outer.after] };
      body.call(this.context);
      this.hooks = outer;
    },
    it: (_name: string, body: () => unknown) => {
      const { hooks } = this;
      this.tests.push(async () => {
        for (const hook of hooks.before) await hook.call(this.context);
        try {
          await body.call(this.context);
        } finally {
          for (const hook of hooks.after) await hook.call(this.context);
        }
      });
    },
    beforeEach: (hook: () => unknown) => void this.hooks.before.push(hook),
    afterEach: (hook: () => unknown) => void this.hooks.after.push(hook),
  };

  private readonly context = { timeout: () => undefined };

  /** @throws what the first test that fails throws. */
  async run(): Promise<void> {
    for (const test of this.tests) await test();
  }
}
