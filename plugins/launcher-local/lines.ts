import { closeSync, existsSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a file that grows: each call gives the lines that were finished since the last one.
 * @returns a function of whether nothing more comes: then an unfinished line is one, too.
 */
export function followLines(file: string): (isOver: boolean) => Generator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const bytes = new Uint8Array(CHUNK_BYTES);
  let position = 0;
  let begun = "";
  return function* (isOver) {
    if (existsSync(file)) {
      const descriptor = openSync(file, "r");
      try {
        for (let size = read(descriptor); size > 0; size = read(descriptor)) {
          position += size;
          const [first = "", ...more] = decoder.decode(bytes.subarray(0, size), { stream: true }).split("\n");
          begun += first;
          for (const next of more) {
            yield begun;
            begun = next;
          }
        }
      } finally {
        closeSync(descriptor);
      }
    }
    if (!isOver) return;
    const last = begun + decoder.decode();
    begun = "";
    if (last !== "") yield last;
  };

  function read(descriptor: number): number {
    return readSync(descriptor, bytes, 0, CHUNK_BYTES, position);
  }
}
