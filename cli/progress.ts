/** A line at a terminal that says what is being done, and that is gone when it is done. Into a file or a pipe nothing is written. */
export class ProgressLine {
  private shown = false;

  constructor(private readonly stream: Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write">) {}

  say(text: string): void {
    if (!this.stream.isTTY) return;
    this.stream.write(`\r\u001b[K${text.slice(0, Math.max(0, (this.stream.columns || 80) - 1))}`);
    this.shown = true;
  }

  end(): void {
    if (this.shown) this.stream.write("\r\u001b[K");
    this.shown = false;
  }
}
