import { Session } from "node:inspector";
import type { CallSite } from "../../src/origin/call-site.ts";

const PATIENCE_MS = 2000;

interface Frame {
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

/** What a thread's inspector tells: answers by their number, and events. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly scriptId?: string; readonly url?: string; readonly callFrames?: readonly Frame[] };
  readonly result?: { readonly usedSize?: number };
}

/**
 * Looks into a worker thread from outside, whatever it is doing: an endless loop answers, too. Whoever opens one closes it, as
 * it holds an inspector session.
 */
export class ThreadProbe {
  readonly #session = new Session();
  readonly #attached: Promise<string>;
  /** Frames of contexts carry no address: that of their script counts. */
  readonly #urls = new Map<string, string>();
  readonly #answers = new Map<number, (message: Message) => void>();
  #paused: (frames: readonly Frame[]) => void = () => undefined;
  /** Session of the thread, once it was asked to stop. */
  #pausedIn: string | null = null;
  #nextId = 1;
  #isClosed = false;

  constructor(threadId: number) {
    this.#session.connect();
    this.#attached = new Promise((resolve) => {
      this.#session.on("NodeWorker.attachedToWorker", ({ params: { sessionId, workerInfo } }) => {
        // The id counts the workers of this session; the number of the thread stands in the title.
        if (/worker (\d+)/i.exec(workerInfo.title)?.[1] === String(threadId)) resolve(sessionId);
      });
    });
    this.#session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => this.#receive(params.message));
    this.#session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  }

  /** V8 heap that is needed: what is left of it after a collection; `null` if the thread does not answer. */
  async liveMiB(): Promise<number | null> {
    return (await this.#ask("HeapProfiler.collectGarbage")) === null ? null : this.heapMiB();
  }

  /** V8 heap in use; `null` if the thread does not answer. */
  async heapMiB(): Promise<number | null> {
    const answer = await this.#ask("Runtime.getHeapUsage");
    const used = answer?.result?.usedSize;
    return used === undefined ? null : used / 1024 / 1024;
  }

  /** Stops the thread and tells where it is: frames in running code, nearest first; none if it does not answer. */
  async frames(): Promise<readonly CallSite[]> {
    const paused = new Promise<readonly Frame[]>((resolve) => {
      this.#paused = resolve;
    });
    void this.#ask("Debugger.enable");
    void this.#ask("Debugger.pause");
    const frames = (await patiently(paused)) ?? [];
    return frames.flatMap(({ location: { scriptId, lineNumber, columnNumber } }) => {
      const file = this.#urls.get(scriptId) ?? "";
      const isOwn = file !== "" && !/^(?:file:|node:|\/)/.test(file);
      return isOwn ? [{ file, line: lineNumber + 1, column: columnNumber + 1 }] : [];
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A thread that waits in its debugger could not be ended; one that has not got there yet must not do so later.
    if (this.#pausedIn !== null) {
      this.#post(this.#pausedIn, "Debugger.resume");
      this.#post(this.#pausedIn, "Debugger.disable");
    }
    this.#session.disconnect();
  }

  async #ask(method: string): Promise<Message | null> {
    const sessionId = await patiently(this.#attached);
    if (sessionId === null || this.#isClosed) return null;
    if (method === "Debugger.pause") this.#pausedIn = sessionId;
    const id = this.#post(sessionId, method);
    return patiently(new Promise<Message>((resolve) => this.#answers.set(id, resolve)));
  }

  #post(sessionId: string, method: string): number {
    const id = this.#nextId++;
    this.#session.post("NodeWorker.sendMessageToWorker", { sessionId, message: JSON.stringify({ id, method }) });
    return id;
  }

  #receive(text: string): void {
    const { id, method, params, ...rest } = JSON.parse(text) as Message;
    if (id !== undefined) {
      this.#answers.get(id)?.(rest);
      this.#answers.delete(id);
    } else if (method === "Debugger.scriptParsed") {
      this.#urls.set(params?.scriptId ?? "", params?.url ?? "");
    } else if (method === "Debugger.paused") {
      this.#paused(params?.callFrames ?? []);
    }
  }
}

/** What is promised, or `null` if it takes too long. */
async function patiently<T>(promised: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
    timer.unref();
  });
  try {
    return await Promise.race([promised, late]);
  } finally {
    clearTimeout(timer);
  }
}
