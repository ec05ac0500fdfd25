/** A line with the current step on a terminal, removed at the end. Not written to files and pipes. */
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
