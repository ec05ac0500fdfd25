import { exitCodes } from "./exit-codes";

/** What a command is to {@link runToEnd}. */
export interface Running {
  run(): Promise<number>;
  /** Tells what `run` threw, and gives the exit code. */
  tell(error: unknown): number;
  /** Asks `run` to stop where it is safe. */
  stop(): void;
}

/**
 * Runs a command and ends the process with its exit code, when all that it printed has been read. A pipe takes 64 KiB at once: a process that
 * just exits loses the rest, and one that never calls exit may hang on an open connection.
 *
 * A reader that closes its end early (`| head`) has seen enough. The command is stopped without a word, and its exit code still counts; it is
 * 141 when the command did not come to its end. Output that is lost for another reason (a full disk) is an error.
 */
export async function runToEnd({ run, tell, stop }: Running): Promise<never> {
  let lost: NodeJS.ErrnoException | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (lost === undefined) stop();
    lost ??= error;
  });
  // What cannot be said there cannot be said anywhere.
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

/** Writes are called back in their order, also those that failed. */
function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => void stream.write("", () => resolve()));
}
