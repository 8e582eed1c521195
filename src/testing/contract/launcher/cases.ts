import type { LauncherDefinition } from "../../../plugin/definition.ts";
import type { ContractCase } from "../case.ts";
import type { Subject } from "../subject.ts";
export interface LauncherSetup {
  readonly module: string | URL;
}
export function launcherCases(_s: Subject<LauncherDefinition>, _i: LauncherSetup): readonly ContractCase[] {
  return [];
}
