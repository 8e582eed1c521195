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

/**
 * Where a worker thread is running right now: its frames, nearest first, in running code. Works in the middle of an endless
 * loop; empty if the thread does not answer.
 */
export async function framesOfThread(threadId: number): Promise<readonly CallSite[]> {
  const session = new Session();
  session.connect();
  try {
    return await new Promise<readonly CallSite[]>((resolve) => {
      const timer = setTimeout(() => resolve([]), PATIENCE_MS);
      session.on("NodeWorker.attachedToWorker", ({ params }) => {
        // The id counts the workers of this session; the number of the thread stands in the title.
        if (/worker (\d+)/i.exec(params.workerInfo.title)?.[1] !== String(threadId)) return;
        for (const [id, method] of ["Debugger.enable", "Debugger.pause"].entries()) {
          const message = JSON.stringify({ id: id + 1, method });
          session.post("NodeWorker.sendMessageToWorker", { sessionId: params.sessionId, message });
        }
      });
      // Frames of contexts carry no address: that of their script counts.
      const urls = new Map<string, string>();
      session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
        if (params.message.startsWith('{"method":"Debugger.scriptParsed"')) {
          const script = (JSON.parse(params.message) as { readonly params: { scriptId: string; url: string } }).params;
          urls.set(script.scriptId, script.url);
        }
        if (!params.message.startsWith('{"method":"Debugger.paused"')) return;
        clearTimeout(timer);
        const { callFrames } = (
          JSON.parse(params.message) as { readonly params: { readonly callFrames: readonly Frame[] } }
        ).params;
        resolve(
          callFrames.flatMap(({ location: { scriptId, lineNumber, columnNumber } }) => {
            const file = urls.get(scriptId) ?? "";
            const isOwn = file !== "" && !/^(?:file:|node:|\/)/.test(file);
            return isOwn ? [{ file, line: lineNumber + 1, column: columnNumber + 1 }] : [];
          }),
        );
      });
      session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
    });
  } finally {
    session.disconnect();
  }
}
