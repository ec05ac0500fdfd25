/** How every command ends. */
export const exitCodes = {
  /** It has done what it was asked for, and nothing stands against it. */
  done: 0,
  /** The stack was looked at, and something is refused: by its own checks or a mandatory policy; or a folder is not up to date. */
  refused: 1,
  /** It could not do its work: it was called wrongly, a file is not there, a cluster does not answer. */
  failed: 2,
  /** Somebody pressed Ctrl-C. */
  interrupted: 130,
  /** Whoever read its output has gone, as a shell shows it: 128 + SIGPIPE. */
  readerGone: 141,
} as const;
