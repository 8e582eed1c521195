import { Session } from "node:inspector";
import { afterAll, expect, it } from "vitest";
import { temporaryProject } from "../compiled-build.ts";
import { tuning } from "./experiments.ts";
import { compiledPool, jobOf, prepare } from "./pool.ts";

const EXPERIMENTS = 20;
const project = temporaryProject(
  Object.fromEntries(
    Array.from({ length: EXPERIMENTS }, (_, index) => [`experiments/e${index}.ts`, tuning(`e${index}`)]),
  ),
);
afterAll(() => project.remove());

/** Contexts go in several steps, each after a collection of its own: the heap is what is left when they are through. */
const COLLECTIONS = 6;

/** Heap of the only worker there is, after collections. */
function heapOf(session: Session): () => Promise<number> {
  let thread = "";
  let nextId = 1;
  const waiting = new Map<number, (message: { readonly result: { readonly usedSize?: number } }) => void>();
  session.on("NodeWorker.attachedToWorker", ({ params }) => {
    thread = params.sessionId;
  });
  session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
    const message = JSON.parse(params.message) as {
      readonly id: number;
      readonly result: { readonly usedSize?: number };
    };
    waiting.get(message.id)?.(message);
  });
  session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  const ask = (method: string) =>
    new Promise<{ readonly result: { readonly usedSize?: number } }>((resolve) => {
      const id = nextId++;
      waiting.set(id, resolve);
      session.post("NodeWorker.sendMessageToWorker", { sessionId: thread, message: JSON.stringify({ id, method }) });
    });
  return async () => {
    let least = Infinity;
    for (let collection = 0; collection < COLLECTIONS; collection += 1) {
      await ask("HeapProfiler.collectGarbage");
      least = Math.min(least, ((await ask("Runtime.getHeapUsage")).result.usedSize ?? 0) / 1024 / 1024);
    }
    return least;
  };
}

it("of a worker is the same after 500 experiments as after 100", async () => {
  const pool = await compiledPool(project.root);
  const session = new Session();
  session.connect();
  try {
    const heapMiB = heapOf(session);
    await prepare(pool, project.root);
    const run = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        const outcome = await pool.evaluate(jobOf(`e${index % EXPERIMENTS}`));
        expect(outcome.builds[0]?.parts?.hashes.authored).toHaveLength(64);
      }
    };
    await run(100);
    const before = await heapMiB();
    await run(400);
    expect((await heapMiB()) - before).toBeLessThan(6);
  } finally {
    session.disconnect();
    await pool.close();
  }
});
