/** An error with a message for users, printed without a stack. */
export class UserError extends Error {
  constructor(
    message: string,
    /** Next steps for the user, one per line. */
    readonly actions: string[] = [],
  ) {
    super(message);
    this.name = "UserError";
  }
}

/** An invalid command line. The command did nothing. */
export class Misuse extends UserError {}
