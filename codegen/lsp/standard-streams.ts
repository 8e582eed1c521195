import { Writable } from "node:stream";

/** The streams that the protocol runs over. */
export interface ProtocolStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Keeps stdout for the protocol: whatever else is written there, by whomever in this process, is told to `log`, as a byte of it
 * would break the connection.
 */
export function protocolStreams(log: (text: string) => void): ProtocolStreams {
  const { stdin, stdout } = process;
  const write = stdout.write.bind(stdout);
  const output = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => void write(chunk, (error) => done(error ?? null)),
  });
  // A client that has gone reads no more.
  stdout.on("error", () => process.exit(1));
  stdout.write = ((chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
    log(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    const done = rest.at(-1);
    if (typeof done === "function") process.nextTick(done as () => void);
    return true;
  }) as typeof stdout.write;
  return { input: stdin, output };
}
