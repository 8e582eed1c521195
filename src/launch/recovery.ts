/**
 * What becomes of a run whose workers failed:
 * - `disabled`: it ends, and no checkpoint for recovery is written;
 * - `fault`: it starts anew, as long as there are retries;
 * - `auto`: the same, and it begins from the checkpoint of an earlier run, if there is one;
 * - `resume`: it begins from the checkpoint of an earlier run, and ends when workers fail.
 */
export type RecoverMode = "auto" | "fault" | "resume" | "disabled";

export const RECOVER_MODES: readonly RecoverMode[] = ["auto", "fault", "resume", "disabled"];

/** How a run recovers. */
export interface RecoverySettings {
  readonly mode: RecoverMode;
  /** Further attempts after the first one. */
  readonly retries: number;
  /** Time between the end of an attempt and the next one. */
  readonly delaySeconds: number;
}

/** True if workers of an attempt are told to go on from a checkpoint. @param round 0 for the first attempt of this command. */
export function beginsFromCheckpoint({ mode }: RecoverySettings, round: number, hasCheckpoint: boolean): boolean {
  if (mode === "resume") return true;
  return round > 0 || (mode === "auto" && hasCheckpoint);
}

/** True if workers write checkpoints for recovery. */
export function savesCheckpoints({ mode }: RecoverySettings): boolean {
  return mode !== "disabled";
}

/** True if another attempt follows one that failed. @param round number of the attempt that failed, from 0. */
export function triesAgain({ mode, retries }: RecoverySettings, round: number): boolean {
  return (mode === "auto" || mode === "fault") && round < retries;
}
