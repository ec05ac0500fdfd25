/** What a command is given by its surroundings. */
export interface Surroundings {
  cwd: string;
  /** All of standard input. */
  input(): string;
  out(text: string): void;
  error(text: string): void;
}

/** A mistake in what a command was called with, or in a file that it was given. */
export class Misuse extends Error {}
