// Makes one large configuration in a process of its own, and prints its times and the process's peak memory.
import { resolve } from "assay";
import { Random } from "../corpus/random.ts";
import { largeAuthored, largeFacts, shuffledAuthored } from "../large.ts";
import { spreadOf, timed } from "../measure.ts";

/** What is printed. */
export interface Answer {
  readonly makeMs: number;
  readonly resolveMs: number;
  readonly peakKiB: number;
}

const [layout = "decoupled", gpus = "64"] = process.argv.slice(2);
const start = performance.now();
const authored =
  layout === "shuffled" ? shuffledAuthored(Number(gpus), new Random(1)) : largeAuthored(Number(gpus), "decoupled");
const makeMs = performance.now() - start;
const facts = largeFacts();
for (let call = 0; call < 20; call += 1) resolve({ authored }, facts);
const times = Array.from({ length: 9 }, () => timed(() => resolve({ authored }, facts)));
const answer: Answer = { makeMs, resolveMs: spreadOf(times).median, peakKiB: process.resourceUsage().maxRSS };
console.log(JSON.stringify(answer));
