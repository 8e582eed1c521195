import { atOption, type Finding, type Place } from "../diagnostics/finding.ts";
import { callDiagnostics } from "../spec/diagnostics.ts";
import type { CapturedLength, LayoutCall, LayoutInput, LayoutModel } from "./input.ts";

/**
 * Sequences must not get longer than what an engine captures its graphs for: it would fall back to running without them, or stop.
 * @param apart engine that has GPUs of its own; `null` if none has.
 */
export function capturedFindings({ calls, models }: LayoutInput, apart: string | null): readonly Finding[] {
  return calls.flatMap((call) => {
    const { tokens } = call;
    const model = Object.hasOwn(models, call.role) ? models[call.role] : undefined;
    if (tokens === null || model === undefined) return [];
    const captured = capturedBy(call, model, apart);
    const total = tokens.prompt + tokens.generated;
    if (captured === null || total <= captured.limit) return [];
    const { engine, limit } = captured;
    const facts = { call: call.name, prompt: tokens.prompt, generated: tokens.generated, total, engine, limit };
    const option = (field: string) => (model.option === null ? field : `${model.option}.${field}`);
    const always = tokens.engine !== null;
    const most = limit - tokens.prompt;
    const lower = most >= 1 ? `generate at most ${most}` : "take shorter prompts";
    const related = [
      ...(tokens.promptPlace === null
        ? []
        : [{ at: tokens.promptPlace, message: `prompts of ${tokens.prompt} tokens`, gives: ["prompt"] }]),
      {
        at: atOption(option(captured.limitOption)),
        message: `graphs are captured for ${limit} tokens`,
        gives: ["limit"],
      },
    ];
    const help = `${lower}, or raise \`${option(captured.limitOption)}\`${always ? "" : `, or set \`${option(captured.eagerOption)}\``}`;
    const place: Place = tokens.option === null ? { kind: "class" } : atOption(tokens.option);
    return [callDiagnostics["capture-length"](facts, { at: place, gives: ["generated"], related, help })];
  });
}

/** What bounds a call's sequences: graphs of an engine that has GPUs of its own or is to share those that train, or of one that the call names. */
function capturedBy({ kind, tokens }: LayoutCall, model: LayoutModel, apart: string | null): CapturedLength | null {
  const named = tokens?.engine ?? null;
  if (named !== null) return model.captured.find(({ engine }) => engine === named) ?? null;
  if (kind !== "generate") return null;
  const isOn = (type: string) => type === apart || model.hybrid.some((hybrid) => hybrid.type === type);
  return model.captured.find(({ engine, isEager }) => isOn(engine) && !isEager) ?? null;
}
