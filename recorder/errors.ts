/** An error whose message is meant for the person at the terminal: printed without a stack. */
export class UserError extends Error {
  constructor(
    message: string,
    /** What the person can do next, one action a line. */
    readonly actions: string[] = [],
  ) {
    super(message);
    this.name = "UserError";
  }
}

/** A command that was called wrongly: nothing was looked at, and nothing was done. */
export class Misuse extends UserError {}
