// The SDK keeps a stack trace of every promise, to show it if the promise never ends. To look up its source positions took more than
// half of the unit tests' time, so that is done when it is shown.
const prepare = Error.prepareStackTrace!;

Error.prepareStackTrace = (error, frames): unknown =>
  frames[0]?.getFunctionName() === "debuggablePromise"
    ? { toString: () => String(prepare(error, frames)) }
    : prepare(error, frames);
