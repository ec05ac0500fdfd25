/** Exit codes of all commands. */
export const exitCodes = {
  /** Success, without findings that count. */
  done: 0,
  /** Refused: by the stack's own checks or a mandatory policy; or a folder is not up to date. */
  refused: 1,
  /** An error: the command line is invalid, a file is missing, a cluster does not answer. */
  failed: 2,
  /** Somebody pressed Ctrl-C. */
  interrupted: 130,
  /** The reader of its output has gone: 128 + SIGPIPE, as in a shell. */
  readerGone: 141,
} as const;
