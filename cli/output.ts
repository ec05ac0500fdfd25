import { exitCodes } from "./exit-codes";

/** A command for {@link runToEnd}. */
export interface Running {
  run(): Promise<number>;
  /** Reports an error of `run`, and returns the exit code. */
  tell(error: unknown): number;
  /** Asks `run` to stop at a safe point. */
  stop(): void;
}

/**
 * Runs a command and ends the process with its exit code, after all output has been read. A pipe takes 64 KiB
 * at once: a process that exits immediately loses the rest, and one that never exits may hang on an open
 * connection.
 *
 * If a reader closes the pipe early (`| head`), the command stops silently, and its exit code still counts.
 * It is 141 if the command did not finish. Output that is lost for another reason, such as a full disk, is an
 * error.
 */
export async function runToEnd({ run, tell, stop }: Running): Promise<never> {
  let lost: NodeJS.ErrnoException | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (lost === undefined) stop();
    lost ??= error;
  });
  // Errors on standard error cannot be reported anywhere.
  process.stderr.on("error", () => undefined);

  const code = await run().catch((error: unknown) => {
    return lost === undefined ? tell(error) : exitCodes.readerGone;
  });
  await flushed(process.stdout);
  const full = lost !== undefined && !readerGone(lost);
  if (full) {
    console.error(
      `Standard output could not be written: ${lost!.message}. What is there is not all of it.\nMake room, or write it to another place.`,
    );
  }
  await flushed(process.stderr);
  process.exit(full ? exitCodes.failed : code);
}

function readerGone({ code }: NodeJS.ErrnoException): boolean {
  return code === "EPIPE" || code === "ECONNRESET";
}

/** Writes complete in their order, also failed ones. */
function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => void stream.write("", () => resolve()));
}
