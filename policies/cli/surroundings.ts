/** The environment of a command. */
export interface Surroundings {
  cwd: string;
  /** All of standard input. */
  input(): string;
  out(text: string): void;
  error(text: string): void;
}

/** An error in the command line, or in a given file. */
export class Misuse extends Error {}
